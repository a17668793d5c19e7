"""The matrix: tasks, gateways, events, boundary events, subprocesses, ends."""
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
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)

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
