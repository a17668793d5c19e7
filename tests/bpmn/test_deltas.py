"""A large state is told by what differs from an earlier one, and loads as if it were written whole."""

import random
from typing import Any

import pytest

from engine import feel
from engine.bpmn import Definition, Instance, InvalidState, apart, deltas, together, write_whole
from engine.bpmn.codec import FORMAT
from engine.bpmn.deltas import DELTA, WORTH_IT, decode, encode
from tests.bpmn import test_old_states
from tests.bpmn.diagrams import (
    boundary,
    chain,
    end,
    event,
    flow,
    gateway,
    message,
    multi,
    process,
    start,
    user,
)  # fmt: skip
from tests.bpmn.walk import RUNTIME

DIAGRAM = process(start(), user("a"), gateway("exclusive", "again", default="again-end"), end(),
                  chain("start", "a", "again", "end"), flow("again", "a", "=rounds > 0"))  # fmt: skip
DEFINITION = Definition.compile({"p.bpmn": DIAGRAM})
FACTS = 200


def facts(number: int = FACTS, seed: int = 0) -> dict[str, Any]:
    """As many facts, which compression makes little smaller."""
    chance = random.Random(seed)  # noqa: S311 - test data
    return {f"fact_{index}": f"{chance.getrandbits(240):060x}" for index in range(number)}


def begin(number: int = FACTS) -> bytes:
    return Instance.start(DEFINITION, "p", {"rounds": 1, **facts(number)}, RUNTIME)[0].dump()


def step(state: bytes, **changed: Any) -> bytes:
    """Load, complete the open task, dump."""
    instance = Instance.load(DEFINITION, state)
    (wait,) = instance.waits()
    instance.complete_task(wait.id, changed, RUNTIME)
    return instance.dump()


def variables(state: bytes) -> dict[str, Any]:
    return {name: feel.to_plain(value) for name, value in Instance.load(DEFINITION, state).variables().items()}


def test_a_step_changes_only_what_differs() -> None:
    first, base = apart(begin())
    assert base is not None
    assert len(base) > WORTH_IT
    state = together(first, base)
    for number in range(10):
        state = step(state, **facts(3, seed=number + 1))
        body, kept = apart(state)
        assert kept == base
        assert len(body) < 400
        assert together(body, kept) == state
    assert variables(state) == {"rounds": 1, **facts(), **facts(3, seed=10)}


def test_the_base_is_a_state_of_its_own() -> None:
    body, base = apart(step(begin(), fact_0="other"))
    assert base is not None
    assert base[:1] == FORMAT
    assert variables(base)["fact_0"] == facts()["fact_0"]
    assert body[:1] == DELTA


def test_a_small_state_is_written_whole() -> None:
    state = begin(10)
    assert state[:1] == FORMAT
    assert apart(state) == (state, None)
    assert together(state, None) == state


def test_when_much_has_changed_there_is_a_new_base() -> None:
    before = begin()
    after = step(before, **facts(FACTS // 3, seed=1))
    body, base = apart(after)
    assert base not in (None, apart(before)[1])
    assert len(body) < 100
    assert variables(after) == {"rounds": 1, **facts(), **facts(FACTS // 3, seed=1)}
    assert apart(step(after))[1] == base


def test_what_is_written_follows_what_changes() -> None:
    """Over many steps that change everything bit by bit, a third of what writing all of it at each step takes."""
    state, base, written, known = begin(), None, 0, {"rounds": 1, **facts()}
    for number in range(60):
        fresh = {f"fact_{(4 * number + index) % FACTS}": value for index, value in enumerate(facts(4, number).values())}
        state, known = step(state, **fresh), known | fresh
        body, now = apart(state)
        written += len(body) + (len(now or b"") if now != base else 0)
        base = now
        assert variables(state) == known
    assert written < 60 * len(base or b"") / 3


def test_what_became_small_is_written_whole_again() -> None:
    diagram = process(start(), user("many", body=multi("=list")), boundary("stop", "many", event("message",
                      messageRef="msg")), user("after"), end(), chain("start", "many", "end"),
                      chain("stop", "after", "end"), roots=message("msg", key="=case_no"))  # fmt: skip
    definition = Definition.compile({"p.bpmn": diagram})
    given = {"case_no": "K1", "list": list(range(600))}
    instance, advance = Instance.start(definition, "p", given, RUNTIME)
    instance = Instance.load(definition, instance.dump())
    assert instance.dump()[:1] == DELTA
    stop = next(wait.id for wait in advance.opened if wait.element_id == "stop")
    instance.deliver(stop, {}, RUNTIME)
    assert instance.dump()[:1] == FORMAT
    assert Instance.load(definition, instance.dump()).active_elements() == ["after"]


def test_one_of_many_instances_writes_little() -> None:
    definition = Definition.compile({"p.bpmn": process(start(), user("many", body=multi("=list")), end(),
                                                       chain("start", "many", "end"))})  # fmt: skip
    instance, advance = Instance.start(definition, "p", {"list": list(range(600))}, RUNTIME)
    state = instance.dump()
    base = apart(state)[1]
    for wait in advance.opened[:40:5]:
        instance = Instance.load(definition, state)
        instance.complete_task(wait.id, {}, RUNTIME)
        state = instance.dump()
        body, kept = apart(state)
        assert kept == base
        assert len(body) * 4 < len(base or b"")
    assert len(Instance.load(definition, state).waits()) == 592


def test_for_processes_that_know_no_other_it_is_written_whole() -> None:
    before = step(begin(), fact_0="other")
    write_whole(True)
    try:
        state = step(before)
        assert (state[:1], step(state)[:1]) == (FORMAT, FORMAT)
    finally:
        write_whole(False)
    assert variables(state) == variables(before)
    assert step(state)[:1] == DELTA


def test_a_base_of_an_old_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deltas, "WORTH_IT", 0)
    path = next(path for path in test_old_states.SAMPLES if path.parent.name == "1")
    former = decode(path.read_bytes())
    state, _ = encode(former.format, former.main, former.chunks, None)
    definition = Definition.compile({file.name: file.read_bytes() for file in path.parent.glob("*.bpmn")})
    instance = Instance.load(definition, state)
    assert sorted(wait.id for wait in instance.waits()) == sorted(
        wait.id for wait in Instance.load(definition, path.read_bytes()).waits()
    )
    base = apart(instance.dump())[1]
    assert base is not None
    assert base[:1] == FORMAT


def test_a_base_that_is_missing_cut_off_or_another_ones_is_refused() -> None:
    body, base = apart(step(begin(), fact_0="other"))
    other = apart(begin(FACTS + 1))[1]
    assert base is not None
    for wrong in (None, b"", base[:-20], base[:1], b"\0" + base[1:], other, together(body, base)):
        with pytest.raises(InvalidState):
            Instance.load(DEFINITION, together(body, wrong))
