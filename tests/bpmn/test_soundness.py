"""Stuck joins and tasks that are done twice are found; what is sound by construction is left in peace."""
# ruff: noqa: E501, S311 (diagrams read best in few lines; the dice decide nothing secret)

import time
from random import Random

import pytest

from engine.bpmn import soundness
from engine.bpmn.check import check
from engine.bpmn.findings import Finding
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    element,
    end,
    event,
    flow,
    gateway,
    process,
    start,
    sub,
    timer,
    user,
)  # fmt: skip
from tests.bpmn.test_random import ROOTS, drawn

CODES = {"deadlock_join", "double_token", "never_reached", "soundness_unknown"}


def faults(diagram: bytes) -> list[Finding]:
    return [one for one in check({"p.bpmn": diagram}) if one.code in CODES or one.severity == "error"]


def found(*parts: str) -> set[tuple[str, str]]:
    return {(one.code, one.element) for one in faults(process(*parts, roots=ROOTS))}


def split(kind: str, joined: str, *between: str) -> str:
    """A split, tasks beside each other, and a join."""
    default = {"default": f"f-{between[0]}"} if kind in {"exclusive", "inclusive"} else {}
    parts = [gateway(kind, "f", **default), gateway(joined, "j"), *map(user, between)]
    for index, id_ in enumerate(between):
        parts += [flow("f", id_, "=x" if default and index else None), flow(id_, "j")]
    return "".join(parts)


BEFORE, AFTER = start() + chain("start", "f"), user("t") + end() + chain("j", "t", "end")


@pytest.mark.parametrize("kind", ["exclusive", "parallel", "inclusive"])
@pytest.mark.parametrize("joined", ["exclusive", "parallel", "inclusive"])
def test_splits_and_joins(kind: str, joined: str) -> None:
    codes = {code for code, _ in found(BEFORE, split(kind, joined, "a", "b", "c"), AFTER)}
    wrong = {
        ("exclusive", "parallel"): {"deadlock_join", "never_reached"},
        ("inclusive", "parallel"): {"deadlock_join", "never_reached"},
        ("parallel", "exclusive"): {"double_token"},
        ("inclusive", "exclusive"): {"double_token"},
    }
    assert codes == wrong.get((kind, joined), set())


def test_the_way_there_is_told() -> None:
    one = faults(process(BEFORE, split("exclusive", "parallel", "a", "b"), AFTER))[0]
    assert one.element == "j"
    assert one.params["path"] == "start f a"
    assert one.reason == "this join may wait for ever: start → f → a"


def test_two_flows_into_a_task_are_no_join() -> None:
    parts = [start(), gateway("parallel", "f"), user("a"), user("b"), user("t"), end(), chain("start", "f", "a", "t"),
             chain("f", "b", "t", "end")]  # fmt: skip
    assert found(*parts) == {("double_token", "t")}


def test_two_ways_into_one_end_are_fine() -> None:
    assert found(start(), user("a"), user("b"), end(), chain("start", "a", "end"), chain("start", "b", "end")) == set()


def test_an_event_that_interrupts_a_branch_starves_the_join() -> None:
    parts = [BEFORE, split("parallel", "parallel", "a", "b"), AFTER, boundary("late", "a", timer("P1D")), end("gone"),
             chain("late", "gone")]  # fmt: skip
    assert found(*parts) == {("deadlock_join", "j")}


@pytest.mark.parametrize("kind", ["terminate", "error"])
def test_an_end_that_takes_all_with_it_is_fine(kind: str) -> None:
    body = event(kind, **({"errorRef": "err"} if kind == "error" else {}))
    parts = [BEFORE, split("parallel", "parallel", "a", "b"), AFTER, boundary("late", "a", timer("P1D")),
             end("gone", body), chain("late", "gone")]  # fmt: skip
    assert found(*parts) == set()


def test_a_reminder_beside_a_task_is_fine() -> None:
    parts = [start(), user("a"), end(), chain("start", "a", "end"), boundary("r", "a", timer("P1D"), interrupting=False),
             user("remind"), chain("r", "remind", "end")]  # fmt: skip
    assert found(*parts) == set()


def test_a_deadlock_inside_a_subprocess_and_behind_a_reminder() -> None:
    wrong = [gateway("exclusive", "f", default="f-a"), user("a"), user("b"), gateway("parallel", "j"), end("e"),
             flow("f", "a"), flow("f", "b", "=x"), chain("a", "j", "e"), chain("b", "j")]  # fmt: skip
    inside = [start(), sub("s", start("s1"), *wrong, chain("s1", "f")), end(), chain("start", "s", "end")]
    assert ("deadlock_join", "j") in found(*inside)
    beside = [start(), user("u"), end(), chain("start", "u", "end"), boundary("r", "u", timer("P1D"), interrupting=False),
              *wrong, chain("r", "f")]  # fmt: skip
    assert ("deadlock_join", "j") in found(*beside)


def test_a_loop_that_leaves_work_beside_it_is_meant_so() -> None:
    parts = [start(), gateway("exclusive", "top"), user("plan"), gateway("parallel", "f"), user("write"), end("written"),
             gateway("exclusive", "again", default="again-end"), end(), chain("start", "top", "plan", "f", "write",
             "written"), chain("f", "again"), flow("again", "top", "=more"), flow("again", "end")]  # fmt: skip
    assert found(*parts) == set()


def test_two_tokens_that_meet_behind_a_loop() -> None:
    parts = [start(), gateway("parallel", "f"), gateway("exclusive", "top"), user("a"), user("b"),
             gateway("exclusive", "again", default="again-t"), user("t"), end(), chain("start", "f", "top", "a", "again"),
             flow("again", "top", "=more"), flow("again", "t"), chain("f", "b", "t", "end")]  # fmt: skip
    assert found(*parts) == {("double_token", "t")}


def test_the_first_event_decides() -> None:
    parts = [start(), gateway("eventBased", "f"), catch("a", timer("P1D")), catch("b", timer("P2D")), end(),
             gateway("parallel", "j"), chain("start", "f", "a", "j", "end"), chain("f", "b", "j")]  # fmt: skip
    assert ("deadlock_join", "j") in found(*parts)


def test_a_widely_parallel_diagram_is_looked_at_whole() -> None:
    parts = [start(), gateway("parallel", "f"), gateway("parallel", "j"), end(), chain("start", "f"), chain("j", "end")]
    for branch in range(20):
        ids = [f"t{branch}_{number}" for number in range(20)]
        parts += [*map(user, ids), chain("f", *ids, "j")]
    assert found(*parts) == set()


def test_bounds_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundness, "MOST_MARKINGS", 3)
    assert found(BEFORE, split("parallel", "parallel", "a", "b"), AFTER) == {("soundness_unknown", "p")}


def choices(number: int) -> bytes:
    """Many choices beside each other, each with its own way to the same join."""
    parts = [start(), gateway("parallel", "f"), gateway("parallel", "j"), end(), chain("start", "f"), chain("j", "end")]
    for index in range(number):
        x, a, b = f"x{index}", f"a{index}", f"b{index}"
        parts += [gateway("exclusive", x, default=f"{x}-{a}"), user(a), user(b), flow("f", x), flow(x, a),
                  flow(x, b, "=y"), chain(a, "j"), chain(b, "j")]  # fmt: skip
    return process(*parts)


def test_it_gives_up_in_time() -> None:
    codes = {one.code for one in faults(choices(60))}
    assert codes <= {"deadlock_join", "soundness_unknown"}
    assert codes


@pytest.mark.parametrize("seed", range(200))
def test_sound_by_construction(seed: int) -> None:
    assert faults(drawn(seed)) == []


class Blocks:
    """Draws block-structured processes of tasks, choices, parallel blocks and loops; remembers the joins."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0
        self.parts: list[str] = []
        self.joins: list[tuple[str, str]] = []

    def id(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def block(self, depth: int) -> tuple[str, str]:
        kind = self.random.choice(["task", "seq", "parallel", "exclusive", "loop"]) if depth else "task"
        if kind == "task":
            id_ = self.id("t")
            self.parts.append(user(id_))
            return id_, id_
        if kind == "seq":
            first, middle = self.block(depth - 1)
            second, last = self.block(depth - 1)
            self.parts.append(flow(middle, second))
            return first, last
        return self.loop(depth - 1) if kind == "loop" else self.split(kind, depth - 1)

    def loop(self, depth: int) -> tuple[str, str]:
        top, bottom, out = self.id("top"), self.id("bottom"), self.id("out")
        first, last = self.block(depth)
        self.parts += [gateway("exclusive", top), gateway("exclusive", bottom, default=f"{bottom}-{out}"), user(out),
                       chain(top, first), chain(last, bottom, out), flow(bottom, top, "=more")]  # fmt: skip
        return top, out

    def split(self, kind: str, depth: int) -> tuple[str, str]:
        fork, join = self.id("f"), self.id("j")
        ways = [self.block(depth) for _ in range(self.random.randint(2, 3))]
        default = {"default": f"{fork}-{ways[0][0]}"} if kind == "exclusive" else {}
        self.parts.append(gateway(kind, fork, **default))
        self.joins.append((kind, join))
        for index, (first, last) in enumerate(ways):
            self.parts += [flow(fork, first, "=x" if default and index else None), flow(last, join)]
        return fork, join

    def diagram(self, swapped: str = "") -> bytes:
        first, last = self.block(4)
        other = {"parallel": "exclusive", "exclusive": "parallel"}
        drawn_joins = [gateway(other[kind] if join == swapped else kind, join) for kind, join in self.joins]
        return process(start(), *self.parts, *drawn_joins, element("task", "last"), end(), flow("start", first),
                       chain(last, "last", "end"))  # fmt: skip


@pytest.mark.parametrize("seed", range(120))
def test_one_join_swapped(seed: int) -> None:
    whole = Blocks(seed)
    assert faults(whole.diagram()) == []
    if whole.joins:
        swapped = Random(seed).choice(whole.joins)[1]
        assert {one.code for one in faults(Blocks(seed).diagram(swapped))} & {"deadlock_join", "double_token"}


WIDE = range(1_500)
HUGE = {
    "a long chain": [*(user(f"t{n}") for n in range(5_000)), chain("start", *(f"t{n}" for n in range(5_000)), "end")],
    "many branches": [gateway("parallel", "f"), gateway("parallel", "j"), chain("start", "f"), chain("j", "end"),
                      *(user(f"t{n}") + chain("f", f"t{n}", "j") for n in WIDE)],
    "loops in loops": [*(gateway("exclusive", f"g{n}", default=f"g{n}-g{n + 1}") for n in range(1_000)), user("g1000"),
                       chain("start", "g0"), chain("g1000", "end"),
                       *(chain(f"g{n}", f"g{n + 1}") + flow(f"g{n}", f"g{n // 2}", "=x", id=f"b{n}") for n in range(1_000))],
    "many inclusive joins": [*(gateway("inclusive", f"g{n}", default=f"d{n}") for n in range(1_000)), user("g1000"),
                             chain("start", "g0"), chain("g1000", "end"),
                             *(flow(f"g{n}", f"g{n + 1}", id=f"d{n}") + flow(f"g{n}", f"g{n + 1}", "=x", id=f"c{n}")
                               for n in range(1_000))],
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
def test_huge_diagrams_are_looked_at_in_time(name: str) -> None:
    begun = time.process_time()
    faults(process(start(), end(), *HUGE[name]))
    assert time.process_time() - begun < 10
