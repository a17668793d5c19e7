"""The matrix: conditional events."""
# ruff: noqa: E501 (a diagram, its deeds and its trace read best side by side)

from tests.bpmn.cases import MESSAGE, Case
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    conditional,
    element,
    end,
    event,
    gateway,
    io,
    script,
    start,
    sub,
    timer,
    user,
)  # fmt: skip

HIGH = conditional("=level > 2")


def beside(*parts: str) -> str:
    """What waits for a condition stands beside a task that sets the variable."""
    return (
        start() + gateway("parallel", "f") + user("set") + user("again") + end() + chain("start", "f", "set", "again", "end")
        + "".join(parts)
    )  # fmt: skip


CONDITIONS = [
    Case("condition holds already", start() + catch("c", HIGH) + end() + chain("start", "c", "end"), [],
         ">start <start >c !c <c >end <end", {"level": 3}),
    Case("condition becomes true", beside(catch("c", HIGH), end("e2"), chain("f", "c", "e2")),
         [("set", {"level": 1}), ("again", {"level": 5})],
         ">start <start >f <f >set >c <set >again <again >end !c <end <c >e2 <e2", {}),
    Case("condition that nothing can make true", start() + catch("c", HIGH) + end() + chain("start", "c", "end"),
         [lambda walk: walk.retry("c", level=1), lambda walk: walk.retry("c", level=3)],
         ">start <start >c #c #c !c <c >end <end", {"level": 1}, incidents=[("c", "deadlock"), ("c", "deadlock")]),
    Case("condition that is no boolean", start() + gateway("parallel", "f") + catch("c", conditional("=level"))
         + user("a") + end() + chain("start", "f", "c", "end") + chain("f", "a", "end"),
         [lambda walk: walk.retry("c", level=True), "a"],
         ">start <start >f <f >c >a #c !c <c >end <end <a >end <end", {"level": 7}, incidents=[("c", "condition_null")]),
    Case("set between two steps of one run", start() + gateway("parallel", "f") + catch("c", HIGH)
         + script("up", "level", "=5") + script("down", "level", "=0") + end() + end("e2")
         + chain("start", "f", "c", "e2") + chain("f", "up", "down", "end"), [],
         ">start <start >f <f >c >up <up >down !c <down >end <c >e2 <end <e2", {"level": 0}),
    Case("behind an event gateway", start() + gateway("eventBased", "g") + catch("c", HIGH) + catch("t", timer("P1D"))
         + end("e1") + end("e2") + chain("start", "g", "c", "e1") + chain("g", "t", "e2"), [],
         ">start <start >g >c >t !c <g xt <c >e1 <e1", {"level": 9}),
    Case("boundary condition interrupts", start() + gateway("parallel", "f") + user("a") + boundary("b", "a", HIGH)
         + user("set") + end() + end("e2") + chain("start", "f", "a", "end") + chain("f", "set", "end")
         + chain("b", "e2"), [("set", {"level": 4})],
         ">start <start >f <f >a >set <set >end !b xa <end >e2 <e2"),
    Case("boundary condition beside, each time it becomes true", start() + user("a")
         + boundary("b", "a", HIGH, interrupting=False) + end() + end("r") + boundary("m", "a",
         event("message", messageRef="msg"), interrupting=False) + element("task", "noted")
         + chain("start", "a", "end") + chain("b", "r") + chain("m", "noted"),
         [("m", {"level": 3}), ("m", {"level": 4}), ("m", {"level": 1}), ("m", {"level": 9}), "a"],
         ">start <start >a !m >noted !b <noted >r <r !m >noted <noted !m >noted <noted !m >noted !b <noted >r <r "
         "<a >end <end", roots=MESSAGE),
    Case("what the activity owns counts", start() + user("a", io({"level": "=base * 2"})) + boundary("b", "a", HIGH)
         + end() + end("e2") + chain("start", "a", "end") + chain("b", "e2"), [], ">start <start >a !b xa >e2 <e2",
         {"base": 2}),
    Case("event subprocess on a condition, interrupting", sub("es", start("es1", HIGH), user("u"), chain("es1", "u"),
         event_driven=True) + start() + user("set") + user("a") + end() + chain("start", "set", "a", "end"),
         [("set", {"level": 3}), "u"], ">start <start >set <set >a !es1 xa >es >es1 <es1 >u <u <es"),
    Case("event subprocess on a condition, beside", sub("es", start("es1", HIGH, isInterrupting="false"),
         script("n", "level", "=0"), chain("es1", "n"), event_driven=True) + start() + user("set") + user("a") + end()
         + chain("start", "set", "a", "end"), [("set", {"level": 3}), ("a", {"level": 3})],
         ">start <start >set <set >a !es1 >es >es1 <es1 >n <n <es <a >end !es1 >es >es1 <end <es1 >n <n <es"),
]  # fmt: skip
