"""Each element and variant: a small diagram, deeds, and the order of events, run straight and reloaded at every step."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.bpmn.diagrams import (
    boundary, catch, chain, element, end, event, flow, gateway, io, message, multi, process, properties, script,
    service, start, sub, throw, timer, undo, user, z,
)  # fmt: skip
from tests.bpmn.walk import Walk, begin

ERRORS = element("error", "E1", name="e1", errorCode="E1") + element("error", "E2", name="e2", errorCode="E2")
ESCALATIONS = element("escalation", "S1", escalationCode="S1") + element("escalation", "S2", escalationCode="S2")
MESSAGE = message("msg", key="=case_no")


@dataclass
class Case:
    """A diagram with what is done (element, variables) and what must happen."""

    name: str
    parts: str
    deeds: list[Any]
    trace: str
    given: dict[str, Any] = field(default_factory=lambda: {"case_no": "K1"})
    ended: str | None = "completed"
    variables: dict[str, Any] | None = None
    incidents: list[tuple[str, str]] = field(default_factory=list)
    roots: str = ""


def play(walk: Walk, deeds: list[Any]) -> None:
    for deed in deeds:
        if callable(deed):
            deed(walk)
        elif isinstance(deed, str):
            walk.do(deed)
        else:
            walk.do(deed[0], **deed[1])


CASES = [
    Case("straight", start() + user("a") + end() + chain("start", "a", "end"), ["a"],
         ">start <start >a <a >end <end"),
    Case("task without behaviour", start() + element("task", "t") + element("manualTask", "m") + end()
         + chain("start", "t", "m", "end"), [], ">start <start >t <t >m <m >end <end"),
    Case("implicit end", start() + user("a") + chain("start", "a"), ["a"], ">start <start >a <a"),
    Case("service task", start() + service("s") + end() + chain("start", "s", "end"), [("s", {"x": 1})],
         ">start <start >s <s >end <end", variables={"case_no": "K1", "x": 1}),
    Case("script", start() + script("s", "total", "=amount * 2") + end() + chain("start", "s", "end"), [],
         ">start <start >s <s >end <end", {"amount": 4}, variables={"amount": 4, "total": 8}),
    Case("exclusive first true", start() + gateway("exclusive", "g", default="g-c") + end("a") + end("b") + end("c")
         + chain("start", "g") + flow("g", "a", "=n > 10") + flow("g", "b", "=n > 1") + flow("g", "c"), [],
         ">start <start >g <g >b <b", {"n": 5}),
    Case("exclusive default", start() + gateway("exclusive", "g", default="g-c") + end("a") + end("c")
         + chain("start", "g") + flow("g", "a", "=n > 10") + flow("g", "c"), [], ">start <start >g <g >c <c", {"n": 5}),
    Case("exclusive nothing holds", start() + gateway("exclusive", "g") + end("a") + end("b") + chain("start", "g")
         + flow("g", "a", "=n > 10") + flow("g", "b", "=n > 20"), [lambda walk: walk.retry("g", n=11)],
         ">start <start >g #g <g >a <a", {"n": 5}, incidents=[("g", "no_flow")]),
    Case("exclusive null", start() + gateway("exclusive", "g", default="g-b") + end("a") + end("b") + chain("start", "g")
         + flow("g", "a", "=n > 10") + flow("g", "b"), [lambda walk: walk.retry("g", n=1)],
         ">start <start >g #g <g >b <b", {}, incidents=[("g", "condition_null")]),
    Case("exclusive merge passes each", start() + gateway("parallel", "f") + gateway("exclusive", "m") + user("a") + end()
         + chain("start", "f", "m", "a", "end") + flow("f", "m", id="f2"), ["a", "a"],
         ">start <start >f <f >m >m <m >a <m >a <a >end <end <a >end <end"),
    Case("parallel", start() + gateway("parallel", "f") + gateway("parallel", "j") + user("a") + user("b") + end()
         + chain("start", "f", "a", "j", "end") + chain("f", "b", "j"), ["b", "a"],
         ">start <start >f <f >a >b <b >j <a >j <j >end <end"),
    Case("parallel join in a loop", start() + gateway("exclusive", "top") + gateway("parallel", "f") + user("a")
         + user("b") + gateway("parallel", "j") + gateway("exclusive", "again", default="again-end") + end()
         + chain("start", "top", "f", "a", "j", "again", "end") + chain("f", "b", "j") + flow("again", "top", "=more"),
         [("a", {"more": True}), "b", ("b", {"more": False}), "a"],
         ">start <start >top <top >f <f >a >b <a >j <b >j <j >again <again >top <top >f <f >a >b "
         "<b >j <a >j <j >again <again >end <end"),
    Case("exclusive into parallel is stuck", start() + gateway("exclusive", "x", default="x-b") + gateway("parallel", "j")
         + element("task", "a") + element("task", "b") + end() + chain("start", "x") + flow("x", "a", "=false")
         + flow("x", "b") + chain("a", "j", "end") + chain("b", "j"), [],
         ">start <start >x <x >b <b >j #j", ended=None, incidents=[("j", "deadlock")]),
    Case("inclusive", start() + gateway("inclusive", "f", default="f-c") + gateway("inclusive", "j") + user("a") + user("b")
         + user("c") + end() + chain("start", "f") + flow("f", "a", "=x") + flow("f", "b", "=y") + flow("f", "c")
         + chain("a", "j", "end") + chain("b", "j") + chain("c", "j"), ["b", "a"],
         ">start <start >f <f >a >b <b >j <a >j <j >end <end", {"x": True, "y": True}),
    Case("inclusive default", start() + gateway("inclusive", "f", default="f-c") + gateway("inclusive", "j") + user("a")
         + user("c") + end() + chain("start", "f") + flow("f", "a", "=x") + flow("f", "c") + chain("a", "j", "end")
         + chain("c", "j"), ["c"], ">start <start >f <f >c <c >j <j >end <end", {"x": False}),
    Case("inclusive join waits for a boundary way", start() + gateway("parallel", "f") + user("a") + user("b")
         + boundary("t", "b", timer("PT1H"), interrupting=False) + gateway("inclusive", "j") + end()
         + chain("start", "f", "a", "j", "end") + chain("f", "b", "end") + chain("t", "j"), ["a", "b"],
         ">start <start >f <f >a >b <a >j <b >end <end <j >end <end"),
    Case("conditional flows out of a task", start() + user("a", default="a-d") + end("b") + end("c") + end("d")
         + chain("start", "a") + flow("a", "b", "=x > 1") + flow("a", "c", "=x > 2") + flow("a", "d"), [("a", {"x": 3})],
         ">start <start >a <a >b >c <b <c"),
    Case("default flow out of a task", start() + user("a", default="a-d") + end("b") + end("d") + chain("start", "a")
         + flow("a", "b", "=x > 1") + flow("a", "d"), [("a", {"x": 0})], ">start <start >a <a >d <d"),
    Case("implicit split", start() + user("a") + end("b") + end("c") + chain("start", "a", "b") + chain("a", "c"), ["a"],
         ">start <start >a <a >b >c <b <c"),
    Case("event gateway message", start() + gateway("eventBased", "g") + catch("m", event("message", messageRef="msg"))
         + catch("t", timer("PT1H")) + end("e1") + end("e2") + chain("start", "g", "m", "e1") + chain("g", "t", "e2"),
         [("m", {"x": 1})], ">start <start >g >m >t !m <g xt <m >e1 <e1", roots=MESSAGE),
    Case("event gateway timer", start() + gateway("eventBased", "g") + catch("m", event("message", messageRef="msg"))
         + catch("t", timer("PT1H")) + end("e1") + end("e2") + chain("start", "g", "m", "e1") + chain("g", "t", "e2"),
         ["t"], ">start <start >g >m >t !t <g xm <t >e2 <e2", roots=MESSAGE),
    Case("receive task", start() + element("receiveTask", "r", messageRef="msg") + end() + chain("start", "r", "end"),
         [("r", {"x": 1})], ">start <start >r !r <r >end <end", variables={"case_no": "K1", "x": 1}, roots=MESSAGE),
    Case("null correlation key", start() + element("receiveTask", "r", messageRef="msg") + end()
         + chain("start", "r", "end"), [lambda walk: walk.retry("r", case_no="K"), "r"],
         ">start <start >r #r !r <r >end <end", {}, roots=MESSAGE, incidents=[("r", "correlation_null")]),
    Case("throw message", start() + throw("m", event("message", messageRef="msg"), io({"x": "=1"})) + end()
         + chain("start", "m", "end"), [], ">start <start >m <m ^m >end <end", roots=MESSAGE),
    Case("boundary timer interrupts", start() + user("a") + boundary("t", "a", timer("PT1H")) + end() + end("late")
         + chain("start", "a", "end") + chain("t", "late"), ["t"], ">start <start >a !t xa >late <late"),
    Case("boundary timer not needed", start() + user("a") + boundary("t", "a", timer("PT1H")) + end() + end("late")
         + chain("start", "a", "end") + chain("t", "late"), ["a"], ">start <start >a <a >end <end"),
    Case("boundary timer beside", start() + user("a") + boundary("t", "a", timer("PT1H"), interrupting=False) + end()
         + user("r") + chain("start", "a", "end") + chain("t", "r"), ["t", "a", "r"],
         ">start <start >a !t >r <a >end <end <r"),
    Case("boundary cycle", start() + user("a") + boundary("t", "a", timer("R2/PT1H", "timeCycle"), interrupting=False)
         + end() + end("r") + chain("start", "a", "end") + chain("t", "r"), ["t", "t", "a"],
         ">start <start >a !t >r <r !t >r <r <a >end <end"),
    Case("boundary message beside, twice", start() + user("a")
         + boundary("m", "a", event("message", messageRef="msg"), interrupting=False) + end() + end("r")
         + chain("start", "a", "end") + chain("m", "r"), ["m", "m", "a"],
         ">start <start >a !m >r <r !m >r <r <a >end <end", roots=MESSAGE),
    Case("boundary error with code", start() + service("s") + boundary("b1", "s", event("error", errorRef="E1"))
         + boundary("any", "s", event("error")) + end() + end("h1") + end("h2") + chain("start", "s", "end")
         + chain("b1", "h1") + chain("any", "h2"), [lambda walk: walk.error("s", "E1")],
         ">start <start >s ^s !b1 xs >h1 <h1", roots=ERRORS),
    Case("boundary error any code", start() + service("s") + boundary("b1", "s", event("error", errorRef="E1"))
         + boundary("any", "s", event("error")) + end() + end("h1") + end("h2") + chain("start", "s", "end")
         + chain("b1", "h1") + chain("any", "h2"), [lambda walk: walk.error("s", "E9")],
         ">start <start >s ^s !any xs >h2 <h2", roots=ERRORS),
    Case("error nobody catches", start() + service("s") + end() + chain("start", "s", "end"),
         [lambda walk: walk.error("s", "E1"), lambda walk: walk.retry("s"), "s"],
         ">start <start >s #s <s >end <end", incidents=[("s", "uncaught_error")]),
    Case("error end out of a subprocess", start() + sub("p1", start("s1"), gateway("parallel", "f"), user("u"),
         end("bad", event("error", errorRef="E1")), chain("s1", "f", "u"), chain("f", "bad"))
         + boundary("b", "p1", event("error", errorRef="E1")) + end() + end("h") + chain("start", "p1", "end")
         + chain("b", "h"), [], ">start <start >p1 >s1 <s1 >f <f >u >bad <bad ^bad !b xu xp1 >h <h", roots=ERRORS),
    Case("error end that nobody catches", start() + gateway("parallel", "f") + user("a")
         + end("bad", event("error", errorRef="E1")) + chain("start", "f", "a") + chain("f", "bad"), [],
         ">start <start >f <f >a >bad <bad ^bad xa", roots=ERRORS, ended="error"),
    Case("escalation passes by", start() + throw("esc", event("escalation", escalationRef="S1")) + end()
         + chain("start", "esc", "end"), [], ">start <start >esc <esc ^esc >end <end", roots=ESCALATIONS),
    Case("escalation beside", start() + sub("p1", start("s1"), throw("esc", event("escalation", escalationRef="S1")),
         user("u"), chain("s1", "esc", "u")) + boundary("b", "p1", event("escalation", escalationRef="S1"),
         interrupting=False) + boundary("b2", "p1", event("escalation", escalationRef="S2")) + end() + user("h")
         + chain("start", "p1", "end") + chain("b", "h"), ["h", "u"],
         ">start <start >p1 >s1 <s1 >esc <esc ^esc !b >u >h <h <u <p1 >end <end", roots=ESCALATIONS),
    Case("escalation interrupts", start() + sub("p1", start("s1"), throw("esc", event("escalation", escalationRef="S1")),
         user("u"), chain("s1", "esc", "u")) + boundary("b", "p1", event("escalation")) + end() + user("h")
         + chain("start", "p1", "end") + chain("b", "h"), ["h"],
         ">start <start >p1 >s1 <s1 >esc <esc ^esc !b xp1 >h <h", roots=ESCALATIONS),
    Case("terminate", start() + gateway("parallel", "f") + user("a") + end("t", event("terminate"))
         + chain("start", "f", "a") + chain("f", "t"), [], ">start <start >f <f >a >t <t xa", ended="terminated"),
    Case("terminate in a subprocess", start() + sub("p1", start("s1"), gateway("parallel", "f"), user("a"),
         end("t", event("terminate")), chain("s1", "f", "a"), chain("f", "t")) + user("b") + end()
         + chain("start", "p1", "b", "end"), ["b"],
         ">start <start >p1 >s1 <s1 >f <f >a >t <t xa <p1 >b <b >end <end"),
    Case("boundary on a subprocess", start() + sub("p1", start("s1"), user("u"), chain("s1", "u"))
         + boundary("t", "p1", timer("P1D")) + end() + chain("start", "p1", "end") + chain("t", "end"), ["t"],
         ">start <start >p1 >s1 <s1 >u !t xu xp1 >end <end"),
    Case("link", start() + throw("l1", event("link", name="L")) + catch("l2", event("link", name="L")) + end()
         + chain("start", "l1") + chain("l2", "end"), [], ">start <start >l1 <l1 >l2 <l2 >end <end"),
]  # fmt: skip


SCOPES = [
    Case("outputs only by mapping", start() + user("a", io({"mine": "=x + 1"}, {"y": "=answer * 2"})) + end()
         + chain("start", "a", "end"), [("a", {"answer": 21, "other": 1})],
         ">start <start >a <a >end <end", {"x": 1}, variables={"x": 1, "y": 42}),
    Case("local wins", start() + user("a", io({"x": "=x + 1"})) + end() + chain("start", "a", "end"),
         [("a", {"x": 9, "z": 2})], ">start <start >a <a >end <end", {"x": 1}, variables={"x": 1, "z": 2}),
    Case("nested targets", start() + user("a", io(outputs={"r.one": "=1", "r.two": "=2"})) + end()
         + chain("start", "a", "end"), ["a"], ">start <start >a <a >end <end", {"r": {"zero": 0}},
         variables={"r": {"zero": 0, "one": 1, "two": 2}}),
    Case("subprocess keeps its own", start() + sub("p1", start("s1"), script("w", "x", "=x + 1"),
         script("v", "inner", "=5"), chain("s1", "w", "v"), zeebe=io({"inner": "=0"}, {"back": "=inner"})) + end()
         + chain("start", "p1", "end"), [], ">start <start >p1 >s1 <s1 >w <w >v <v <p1 >end <end", {"x": 1},
         variables={"x": 2, "back": 5}),
    Case("parallel branches share", start() + gateway("parallel", "f") + script("a", "x", "=1") + script("b", "y", "=x")
         + gateway("parallel", "j") + end() + chain("start", "f", "a", "j", "end") + chain("f", "b", "j"), [],
         ">start <start >f <f >a >b <a >j <b >j <j >end <end", {}, variables={"x": 1, "y": 1}),
    Case("parallel instances", start() + user("a", body=multi("=list", output="out", result="=answer")) + end()
         + chain("start", "a", "end"),
         [lambda walk: walk.do("a", 1, answer="b"), lambda walk: walk.do("a", 0, answer="a")],
         ">start <start >a >a >a <a <a <a >end <end", {"list": [1, 2]}, variables={"list": [1, 2], "out": ["a", "b"]}),
    Case("sequential instances", start() + user("a", body=multi("=list", output="out", result="=item * loopCounter",
         sequential=True)) + end() + chain("start", "a", "end"), ["a", "a"],
         ">start <start >a >a <a >a <a <a >end <end", {"list": [3, 4]}, variables={"list": [3, 4], "out": [3, 8]}),
    Case("no instances", start() + user("a", body=multi("=list", output="out", result="=1")) + end()
         + chain("start", "a", "end"), [], ">start <start >a <a >end <end", {"list": []},
         variables={"list": [], "out": []}),
    Case("collection is no list", start() + user("a", body=multi("=list")) + end() + chain("start", "a", "end"),
         [lambda walk: walk.retry("a", list=[])], ">start <start >a #a <a >end <end", {"list": None},
         incidents=[("a", "not_a_list")]),
    Case("completion condition", start() + user("a", body=multi("=list", until="=numberOfCompletedInstances >= 1"))
         + end() + chain("start", "a", "end"), ["a"], ">start <start >a >a >a >a <a xa xa <a >end <end",
         {"list": [1, 2, 3]}),
    Case("instances of a subprocess", start() + sub("p1", start("s1"), user("u"), chain("s1", "u"),
         loop=multi("=list", output="out", result="=got"), zeebe=io(outputs={"got": "=answer"})) + end()
         + chain("start", "p1", "end"),
         [lambda walk: walk.do("u", 0, answer=1), lambda walk: walk.do("u", 0, answer=2)],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >u <s1 >u <u <p1 <u <p1 <p1 >end <end", {"list": [1, 2]},
         variables=None),
    Case("boundary on instances", start() + user("a", body=multi("=list")) + boundary("t", "a", timer("P1D")) + end()
         + end("late") + chain("start", "a", "end") + chain("t", "late"), ["a", "t"],
         ">start <start >a >a >a <a !t xa xa >late <late", {"list": [1, 2]}),
]  # fmt: skip

EVENT_SUB = [
    Case("message, interrupting", sub("es", start("es1", event("message", messageRef="msg")), user("u"), chain("es1", "u"),
         event_driven=True) + start() + user("a") + end() + chain("start", "a", "end"), [("es1", {"r": 1}), "u"],
         ">start <start >a !es1 xa >es >es1 <es1 >u <u <es", roots=MESSAGE),
    Case("message, beside", sub("es", start("es1", event("message", messageRef="msg"), isInterrupting="false"), user("u"),
         chain("es1", "u"), event_driven=True) + start() + user("a") + end() + chain("start", "a", "end"),
         ["es1", "es1", "a", "u", "u"],
         ">start <start >a !es1 >es >es1 <es1 >u !es1 >es >es1 <es1 >u <a >end <end <u <es <u <es", roots=MESSAGE),
    Case("not needed", sub("es", start("es1", event("message", messageRef="msg")), user("u"), chain("es1", "u"),
         event_driven=True) + start() + user("a") + end() + chain("start", "a", "end"), ["a"],
         ">start <start >a <a >end <end", roots=MESSAGE),
    Case("timer, beside, cycle", sub("es", start("es1", timer("R/P1D", "timeCycle"), isInterrupting="false"),
         script("n", "n", "=n + 1"), chain("es1", "n"), event_driven=True) + start() + user("a") + end()
         + chain("start", "a", "end"), ["es1", "es1", "a"],
         ">start <start >a !es1 >es >es1 <es1 >n <n <es !es1 >es >es1 <es1 >n <n <es <a >end <end", {"n": 0},
         variables={"n": 2}),
    Case("error", start() + sub("p1", start("s1"), gateway("parallel", "f"), user("u"),
         end("bad", event("error", errorRef="E1")), sub("es", start("es1", event("error", errorRef="E1")), user("fix"),
         chain("es1", "fix"), event_driven=True), chain("s1", "f", "u"), chain("f", "bad")) + end()
         + chain("start", "p1", "end"), ["fix"],
         ">start <start >p1 >s1 <s1 >f <f >u >bad <bad ^bad !es1 xu >es >es1 <es1 >fix <fix <es <p1 >end <end",
         roots=ERRORS),
    Case("error of a job", start() + service("s") + end() + chain("start", "s", "end")
         + sub("es", start("es1", event("error")), user("fix"), chain("es1", "fix"), event_driven=True),
         [lambda walk: walk.error("s", "X"), "fix"], ">start <start >s ^s !es1 xs >es >es1 <es1 >fix <fix <es"),
    Case("escalation, beside", start() + throw("esc", event("escalation", escalationRef="S1")) + user("a") + end()
         + chain("start", "esc", "a", "end") + sub("es", start("es1", event("escalation", escalationRef="S1"),
         isInterrupting="false"), user("u"), chain("es1", "u"), event_driven=True), ["u", "a"],
         ">start <start >esc <esc ^esc !es1 >es >es1 >a <es1 >u <u <es <a >end <end", roots=ESCALATIONS),
    Case("signal reaches all", start() + gateway("parallel", "f")
         + catch("c", event("signal", signalRef="sig")) + user("a") + boundary("b", "a", event("signal", signalRef="sig"))
         + throw("t", event("signal", signalRef="sig")) + user("go") + end() + end("h")
         + chain("start", "f", "c", "end") + chain("f", "a", "end") + chain("f", "go", "t", "end") + chain("b", "h"),
         ["go"], ">start <start >f <f >c >a >go <go >t <t ^t !c !b xa >end <c >end >h <end <end <h",
         roots=element("signal", "sig", name="over")),
]  # fmt: skip

UNDO = [
    Case("compensation in reverse order", start() + user("a") + undo("a", "ua") + user("b") + undo("b", "ub") + user("c")
         + throw("t", event("compensate")) + end() + chain("start", "a", "b", "c", "t", "end"),
         ["a", "b", "c", "ub", "ua"],
         ">start <start >a <a >b <b >c <c >t ^t >ub <ub >ua <ua <t >end <end"),
    Case("compensation of one activity, once", start() + user("a") + undo("a", "ua") + user("b") + undo("b", "ub")
         + throw("t", event("compensate", activityRef="a")) + throw("again", event("compensate", activityRef="a"))
         + end() + chain("start", "a", "b", "t", "again", "end"), ["a", "b", "ua"],
         ">start <start >a <a >b <b >t ^t >ua <ua <t >again ^again <again >end <end"),
    Case("nothing to compensate", start() + gateway("exclusive", "g", default="d") + user("a") + undo("a", "ua")
         + end("end", event("compensate")) + chain("start", "g") + flow("g", "a", "=false") + flow("g", "end", id="d")
         + chain("a", "end"), [], ">start <start >g <g >end ^end <end"),
    Case("compensation inside a completed subprocess", start()
         + sub("p1", start("s1"), user("a"), undo("a", "ua"), chain("s1", "a"), zeebe=io({"inner": "=7"}))
         + throw("t", event("compensate", activityRef="p1")) + end() + chain("start", "p1", "t", "end"),
         ["a", lambda walk: walk.do("ua", seen=1)],
         ">start <start >p1 >s1 <s1 >a <a <p1 >t ^t >ua <ua <t >end <end", variables={"case_no": "K1", "seen": 1}),
    Case("a subprocess with its own handler", start() + sub("p1", start("s1"), user("a"), undo("a", "ua"),
         chain("s1", "a")) + undo("p1", "up") + throw("t", event("compensate")) + end()
         + chain("start", "p1", "t", "end"), ["a", "up"],
         ">start <start >p1 >s1 <s1 >a <a <p1 >t ^t >up <up <t >end <end"),
    Case("instances of a compensated subprocess", start() + sub("p1", start("s1"), user("a"), undo("a", "ua"),
         chain("s1", "a"), loop=multi("=list", sequential=True)) + throw("t", event("compensate")) + end()
         + chain("start", "p1", "t", "end"), ["a", "a", "ua", "ua"],
         ">start <start >p1 >p1 >s1 <s1 >a <a <p1 >p1 >s1 <s1 >a <a <p1 <p1 >t ^t >ua <ua >ua <ua <t >end <end",
         {"list": [1, 2]}),
    Case("from an event subprocess", sub("es", start("es1", event("message", messageRef="msg")),
         throw("t", event("compensate")), end("e2"), chain("es1", "t", "e2"), event_driven=True) + start() + user("a")
         + undo("a", "ua") + user("b") + end() + chain("start", "a", "b", "end"), ["a", "es1", "ua"],
         ">start <start >a <a >b !es1 xb >es >es1 <es1 >t ^t >ua <ua <t >e2 <e2 <es", roots=MESSAGE),
    Case("a handler is called off", start() + user("a") + undo("a", "ua") + throw("t", event("compensate")) + end()
         + chain("start", "a", "t", "end") + sub("es", start("es1", event("message", messageRef="msg")), end("e2"),
         chain("es1", "e2"), event_driven=True), ["a", "es1"],
         ">start <start >a <a >t ^t >ua !es1 xt xua >es >es1 <es1 >e2 <e2 <es", roots=MESSAGE),
]  # fmt: skip


@pytest.mark.parametrize("reload", [False, True], ids=["straight", "reloaded"])
@pytest.mark.parametrize("case", CASES + SCOPES + EVENT_SUB + UNDO, ids=lambda case: case.name)
def test_case(case: Case, reload: bool) -> None:
    walk = begin(process(case.parts, roots=case.roots), case.given, reload=reload)
    play(walk, case.deeds)
    assert " ".join(walk.trace) == case.trace
    assert walk.ended == case.ended
    assert walk.incidents == case.incidents
    if case.variables is not None:
        assert walk.variables == case.variables
    if walk.ended:
        assert walk.open() == []
        assert walk.instance.active_elements() == []


def test_properties_helper() -> None:
    assert "label:en" in properties(**{"label:en": "Report"})
    assert z("script", expression="=1") == '<zeebe:script expression="=1"></zeebe:script>'
