"""The matrix: event subprocesses, signals, compensation."""
# ruff: noqa: E501 (a diagram, its deeds and its trace read best side by side)

from tests.bpmn.cases import ERRORS, ESCALATIONS, MESSAGE, Case
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    element,
    end,
    event,
    flow,
    gateway,
    io,
    multi,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    undo,
    user,
)

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
