"""The matrix: events, gateways, compensation and instances in odd combinations."""
# ruff: noqa: E501 (a diagram, its deeds and its trace read best side by side)

from tests.bpmn.cases import Case
from tests.bpmn.cases_nested import BACK, DAY, ESCALATES, FAILING, FAILS, LETTER, ROOTS, STOP, call
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
    multi,
    process,
    service,
    start,
    sub,
    throw,
    timer,
    undo,
    user,
)  # fmt: skip

MIXED = [
    Case("the inner of two catchers", start() + sub("p1", start("s1"), end("bad", FAILS), chain("s1", "bad"),
         sub("ef", start("ef1", event("error")), user("fix"), chain("ef1", "fix"), event_driven=True)) +
         boundary("b", "p1", FAILS) + end() + end("eb") + chain("start", "p1", "end") + chain("b", "eb"), ["fix"],
         ">start <start >p1 >s1 <s1 >bad <bad ^bad !ef1 >ef >ef1 <ef1 >fix <fix <ef <p1 >end <end", roots=ROOTS),
    Case("job error in called process caught by event subprocess of caller", sub("ef", start("ef1", event("error")),
         user("fix"), chain("ef1", "fix"), event_driven=True) + start() + call(p="k") + end() + chain("start", "c",
         "end"), [lambda walk: walk.error("s", "X"), "fix"],
         ">start <start >c >ks <ks >s ^s !ef1 xs xc >ef >ef1 <ef1 >fix <fix <ef", roots=ROOTS, files={"k.bpmn":
         process(start("ks"), service("s"), end("ke"), chain("ks", "s", "ke"), id="k")}),
    Case("output collection after early completion", start() + user("a", body=multi("=list", output="out",
         result="=item * 10", until="=numberOfCompletedInstances >= 2")) + end() + chain("start", "a", "end"),
         [lambda walk: walk.do("a", 2), lambda walk: walk.do("a", 0)],
         ">start <start >a >a >a >a <a <a xa <a >end <end", {"list": [1, 2, 3]}, variables={"list": [1, 2, 3], "out":
         [10, None, 30]}, roots=ROOTS),
    Case("sequential early completion output", start() + user("a", body=multi("=list", output="out",
         result="=item * 10", until="=item = 2", sequential=True)) + end() + chain("start", "a", "end"), ["a", "a"],
         ">start <start >a >a <a >a <a <a >end <end", {"list": [1, 2, 3]}, variables={"list": [1, 2, 3], "out": [10,
         20, None]}, roots=ROOTS),
    Case("completion condition null", start() + user("a", body=multi("=list", until="=gone > 1")) + end() +
         chain("start", "a", "end"), ["a", lambda walk: walk.retry("a", gone=2)],
         ">start <start >a >a >a >a #a <a xa xa <a >end <end", {"list": [1, 2, 3]}, incidents=[("a",
         "condition_null")], roots=ROOTS),
    Case("null items", start() + user("a", body=multi("=list", output="out", result="=item = null")) + end() +
         chain("start", "a", "end"), ["a", "a"], ">start <start >a >a >a <a <a <a >end <end", {"list": [None, 1]},
         variables={"list": [None, 1], "out": [True, False]}, roots=ROOTS),
    Case("condition on flow out of multi-instance task", start() + user("a", body=multi("=list", output="out",
         result="=ok"), default="n") + user("y") + end() + chain("start", "a") + flow("a", "y",
         "=every x in out satisfies x") + flow("a", "end", id="n") + chain("y", "end"), [("a", {"ok": True}), ("a",
         {"ok": True}), "y"], ">start <start >a >a >a <a <a <a >y <y >end <end", {"case_no": "K1", "list": [1, 2]},
         variables={"case_no": "K1", "list": [1, 2], "out": [True, True]}, roots=ROOTS),
    Case("compensation thrown in a handler", start() + user("a") + boundary("c-a", "a", BACK) + element("subProcess", "h",
         start("hs") + user("x") + undo("x", "ux") + throw("ht", BACK) + end("he") + chain("hs", "x", "ht", "he"),
         isForCompensation="true") + element("association", "as", sourceRef="c-a", targetRef="h") + throw("t", BACK)
         + end() + chain("start", "a", "t", "end"), ["a", "x", "ux"],
         ">start <start >a <a >t ^t >h >hs <hs >x <x >ht ^ht >ux <ux <ht >he <he <h <t >end <end", roots=ROOTS),
    Case("error inside compensation handler", start() + sub("p1", start("s1"), user("a") + boundary("c-a", "a", BACK)
         + service("h", isForCompensation="true") + element("association", "as", sourceRef="c-a", targetRef="h"),
         throw("t", BACK), end("e1"), chain("s1", "a", "t", "e1")) + boundary("b", "p1", event("error")) + end() +
         end("eb") + chain("start", "p1", "end") + chain("b", "eb"), ["a", lambda walk: walk.error("h", "X")],
         ">start <start >p1 >s1 <s1 >a <a >t ^t >h ^h !b xt xh xp1 >eb <eb", roots=ROOTS),
    Case("throw in subprocess compensates only subprocess", start() + user("a") + undo("a", "ua") + sub("p1",
         start("s1"), user("b"), undo("b", "ub"), throw("t", BACK), end("e1"), chain("s1", "b", "t", "e1")) + end() +
         chain("start", "a", "p1", "end"), ["a", "b", "ub"],
         ">start <start >a <a >p1 >s1 <s1 >b <b >t ^t >ub <ub <t >e1 <e1 <p1 >end <end", roots=ROOTS),
    Case("compensate running subprocess does nothing", start() + gateway("parallel", "f") + sub("p1", start("s1"),
         user("a"), undo("a", "ua"), user("b"), end("e1"), chain("s1", "a", "b", "e1")) + user("go") + throw("t",
         event("compensate", activityRef="p1")) + end() + chain("start", "f", "p1", "end") + chain("f", "go", "t",
         "end"), ["a", "go", "b"],
         ">start <start >f <f >p1 >s1 >go <s1 >a <a >b <go >t ^t <t >end <end <b >e1 <e1 <p1 >end <end",
         roots=ROOTS),
    Case("timer cycle in event subprocess closes with subprocess", start() + sub("p1", sub("es", start("es1",
         timer("R/P1D", "timeCycle"), isInterrupting="false"), user("n"), chain("es1", "n"), event_driven=True) +
         start("s1") + user("u") + end("e1") + chain("s1", "u", "e1")) + user("after") + end() + chain("start", "p1",
         "after", "end"), ["es1", "u", "n", "after"],
         ">start <start >p1 >s1 <s1 >u !es1 >es >es1 <es1 >n <u >e1 <e1 <n <es <p1 >after <after >end <end",
         roots=ROOTS),
    Case("link as goto", start() + gateway("exclusive", "m") + user("a") + gateway("exclusive", "x", default="o") +
         throw("l1", event("link", name="L")) + catch("l2", event("link", name="L")) + end() + chain("start", "m",
         "a", "x") + flow("x", "l1", "=again") + flow("x", "end", id="o") + chain("l2", "m"), [("a", {"again":
         True}), ("a", {"again": False})],
         ">start <start >m <m >a <a >x <x >l1 <l1 >l2 <l2 >m <m >a <a >x <x >end <end", roots=ROOTS),
    Case("message to itself", start() + gateway("parallel", "f") + catch("c", LETTER) + throw("t", LETTER) + end() +
         chain("start", "f", "c", "end") + chain("f", "t", "end"), ["c"],
         ">start <start >f <f >c >t <t ^t >end <end !c <c >end <end", roots=ROOTS),
    Case("event gateway condition already true", start() + gateway("eventBased", "g") + catch("c",
         conditional("=n > 1")) + catch("t", DAY) + end() + end("et") + chain("start", "g", "c", "end") + chain("g",
         "t", "et"), [], ">start <start >g >c >t !c <g xt <c >end <end", {"n": 2}, roots=ROOTS),
    Case("event gateway two true conditions", start() + gateway("eventBased", "g") + catch("c",
         conditional("=n > 1")) + catch("d", conditional("=n > 0")) + end() + end("et") + chain("start", "g", "c",
         "end") + chain("g", "d", "et"), [], ">start <start >g >c >d !c <g xd <c >end <end", {"n": 2}, roots=ROOTS),
    Case("parallel join in subprocess interrupted by error of sibling branch", start() + sub("p1", start("s1"),
         gateway("parallel", "f"), user("a"), service("s"), gateway("parallel", "j"), end("e1"), chain("s1", "f",
         "a", "j", "e1") + chain("f", "s", "j")) + boundary("b", "p1", event("error")) + end() + end("eb") +
         chain("start", "p1", "end") + chain("b", "eb"), ["a", lambda walk: walk.error("s", "X")],
         ">start <start >p1 >s1 <s1 >f <f >a >s <a >j ^s !b xs xj xp1 >eb <eb", roots=ROOTS),
    Case("inclusive join with boundary feeding it", start() + gateway("inclusive", "f") + user("a") + boundary("t",
         "a", DAY, interrupting=False) + user("b") + user("late") + gateway("inclusive", "j") + end() +
         chain("start", "f") + flow("f", "a", "=true") + flow("f", "b", "=true") + chain("a", "j", "end") +
         chain("b", "j") + chain("t", "late", "j"), ["b", "t", "a", "late"],
         ">start <start >f <f >a >b <b >j !t >late <a >j <late >j <j >end <end", roots=ROOTS),
    Case("nested inclusive", start() + gateway("inclusive", "f") + gateway("inclusive", "g") + user("a") + user("b")
         + user("c") + gateway("inclusive", "k") + gateway("inclusive", "j") + end() + chain("start", "f") +
         flow("f", "g", "=true") + flow("f", "c", "=x") + flow("g", "a", "=true") + flow("g", "b", "=x") + chain("a",
         "k") + chain("b", "k") + chain("k", "j") + chain("c", "j", "end"), ["c", "a", "b"],
         ">start <start >f <f >g >c <g >a >b <c >j <a >k <b >k <k >j <j >end <end", {"x": True}, roots=ROOTS),
    Case("inclusive join waits for a loop", start() + gateway("inclusive", "f") + user("a") + gateway("exclusive",
         "x", default="o") + gateway("exclusive", "m") + user("b") + gateway("inclusive", "j") + end() +
         chain("start", "f") + flow("f", "m", "=true") + flow("f", "b", "=true") + chain("m", "a", "x") + flow("x",
         "m", "=again") + flow("x", "j", id="o") + chain("b", "j", "end"), ["b", ("a", {"again": True}), ("a",
         {"again": False})], ">start <start >f <f >m >b <m >a <b >j <a >x <x >m <m >a <a >x <x >j <j >end <end", {},
         roots=ROOTS),
    Case("a handler of a sequential subprocess", start() + sub("p1", start("s1"), user("a"), end("e1"), chain("s1",
         "a", "e1"), loop=multi("=list", sequential=True)) + undo("p1", "up") + throw("t", BACK) + end() +
         chain("start", "p1", "t", "end"), ["a", "a", "up"],
         ">start <start >p1 >p1 >s1 <s1 >a <a >e1 <e1 <p1 >p1 >s1 <s1 >a <a >e1 <e1 <p1 <p1 >t ^t >up <up <t >end <end",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS),
    Case("call in multi-instance sequential with terminate", start() + call(p="k", body=multi("=list",
         sequential=True)) + end() + chain("start", "c", "end"), ["go", "go"],
         ">start <start >c >c >ks <ks >kf <kf >go >stay <go >kt <kt xstay <c >c >ks <ks >kf <kf >go >stay <go >kt <kt xstay <c <c >end <end",
         {"case_no": "K1", "list": [1, 2]}, roots=ROOTS, files={"k.bpmn": process(start("ks"), gateway("parallel",
         "kf"), user("go"), user("stay"), end("kt", STOP), end("ke"), chain("ks", "kf", "go", "kt"), chain("kf",
         "stay", "ke"), id="k")}),
    Case("error from call inside event subprocess", sub("es", start("es1", LETTER), call(p="k"), boundary("b", "c",
         FAILS), end("eb"), end("e1"), chain("es1", "c", "e1"), chain("b", "eb"), event_driven=True) + start() +
         user("a") + end() + chain("start", "a", "end"), ["es1", "go"],
         ">start <start >a !es1 xa >es >es1 <es1 >c >ks <ks >go <go >kb <kb ^kb !b xc >eb <eb <es", roots=ROOTS,
         files=FAILING),
    Case("escalation end in event subprocess to boundary of the subprocess", start() + sub("p1", sub("es",
         start("es1", DAY, isInterrupting="false"), end("esc", ESCALATES), chain("es1", "esc"), event_driven=True) +
         start("s1") + user("u") + end("e1") + chain("s1", "u", "e1")) + boundary("b", "p1", ESCALATES) + end() +
         end("eb") + chain("start", "p1", "end") + chain("b", "eb"), ["es1"],
         ">start <start >p1 >s1 <s1 >u !es1 >es >es1 <es1 >esc <esc ^esc !b xu xes xp1 >eb <eb", roots=ROOTS),
    Case("non-interrupting conditional boundary toggles in multi-instance", start() + gateway("parallel", "f") +
         user("a", body=multi("=list")) + boundary("b", "a", conditional("=n > 1"), interrupting=False) + user("o") +
         user("o2") + end() + end("eb") + chain("start", "f", "a", "end") + chain("f", "o", "o2") + chain("b", "eb"),
         [("o", {"n": 2}), ("o2", {"n": 3}), "a", "a"],
         ">start <start >f <f >a >a >a >o <o >o2 !b >eb <eb <o2 <a <a <a >end <end", {"list": [1, 2], "n": 0},
         roots=ROOTS),
    Case("receive task in multi-instance interrupted by boundary", start() + element("receiveTask", "r",
         multi("=list"), messageRef="msg") + boundary("t", "r", DAY) + end() + end("et") + chain("start", "r", "end")
         + chain("t", "et"), ["r", "t"], ">start <start >r >r >r !r <r !t xr xr >et <et", {"case_no": "K1", "list":
         [1, 2]}, roots=ROOTS),
]  # fmt: skip
