"""Random diagrams and deeds: straight and reloaded runs agree, every wait is closed, nothing is left or breaks."""
# ruff: noqa: E501, S311 (diagrams read best in few lines; the dice decide nothing secret)

from dataclasses import dataclass, field
from random import Random

import pytest

from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    conditional,
    element,
    end,
    event,
    flow,
    gateway,
    message,
    multi,
    process,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)  # fmt: skip
from tests.bpmn.walk import Walk, begin

ROOTS = (
    message("msg", key="=key") + element("signal", "sig", name="sig") + element("escalation", "esc", escalationCode="S")
    + element("error", "err", errorCode="E")
)  # fmt: skip


ODD = conditional("=modulo(n, 4) = 1")


@dataclass
class Sketch:
    """Draws blocks one after the other; each gives the ids of its first and last element."""

    random: Random
    parts: list[str] = field(default_factory=list)
    count: int = 0

    def id(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def leaf(self) -> tuple[str, str]:
        kind = self.random.choice(["u", "s", "c", "x", "m", "h", "n", "w", "k"])
        id_ = self.id(kind)
        loop = multi("=list", sequential=self.random.random() < 0.5) if self.random.random() < 0.3 else ""
        made = {
            "u": lambda: user(id_, body=loop), "s": lambda: service(id_, body=loop), "c": lambda: catch(id_, timer("P1D")),
            "x": lambda: script(id_, "n", "=n + 1"), "m": lambda: element("receiveTask", id_, messageRef="msg"),
            "h": lambda: throw(id_, event("signal", signalRef="sig")), "w": lambda: catch(id_, event("signal", signalRef="sig")),
            "n": lambda: throw(id_, event("escalation", escalationRef="esc")), "k": lambda: catch(id_, ODD),
        }  # fmt: skip
        self.parts.append(made[kind]())
        return id_, id_

    def block(self, depth: int) -> tuple[str, str]:
        if depth <= 0:
            return self.leaf()
        kind = self.random.choice(["seq", "and", "xor", "or", "sub", "loop", "events", "leaf"])
        return getattr(self, f"_{kind}", lambda _: self.leaf())(depth - 1)

    def _seq(self, depth: int) -> tuple[str, str]:
        first, middle = self.block(depth)
        second, last = self.block(depth)
        self.parts.append(flow(middle, second))
        return first, last

    def _split(self, kind: str, depth: int) -> tuple[str, str]:
        fork, join, default = self.id("f"), self.id("j"), self.id("d")
        choosing = kind != "parallel"
        self.parts += [gateway(kind, fork, **({"default": default} if choosing else {})), gateway(kind, join)]
        for index in range(self.random.randint(2, 3)):
            first, last = self.block(depth)
            condition = f"=modulo(n, {index + 2}) = 0" if choosing and index else None
            self.parts += [flow(fork, first, condition, default if choosing and not index else None), flow(last, join)]
        return fork, join

    def _and(self, depth: int) -> tuple[str, str]:
        return self._split("parallel", depth)

    def _xor(self, depth: int) -> tuple[str, str]:
        return self._split("exclusive", depth)

    def _or(self, depth: int) -> tuple[str, str]:
        return self._split("inclusive", depth)

    def _loop(self, depth: int) -> tuple[str, str]:
        top, bottom, out, leave = self.id("t"), self.id("b"), self.id("o"), self.id("l")
        first, last = self.block(depth)
        step = self.id("x")
        self.parts += [gateway("exclusive", top), script(step, "n", "=n + 1"), gateway("exclusive", bottom, default=leave),
                       element("task", out), chain(top, first), chain(last, step, bottom),
                       flow(bottom, top, "=modulo(n, 3) > 0"), flow(bottom, out, id=leave)]  # fmt: skip
        return top, out

    def _events(self, depth: int) -> tuple[str, str]:
        gate, join = self.id("g"), self.id("j")
        self.parts += [gateway("eventBased", gate), gateway("exclusive", join)]
        for body in (timer("P1D"), event("message", messageRef="msg"), event("signal", signalRef="sig"), ODD):
            id_ = self.id("e")
            self.parts += [catch(id_, body), chain(gate, id_, join)]
        return gate, join

    def _sub(self, depth: int) -> tuple[str, str]:
        id_, inside = self.id("p"), Sketch(self.random)
        inside.count = self.count
        begun, done = f"{id_}s", f"{id_}e"
        first, last = inside.block(depth)
        bad = self.random.random() < 0.2
        inside.parts += [start(begun), end(done, event("error", errorRef="err") if bad else ""), chain(begun, first),
                         flow(last, done)]  # fmt: skip
        loop = multi("=list", sequential=self.random.random() < 0.5) if self.random.random() < 0.3 else ""
        self.count = inside.count
        if self.random.random() < 0.4:
            kind = self.random.choice(
                [event("message", messageRef="msg"), timer("P1D"), event("error", errorRef="err"), ODD]
            )
            handler, task = self.id("es"), self.id("hu")
            both = "false" if self.random.random() < 0.5 and "error" not in kind else "true"
            inside.parts.append(sub(handler, start(f"{handler}s", kind, isInterrupting=both), user(task),
                                    chain(f"{handler}s", task), event_driven=True))  # fmt: skip
        self.parts.append(sub(id_, *inside.parts, loop=loop))
        after = self.id("a")
        self.parts += [gateway("exclusive", after), flow(id_, after)]
        for body in (timer("P1D"), event("error"), event("escalation"), event("message", messageRef="msg"), ODD):
            if self.random.random() < 0.4:
                boundary_id, way = self.id("b"), self.id("task")
                stops = "error" in body or self.random.random() < 0.5
                self.parts += [boundary(boundary_id, id_, body, interrupting=stops), element("task", way),
                               chain(boundary_id, way, after) if stops else chain(boundary_id, way)]  # fmt: skip
        return id_, after


def drawn(seed: int) -> bytes:
    sketch = Sketch(Random(seed))
    first, last = sketch.block(4)
    return process(start(), *sketch.parts, end(), flow("start", first), flow(last, "end"), roots=ROOTS)


def deeds(walk: Walk, seed: int, most: int = 60) -> None:
    """Random things happen; the choice depends on the seed and the open waits only."""
    random = Random(seed)
    for _ in range(most):
        waits = sorted(walk.waits.values(), key=lambda wait: int(wait.id))
        if not waits or walk.ended:
            return
        wait = random.choice(waits)
        same = [other.id for other in walk.waits.values() if other.element_id == wait.element_id]
        if hasattr(wait, "operation") and random.random() < 0.2:
            walk.error(wait.element_id, "E")
        else:
            walk.do(wait.element_id, same.index(wait.id))


@pytest.mark.parametrize("seed", range(150))
def test_random(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.bpmn.workflow.MAX_STEPS_WITHOUT_WAIT", 2_000)  # some loops never end
    diagram, given = drawn(seed), {"key": "K", "n": seed % 7, "list": [1, 2]}
    straight, reloaded = begin(diagram, given), begin(diagram, given, reload=True)
    deeds(straight, seed)
    deeds(reloaded, seed)
    assert straight.trace == reloaded.trace
    assert straight.variables == reloaded.variables
    assert straight.ended == reloaded.ended
    assert {code for _, code in straight.incidents} <= {"uncaught_error", "endless_loop", "deadlock"}
    if straight.ended is None:
        assert straight.waits or straight.incidents
        reloaded.note(reloaded.instance.cancel(reloaded.runtime))
        assert reloaded.ended == "cancelled"
    assert reloaded.open() == []
    assert len(reloaded.instance._top.tasks) == 1
    assert list(reloaded.instance._top.scopes.all) == [""]
    assert reloaded.instance._top.subprocesses == {}
