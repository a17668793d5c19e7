"""The matrix: what starts processes, what is sent, called and decided, and the rarer events."""
# ruff: noqa: E501 (a diagram, its deeds and its trace read best side by side)

from tests.bpmn.cases import CALLED, ESCALATIONS, MESSAGE, SIGNAL, TABLE, Case
from tests.bpmn.diagrams import (
    boundary,
    chain,
    element,
    end,
    event,
    flow,
    gateway,
    io,
    start,
    sub,
    throw,
    timer,
    user,
    z,
)  # fmt: skip

WORK = user("a") + end() + chain("a", "end")
OVER = event("signal", signalRef="sig")

REST = [
    Case("started by a message", start("by", event("message", messageRef="msg")) + WORK + flow("by", "a"), ["a"],
         ">by <by >a <a >end <end", roots=MESSAGE, message="msg"),
    Case("started by a timer", start("by", timer("R/P1M", "timeCycle")) + WORK + flow("by", "a"), ["a"],
         ">by <by >a <a >end <end", event="by"),
    Case("started by a signal", start("by", OVER) + WORK + flow("by", "a"), ["a"], ">by <by >a <a >end <end",
         roots=SIGNAL, event="by"),
    Case("one of several starts", start() + start("by", event("message", messageRef="msg")) + WORK + flow("start", "a")
         + flow("by", "a"), ["a"], ">start <start >a <a >end <end", roots=MESSAGE),
    Case("a none event passes", start() + throw("n") + end() + chain("start", "n", "end"), [],
         ">start <start >n <n >end <end"),
    Case("several flows into an activity", start() + gateway("parallel", "f") + user("a") + end()
         + chain("start", "f", "a", "end") + flow("f", "a", id="second"), ["a", "a"],
         ">start <start >f <f >a >a <a >end <end <a >end <end"),
    Case("send task", start() + element("sendTask", "s", zeebe=io({"x": "=1"}), messageRef="msg") + end()
         + chain("start", "s", "end"), [], ">start <start >s <s ^s >end <end", roots=MESSAGE),
    Case("send task as a job", start() + element("sendTask", "s", zeebe=z("taskDefinition", type="send")) + end()
         + chain("start", "s", "end"), ["s"], ">start <start >s <s >end <end"),
    Case("message end", start() + end("m", event("message", messageRef="msg")) + chain("start", "m"), [],
         ">start <start >m <m ^m", roots=MESSAGE),
    Case("signal end", start() + gateway("parallel", "f") + user("a") + boundary("b", "a", OVER) + end("s", OVER)
         + end("h") + chain("start", "f", "a") + chain("f", "s") + chain("b", "h"), [],
         ">start <start >f <f >a >s <s ^s !b xa >h <h", roots=SIGNAL),
    Case("escalation end", start() + sub("p1", start("s1"), end("esc", event("escalation", escalationRef="S1")),
         chain("s1", "esc")) + boundary("b", "p1", event("escalation"), interrupting=False) + end() + end("h")
         + chain("start", "p1", "end") + chain("b", "h"), [],
         ">start <start >p1 >s1 <s1 >esc <esc ^esc !b >h <p1 >end <h <end", roots=ESCALATIONS),
    Case("decision", start() + element("businessRuleTask", "d", zeebe=z("calledDecision", decisionId="triage",
         resultVariable="prio")) + end() + chain("start", "d", "end"), [], ">start <start >d =d <d >end <end",
         {"danger": True}, variables={"danger": True, "prio": "P1"}, files=TABLE),
    Case("decision as a job", start() + element("businessRuleTask", "d", zeebe=z("taskDefinition", type="decide")) + end()
         + chain("start", "d", "end"), ["d"], ">start <start >d <d >end <end"),
    Case("call", start() + element("callActivity", "c", zeebe=z("calledElement", processId="q")
         + io({"given": "=x"}, {"back": "=done"})) + end() + chain("start", "c", "end"), [("work", {"done": 2})],
         ">start <start >c >begin <begin >work <work >over <over <c >end <end", {"x": 1}, variables={"x": 1, "back": 2},
         files=CALLED),
    Case("boundary message interrupts", start() + user("a") + boundary("m", "a", event("message", messageRef="msg")) + end()
         + end("h") + chain("start", "a", "end") + chain("m", "h"), ["m"], ">start <start >a !m xa >h <h", roots=MESSAGE),
    Case("boundary signal beside, twice", start() + user("a") + boundary("b", "a", OVER, interrupting=False) + end()
         + end("h") + chain("start", "a", "end") + chain("b", "h"), ["b", "b", "a"],
         ">start <start >a !b >h <h !b >h <h <a >end <end", roots=SIGNAL),
    Case("event subprocess on a timer, interrupting", sub("es", start("es1", timer("P1D")), user("u"), chain("es1", "u"),
         event_driven=True) + start() + user("a") + end() + chain("start", "a", "end"), ["es1", "u"],
         ">start <start >a !es1 xa >es >es1 <es1 >u <u <es"),
    Case("event subprocess on a signal, interrupting", sub("es", start("es1", OVER), end("e1"), chain("es1", "e1"),
         event_driven=True) + start() + user("a") + end() + chain("start", "a", "end"), ["es1"],
         ">start <start >a !es1 xa >es >es1 <es1 >e1 <e1 <es", roots=SIGNAL),
    Case("event subprocess on a signal, beside", sub("es", start("es1", OVER, isInterrupting="false"), end("e1"),
         chain("es1", "e1"), event_driven=True) + start() + user("a") + end() + chain("start", "a", "end"),
         ["es1", "es1", "a"],
         ">start <start >a !es1 >es >es1 <es1 >e1 <e1 <es !es1 >es >es1 <es1 >e1 <e1 <es <a >end <end", roots=SIGNAL),
    Case("event subprocess on an escalation, interrupting", start() + throw("esc", event("escalation", escalationRef="S1"))
         + user("a") + chain("start", "esc", "a") + sub("es", start("es1", event("escalation", escalationRef="S1")),
         end("e1"), chain("es1", "e1"), event_driven=True), [],
         ">start <start >esc <esc ^esc !es1 >es >es1 <es1 >e1 <e1 <es", roots=ESCALATIONS),
]  # fmt: skip
