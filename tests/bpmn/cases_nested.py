"""The matrix: scopes in scopes — instances, calls, event subprocesses, compensation and errors within each other."""
# ruff: noqa: E501 (a diagram, its deeds and its trace read best side by side)

from tests.bpmn.cases import CALLED, ERRORS, ESCALATIONS, MESSAGE, SIGNAL, Case
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
    service,
    start,
    sub,
    throw,
    timer,
    undo,
    user,
    z,
)  # fmt: skip

LETTER = event("message", messageRef="msg")
FAILS = event("error", errorRef="E1")
ESCALATES = event("escalation", escalationRef="S1")
OVER = event("signal", signalRef="sig")
DAY = timer("P1D")
STOP = event("terminate")
BACK = event("compensate")
ROOTS = MESSAGE + SIGNAL + ERRORS + ESCALATIONS


def call(id: str = "c", p: str = "q", body: str = "") -> str:
    """A call activity that hands nothing in."""
    return element("callActivity", id, body, z("calledElement", processId=p))


FAILING = {"k.bpmn": process(start("ks"), user("go"), end("kb", FAILS), chain("ks", "go", "kb"), id="k", roots=ERRORS)}
ESCALATING = {"k.bpmn": process(start("ks"), call("c2", "k2"), end("ke"), chain("ks", "c2", "ke"), id="k"),
              "k2.bpmn": process(start("k2s"), throw("esc", ESCALATES), user("deep"), end("k2e"), chain("k2s", "esc", "deep", "k2e"), id="k2", roots=ESCALATIONS)}  # fmt: skip

NESTED = [
    Case("nested multi-instance, outer completes early", start() + sub("p1", start("s1"), user("u",
         body=multi("=item", "inner")), chain("s1", "u"), loop=multi("=lists", "item",
         until="=numberOfCompletedInstances >= 1")) + end() + chain("start", "p1", "end"), ["u", "u"],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >u >u >u <s1 >u >u <u <u <u <p1 xu xu xp1 <p1 >end <end", {"lists":
         [[1, 2], [3]]}, roots=ROOTS),
    Case("nested multi-instance with boundary timer on inner body", start() + sub("p1", start("s1"), user("u",
         body=multi("=item", "inner")), boundary("t", "u", DAY), end("e1"), end("late"), chain("s1", "u", "e1"),
         chain("t", "late"), loop=multi("=lists", "item")) + end() + chain("start", "p1", "end"), ["t", "u"],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >u >u >u <s1 >u >u !t xu xu xu >late <late <p1 <u <u >e1 <e1 <p1 <p1 >end <end",
         {"lists": [[1, 2], [3]]}, roots=ROOTS),
    Case("boundary timer on instance subprocess body vs inner task", start() + sub("p1", start("s1"), user("u"),
         boundary("t", "u", DAY), end("e1"), user("late"), chain("s1", "u", "e1"), chain("t", "late"),
         loop=multi("=list")) + boundary("T", "p1", timer("P5D")) + end() + end("over") + chain("start", "p1", "end")
         + chain("T", "over"), ["t", "late", "T"],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >u <s1 >u !t xu >late <late <p1 !T xu xp1 xp1 >over <over",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS),
    Case("compensation inside multi-instance", start() + sub("p1", start("s1"), user("a"), undo("a", "ua"),
         throw("t", BACK), end("e1"), chain("s1", "a", "t", "e1"), loop=multi("=list")) + end() + chain("start",
         "p1", "end"), ["a", "ua", "a", "ua"],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >a <s1 >a <a >t ^t >ua <ua <t >e1 <e1 <p1 <a >t ^t >ua <ua <t >e1 <e1 <p1 <p1 >end <end",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS),
    Case("compensation of a multi-instance task", start() + user("a", body=multi("=list")) + undo("a", "ua") +
         throw("t", BACK) + end() + chain("start", "a", "t", "end"), ["a", "a", "ua"],
         ">start <start >a >a >a <a <a <a >t ^t >ua <ua <t >end <end", {"case_no": "K1", "list": [1, 2]},
         roots=ROOTS),
    Case("compensation of parallel multi-instance subprocess from outside", start() + sub("p1", start("s1"),
         user("a"), undo("a", "ua"), chain("s1", "a"), loop=multi("=list")) + throw("t", BACK) + end() +
         chain("start", "p1", "t", "end"), [lambda walk: walk.do("a", 1), "a", "ua", "ua"],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >a <s1 >a <a <p1 <a <p1 <p1 >t ^t >ua <ua >ua <ua <t >end <end",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS),
    Case("interrupting event subprocess while call waits", sub("es", start("es1", LETTER), user("u"), chain("es1",
         "u"), event_driven=True) + start() + call() + end() + chain("start", "c", "end"), ["es1", "u"],
         ">start <start >c >begin <begin >work !es1 xwork xc >es >es1 <es1 >u <u <es", roots=ROOTS, files=CALLED),
    Case("non-interrupting event subprocess while call waits", sub("es", start("es1", LETTER,
         isInterrupting="false"), user("u"), chain("es1", "u"), event_driven=True) + start() + call() + end() +
         chain("start", "c", "end"), ["es1", "work", "u"],
         ">start <start >c >begin <begin >work !es1 >es >es1 <es1 >u <work >over <over <c >end <end <u <es",
         roots=ROOTS, files=CALLED),
    Case("inclusive join in a loop", start() + gateway("exclusive", "m") + gateway("inclusive", "f") + user("a") +
         user("b") + gateway("inclusive", "j") + gateway("exclusive", "x", default="out") + end() + chain("start",
         "m", "f") + flow("f", "a", "=true") + flow("f", "b", "=n > 0") + chain("a", "j") + chain("b", "j") +
         chain("j", "x") + flow("x", "m", "=again") + flow("x", "end", id="out"), [("a", {}), ("b", {"again": True,
         "n": 0}), ("a", {"again": False})],
         ">start <start >m <m >f <f >a >b <a >j <b >j <j >x <x >m <m >f <f >a <a >j <j >x <x >end <end", {"n": 1},
         roots=ROOTS),
    Case("terminate inside call activity", start() + gateway("parallel", "f") + call(p="k") + user("b") +
         gateway("parallel", "j") + end() + chain("start", "f", "c", "j", "end") + chain("f", "b", "j"), ["go", "b"],
         ">start <start >f <f >c >ks >b <ks >kf <kf >go >stay <go >kt <kt xstay <c >j <b >j <j >end <end",
         roots=ROOTS, files={"k.bpmn": process(start("ks"), gateway("parallel", "kf"), user("go"), user("stay"),
         end("kt", STOP), end("ke"), chain("ks", "kf", "go", "kt"), chain("kf", "stay", "ke"), id="k")}),
    Case("terminate in subprocess", start() + gateway("parallel", "f") + sub("p1", start("s1"), gateway("parallel",
         "f1"), user("go"), user("stay"), end("t1", STOP), chain("s1", "f1", "go", "t1"), chain("f1", "stay")) +
         user("b") + gateway("parallel", "j") + end() + chain("start", "f", "p1", "j", "end") + chain("f", "b", "j"),
         ["go", "b"],
         ">start <start >f <f >p1 >s1 >b <s1 >f1 <f1 >go >stay <go >t1 <t1 xstay <p1 >j <b >j <j >end <end",
         roots=ROOTS),
    Case("terminate in multi-instance subprocess ends one instance", start() + sub("p1", start("s1"),
         gateway("parallel", "f1"), user("go"), user("stay"), end("t1", STOP), chain("s1", "f1", "go", "t1"),
         chain("f1", "stay"), loop=multi("=list")) + end() + chain("start", "p1", "end"), ["go", "go"],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >f1 <s1 >f1 <f1 >go >stay <f1 >go >stay <go >t1 <t1 xstay <p1 <go >t1 <t1 xstay <p1 <p1 >end <end",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS),
    Case("terminate in event subprocess", sub("es", start("es1", LETTER, isInterrupting="false"), end("t1", STOP),
         chain("es1", "t1"), event_driven=True) + start() + user("a") + end() + chain("start", "a", "end"), ["es1",
         "a"], ">start <start >a !es1 >es >es1 <es1 >t1 <t1 <es <a >end <end", roots=ROOTS),
    Case("call error caught by code, other code first", start() + call(p="k") + boundary("b2", "c", event("error",
         errorRef="E2")) + boundary("b1", "c", FAILS) + boundary("b0", "c", event("error")) + end() + end("e2") +
         end("e1") + end("e0") + chain("start", "c", "end") + chain("b2", "e2") + chain("b1", "e1") + chain("b0",
         "e0"), ["go"], ">start <start >c >ks <ks >go <go >kb <kb ^kb !b1 xc >e1 <e1", roots=ROOTS, files=FAILING),
    Case("call error without code", start() + call(p="k") + boundary("b0", "c", event("error")) + end() + end("e0") +
         chain("start", "c", "end") + chain("b0", "e0"), ["go"],
         ">start <start >c >ks <ks >go <go >kb <kb ^kb !b0 xc >e0 <e0", roots=ROOTS, files=FAILING),
    Case("an error of a called process that nobody catches", start() + gateway("parallel", "f") + call(p="k") +
         user("x") + end() + chain("start", "f", "c", "end") + chain("f", "x", "end"), ["go"],
         ">start <start >f <f >c >ks >x <ks >go <go >kb <kb ^kb xc xx", ended="error", roots=ROOTS, files=FAILING),
    Case("escalation through two calls, beside", start() + call(p="k") + boundary("b", "c", ESCALATES,
         interrupting=False) + end() + user("told") + chain("start", "c", "end") + chain("b", "told"), ["deep",
         "told"],
         ">start <start >c >ks <ks >c2 >k2s <k2s >esc <esc ^esc !b >deep >told <deep >k2e <k2e <c2 >ke <ke <c >end <end <told",
         roots=ROOTS, files=ESCALATING),
    Case("escalation through two calls, interrupting", start() + call(p="k") + boundary("b", "c", ESCALATES) + end()
         + user("told") + chain("start", "c", "end") + chain("b", "told"), ["told"],
         ">start <start >c >ks <ks >c2 >k2s <k2s >esc <esc ^esc !b xc2 xc >told <told", roots=ROOTS,
         files=ESCALATING),
    Case("link in subprocess and outside with the same name", start() + throw("l1", event("link", name="L")) +
         catch("l2", event("link", name="L")) + sub("p1", start("s1"), throw("k1", event("link", name="L")),
         catch("k2", event("link", name="L")), end("e1"), chain("s1", "k1"), chain("k2", "e1")) + end() +
         chain("start", "l1") + chain("l2", "p1", "end"), [],
         ">start <start >l1 <l1 >l2 <l2 >p1 >s1 <s1 >k1 <k1 >k2 <k2 >e1 <e1 <p1 >end <end", roots=ROOTS),
    Case("error in non-interrupting event subprocess caught by sibling", sub("es", start("es1", LETTER,
         isInterrupting="false"), end("bad", FAILS), chain("es1", "bad"), event_driven=True) + sub("ef", start("ef1",
         FAILS), user("fix"), chain("ef1", "fix"), event_driven=True) + start() + user("a") + end() + chain("start",
         "a", "end"), ["es1", "fix"],
         ">start <start >a !es1 >es >es1 <es1 >bad <bad ^bad !ef1 xa xes >ef >ef1 <ef1 >fix <fix <ef", roots=ROOTS),
    Case("error in interrupting event subprocess not caught by sibling", start() + sub("p1", sub("es", start("es1",
         LETTER), end("bad", FAILS), chain("es1", "bad"), event_driven=True) + sub("ef", start("ef1", FAILS),
         user("fix"), chain("ef1", "fix"), event_driven=True) + start("s1") + user("a") + end("e1") + chain("s1",
         "a", "e1")) + boundary("b", "p1", FAILS) + end() + end("eb") + chain("start", "p1", "end") + chain("b",
         "eb"), ["es1"], ">start <start >p1 >s1 <s1 >a !es1 xa >es >es1 <es1 >bad <bad ^bad !b xes xp1 >eb <eb",
         roots=ROOTS),
    Case("error handler throws the same error outwards", start() + sub("p1", sub("ef", start("ef1", FAILS),
         end("again", FAILS), chain("ef1", "again"), event_driven=True) + start("s1") + user("a") + end("bad", FAILS)
         + chain("s1", "a", "bad")) + boundary("b", "p1", FAILS) + end() + end("eb") + chain("start", "p1", "end") +
         chain("b", "eb"), ["a"],
         ">start <start >p1 >s1 <s1 >a <a >bad <bad ^bad !ef1 >ef >ef1 <ef1 >again <again ^again !b xef xp1 >eb <eb",
         roots=ROOTS),
    Case("escalation in escalation handler does not catch itself", sub("es", start("es1", ESCALATES,
         isInterrupting="false"), throw("again", ESCALATES), end("e1"), chain("es1", "again", "e1"),
         event_driven=True) + start() + throw("esc", ESCALATES) + user("a") + end() + chain("start", "esc", "a",
         "end"), ["a"],
         ">start <start >esc <esc ^esc !es1 >es >es1 >a <es1 >again <again ^again >e1 <e1 <es <a >end <end",
         roots=ROOTS),
    Case("error on multi-instance instance ends all instances", start() + service("s", body=multi("=list")) +
         boundary("b", "s", event("error")) + end() + end("eb") + chain("start", "s", "end") + chain("b", "eb"),
         [lambda walk: walk.error("s", "X")], ">start <start >s >s >s ^s !b xs xs xs >eb <eb", {"case_no": "K1",
         "list": [1, 2]}, roots=ROOTS),
    Case("error inside multi-instance subprocess caught inside", start() + sub("p1", start("s1"), service("s"),
         boundary("b", "s", event("error")), user("fix"), end("e1"), chain("s1", "s", "e1"), chain("b", "fix"),
         loop=multi("=list")) + end() + chain("start", "p1", "end"), [lambda walk: walk.error("s", "X"), "s", "fix"],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >s <s1 >s ^s !b xs >fix <s >e1 <e1 <p1 <fix <p1 <p1 >end <end",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS),
    Case("message in multi-instance, own keys", start() + element("receiveTask", "r", multi("=keys", "k"),
         messageRef="msg2") + end() + chain("start", "r", "end"), [lambda walk: walk.do("r", 1), "r"],
         ">start <start >r >r >r !r <r !r <r <r >end <end", {"keys": ["A", "B"]}, roots=message("msg2", key="=k")),
    Case("signal caught inside multi-instance subprocess and outside", start() + gateway("parallel", "f") + sub("p1",
         start("s1"), catch("c", OVER), end("e1"), chain("s1", "c", "e1"), loop=multi("=list")) + throw("t", OVER) +
         end() + chain("start", "f", "p1", "end") + chain("f", "t"), [],
         ">start <start >f <f >p1 >p1 >s1 >p1 >s1 >t <s1 >c <s1 >c <t ^t !c !c <c >e1 <c >e1 <e1 <e1 <p1 <p1 <p1 >end <end",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS),
    Case("the way of a boundary event outlives its subprocess", start() + sub("p1", start("s1"), user("u"),
         chain("s1", "u")) + boundary("b", "p1", LETTER, interrupting=False) + user("h") + end() + end("eh") +
         chain("start", "p1", "end") + chain("b", "h", "eh"), ["b", "u", "h"],
         ">start <start >p1 >s1 <s1 >u !b >h <u <p1 >end <end <h >eh <eh", roots=ROOTS),
    Case("event gateway in a loop", start() + gateway("exclusive", "m") + gateway("eventBased", "g") + catch("c",
         LETTER) + catch("t", DAY) + end() + chain("start", "m", "g", "c", "m") + chain("g", "t", "end"), ["c", "c",
         "t"],
         ">start <start >m <m >g >c >t !c <g xt <c >m <m >g >c >t !c <g xt <c >m <m >g >c >t !t <g xc <t >end <end",
         roots=ROOTS),
    Case("parallel join two tokens one way then other", start() + gateway("parallel", "f") + user("a") + user("b") +
         gateway("exclusive", "m") + user("w") + gateway("parallel", "j") + end() + chain("start", "f", "a", "m") +
         chain("f", "b", "m") + chain("m", "w", "j") + chain("f", "j", "end"), ["a", "b", "w", "w"],
         ">start <start >f <f >a >b >j <a >m <m >w <b >m <m >w <w >j <j >end <end <w >j #j", ended=None,
         incidents=[("j", "deadlock")], roots=ROOTS),
    Case("cancel with pending compensation", start() + user("a") + undo("a", "ua") + throw("t", BACK) + end() +
         chain("start", "a", "t", "end"), ["a", lambda walk: walk.note(walk.instance.cancel(walk.runtime))],
         ">start <start >a <a >t ^t >ua xt xua", ended="cancelled", roots=ROOTS),
    Case("interrupting boundary while compensation of inner subprocess runs", start() + sub("p1", start("s1"),
         user("a"), undo("a", "ua"), throw("t", BACK), end("e1"), chain("s1", "a", "t", "e1")) + boundary("b", "p1",
         LETTER) + end() + end("eb") + chain("start", "p1", "end") + chain("b", "eb"), ["a", "b"],
         ">start <start >p1 >s1 <s1 >a <a >t ^t >ua !b xt xua xp1 >eb <eb", roots=ROOTS),
    Case("compensate after loop", start() + gateway("exclusive", "m") + user("a") + undo("a", "ua") +
         gateway("exclusive", "x", default="o") + throw("t", BACK) + end() + chain("start", "m", "a", "x") +
         flow("x", "m", "=n < 2") + flow("x", "t", id="o") + chain("t", "end"), [("a", {"n": 1}), ("a", {"n": 2}),
         "ua", "ua"], ">start <start >m <m >a <a >x <x >m <m >a <a >x <x >t ^t >ua <ua >ua <ua <t >end <end", {"n":
         0}, roots=ROOTS),
    Case("conditional boundary on multi-instance", start() + user("a", body=multi("=list")) + boundary("b", "a",
         conditional("=level > 2")) + user("o") + gateway("parallel", "f") + end() + end("eb") + chain("start", "f",
         "a", "end") + chain("f", "o") + chain("b", "eb"), [("o", {"level": 3})],
         ">start <start >f <f >a >a >a >o <o !b xa xa xa >eb <eb", {"list": [1, 2], "level": 0}, roots=ROOTS),
    Case("timer boundary non-interrupting on multi-instance", start() + user("a", body=multi("=list")) +
         boundary("b", "a", DAY, interrupting=False) + end() + end("eb") + chain("start", "a", "end") + chain("b",
         "eb"), ["b", "a", "a"], ">start <start >a >a >a !b >eb <eb <a <a <a >end <end", {"case_no": "K1", "list":
         [1, 2]}, roots=ROOTS),
    Case("event subprocess in multi-instance subprocess", start() + sub("p1", sub("es", start("es1", DAY,
         isInterrupting="false"), user("late"), chain("es1", "late"), event_driven=True) + start("s1") + user("u") +
         end("e1") + chain("s1", "u", "e1"), loop=multi("=list")) + end() + chain("start", "p1", "end"), ["es1", "u",
         "u", "late"],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >u <s1 >u !es1 >es >es1 <es1 >late <u >e1 <e1 <u >e1 <e1 <p1 <late <es <p1 <p1 >end <end",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS),
    Case("nested event subprocess", sub("es", start("es1", LETTER), sub("in", start("in1", OVER,
         isInterrupting="false"), user("n"), chain("in1", "n"), event_driven=True), user("u"), chain("es1", "u"),
         event_driven=True) + start() + user("a") + end() + chain("start", "a", "end"), ["es1", "in1", "u", "n"],
         ">start <start >a !es1 xa >es >es1 <es1 >u !in1 >in >in1 <in1 >n <u <n <in <es", roots=ROOTS),
    Case("boundary on a call in multi-instance", start() + call(body=multi("=list")) + boundary("b", "c", LETTER) +
         end() + end("eb") + chain("start", "c", "end") + chain("b", "eb"), ["work", "b"],
         ">start <start >c >c >begin >c >begin <begin >work <begin >work <work >over <over <c !b xwork xc xc >eb <eb",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS, files=CALLED),
    Case("escalation from multi-instance instance, beside", start() + sub("p1", start("s1"), throw("esc", ESCALATES),
         user("u"), chain("s1", "esc", "u"), loop=multi("=list")) + boundary("b", "p1", ESCALATES,
         interrupting=False) + end() + end("eb") + chain("start", "p1", "end") + chain("b", "eb"), ["u", "u"],
         ">start <start >p1 >p1 >s1 >p1 >s1 <s1 >esc <s1 >esc <esc ^esc !b >u <esc ^esc !b >u >eb >eb <eb <eb <u <p1 <u <p1 <p1 >end <end",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS),
    Case("sequential multi-instance with interrupting escalation", start() + sub("p1", start("s1"), user("u"),
         end("esc", ESCALATES), chain("s1", "u", "esc"), loop=multi("=list", sequential=True)) + boundary("b", "p1",
         ESCALATES) + end() + end("eb") + chain("start", "p1", "end") + chain("b", "eb"), ["u"],
         ">start <start >p1 >p1 >s1 <s1 >u <u >esc <esc ^esc !b xp1 xp1 >eb <eb", {"case_no": "K1", "list": [1, 2]},
         roots=ROOTS),
]  # fmt: skip
