"""Long chains, long loops, wide splits, many instances: no limit, no growth, no endless run."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any

import pytest

from engine.bpmn import Definition, Instance
from tests.bpmn.cases import CALLED
from tests.bpmn.diagrams import (
    catch,
    chain,
    definitions,
    element,
    end,
    flow,
    gateway,
    multi,
    process,
    script,
    start,
    sub,
    timer,
    user,
    z,
)  # fmt: skip
from tests.bpmn.walk import PATIENT, RUNTIME, Walk, begin

pytestmark = pytest.mark.usefixtures("lean_memory")


def run(diagram: bytes, variables: dict[str, Any] | None = None) -> tuple[Instance, Any]:
    return Instance.start(Definition.compile({"p.bpmn": diagram}), "p", variables or {}, PATIENT)


def test_a_chain_of_5000_elements() -> None:
    ids = [f"t{number}" for number in range(5_000)]
    parts = [element("task", id_) for id_ in ids]
    _, advance = run(process(start(), *parts, end(), chain("start", *ids, "end")))
    assert advance.ended == "completed"
    assert len([step for step in advance.steps if step.kind == "entered"]) == 5_002


def test_a_chain_costs_by_its_length() -> None:
    def chain_of(number: int) -> float:
        ids = [f"t{index}" for index in range(number)]
        diagram = process(start(), *(element("task", id_) for id_ in ids), end(), chain("start", *ids, "end"))
        Definition._cache.clear()
        begun = time.process_time()
        run(diagram)
        return time.process_time() - begun

    assert any(chain_of(5_000) <= 20 * best_of(3, lambda: chain_of(500)) for _ in range(4))


def splits(number: int, *, joined: bool) -> bytes:
    parts, last = [start()], "start"
    for index in range(number):
        fork, join, left, right = (f"{kind}{index}" for kind in "fjlr")
        parts += [gateway("parallel", fork), element("task", left), element("task", right),
                  chain(last, fork, left), flow(fork, right)]  # fmt: skip
        if joined:
            parts += [gateway("parallel", join), chain(left, join), chain(right, join)]
        last = join if joined else left
    return process(*parts, end(), chain(last, "end"))


@pytest.mark.parametrize("joined", [True, False])
def test_forty_consecutive_parallel_splits(joined: bool) -> None:
    _, advance = run(splits(40, joined=joined))
    assert advance.ended == "completed"
    assert len(advance.steps) < 40 * 20


def test_splits_that_are_never_joined_double_only_what_the_diagram_says() -> None:
    parts = [start(), gateway("exclusive", "m"), gateway("parallel", "f"), user("a"), chain("start", "m", "f", "a")]
    instance, advance = run(process(*parts, user("b"), chain("f", "b")))
    assert [wait.element_id for wait in advance.opened] == ["a", "b"]
    assert len(instance.dump()) < 300


def monthly() -> bytes:
    month = catch("month", timer("P1M"))
    return process(start(), user("visit"), gateway("exclusive", "g", default="again"), month, end(),
                   chain("start", "visit", "g"), flow("g", "end", "=stop"), flow("g", "month", id="again"),
                   chain("month", "visit"))  # fmt: skip


def month(walk: Walk) -> tuple[float, int]:
    """One round, loaded and stored between its steps: processor seconds, and the size of the state after it."""
    begun = time.process_time()
    walk.instance = Instance.load(walk.definition, walk.instance.dump())
    walk.do("visit")
    walk.runtime = RUNTIME  # the month is due again from the same day: years do not run out
    walk.do("month")
    size = len(walk.instance.dump())
    walk.advances.clear()
    walk.trace.clear()
    return time.process_time() - begun, size


def test_a_monthly_loop_of_2000_rounds_costs_and_holds_no_more() -> None:
    old, young = (begin(monthly(), {"stop": False, "facts": ["x" * 20] * 50}) for _ in range(2))
    sizes = [month(old)[1] for _ in range(2_000)]
    assert max(sizes[1_990:]) <= 1.05 * sizes[10]
    rounds = [(month(old)[0], month(young)[0]) for _ in range(300)]  # in turns: whatever else the machine does
    assert median(cost for cost, _ in rounds) <= 1.25 * median(cost for _, cost in rounds)
    assert old.do("visit", stop=True).ended == "completed"


def automatic_loop(rounds: int) -> bytes:
    return process(start(), gateway("exclusive", "m"), script("s", "n", "=n + 1"),
                   gateway("exclusive", "g", default="out"), end(), chain("start", "m", "s", "g"),
                   flow("g", "m", f"=n < {rounds}"), flow("g", "end", id="out"))  # fmt: skip


def test_an_automatic_loop_goes_on_in_portions() -> None:
    definition = Definition.compile({"p.bpmn": automatic_loop(2_000)})
    instance, advance = Instance.start(definition, "p", {"n": 0}, replace(RUNTIME, max_seconds=1e9))
    portions = 1
    while advance.unfinished:
        assert len(advance.steps) <= 4_000
        instance = Instance.load(definition, instance.dump())
        assert instance.unfinished
        advance = instance.proceed(replace(RUNTIME, max_seconds=1e9))
        portions += 1
    assert portions == 7
    assert advance.ended == "completed"
    assert instance.variables()["n"] == 2_000


def test_the_budget_of_time_ends_a_portion() -> None:
    definition = Definition.compile({"p.bpmn": automatic_loop(2_000)})
    _, advance = Instance.start(definition, "p", {"n": 0}, replace(RUNTIME, max_steps=10**9, max_seconds=0.0))
    assert advance.unfinished


def test_a_loop_without_end_is_an_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.bpmn.workflow.MAX_STEPS_WITHOUT_WAIT", 2_000)
    definition = Definition.compile({"p.bpmn": automatic_loop(10**9)})
    instance, advance = Instance.start(definition, "p", {"n": 0}, RUNTIME)
    while advance.unfinished:
        instance = Instance.load(definition, instance.dump())
        advance = instance.proceed(RUNTIME)
    assert [incident.code for incident in advance.incidents] == ["endless_loop"]
    assert instance.retry(advance.incidents[0].wait_id or "", RUNTIME).unfinished


SIDE, ONE = (multi("=list", output="out", result="=answer", sequential=sequential) for sequential in (False, True))
CALLS = definitions(
    '<bpmn:process id="p">', start(), element("callActivity", "c", SIDE, z("calledElement", processId="q")), end(),
    chain("start", "c", "end"), "</bpmn:process>",
).partition(b">")[2]  # fmt: skip
MANY = {
    "side by side": process(start(), user("u", body=SIDE), end(), chain("start", "u", "end")),
    "one by one": process(start(), user("u", body=ONE), end(), chain("start", "u", "end")),
    "subprocesses": process(start(), sub("p1", start("s1"), user("u"), end("e1"), chain("s1", "u", "e1"), loop=SIDE),
                            end(), chain("start", "p1", "end")),
    "calls": CALLED["q.bpmn"].replace(b"</bpmn:definitions>", CALLS),
}  # fmt: skip


def many(diagram: bytes, number: int, *, reload: bool) -> float:
    """Processor seconds to start and complete so many instances."""
    begun = time.process_time()
    instance, advance = run(diagram, {"list": list(range(number))})
    todo = deque(wait.id for wait in advance.opened)
    while todo:
        if reload:
            instance = Instance.load(instance.definition, instance.dump())
        advance = instance.complete_task(todo.popleft(), {"answer": len(todo)}, PATIENT)
        todo.extend(wait.id for wait in advance.opened)
    assert advance.ended == "completed"
    assert len(instance.variables()["out"]) == number
    return time.process_time() - begun


@pytest.mark.parametrize("reload", [False, True], ids=["straight", "reloaded"])
@pytest.mark.parametrize("kind", MANY)
def test_a_thousand_instances_cost_at_most_twenty_times_a_hundred(kind: str, reload: bool) -> None:
    rounds = (best_of(3, lambda: many(MANY[kind], 100, reload=reload)) for _ in range(4))
    assert any(many(MANY[kind], 1_000, reload=reload) <= 20 * hundred for hundred in rounds)


def best_of(times: int, work: Callable[[], float]) -> float:
    return min(work() for _ in range(times))


def test_nested_subprocesses_to_the_limit_of_the_file() -> None:
    inside = start("s0") + user("u") + chain("s0", "u")
    for level in range(1, 15):
        inside = start(f"s{level}") + element("subProcess", f"p{level}", inside) + chain(f"s{level}", f"p{level}")
    walk = begin(process(inside), reload=True)
    assert walk.open() == ["u"]
    assert walk.do("u").ended == "completed"
