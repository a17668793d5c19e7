"""The matrix: many instances of each kind of activity, side by side and one after the other."""

from tests.bpmn.cases import CALLED, MESSAGE, TABLE, Case
from tests.bpmn.diagrams import chain, element, end, io, multi, start, z

LINE = chain("start", "a", "end")
TWO = {"list": [1, 2], "case_no": "K1"}
SIDE, ONE = multi("=list"), multi("=list", sequential=True)


def many(name: str, tag: str, deeds: list[str], trace: str, loop: str, zeebe: str = "", **rest: str) -> Case:
    parts = start() + element(tag, "a", loop, zeebe, **rest) + end() + LINE
    files = {"callActivity": CALLED, "businessRuleTask": TABLE}.get(tag, {})
    return Case(name, parts, deeds, f">start <start >a {trace} <a >end <end", TWO, files=files, roots=MESSAGE)


JOB = z("taskDefinition", type="work")
RULE = z("calledDecision", decisionId="triage", resultVariable="prio") + io({"danger": "=item > 1"})
CALL = z("calledElement", processId="q")
SCRIPT = z("script", expression="=item", resultVariable="last")

MANY = [
    many("jobs side by side", "serviceTask", ["a", "a"], ">a >a <a <a", SIDE, JOB),
    many("jobs one by one", "serviceTask", ["a", "a"], ">a <a >a <a", ONE, JOB),
    many("scripts side by side", "scriptTask", [], ">a >a <a <a", SIDE, SCRIPT),
    many("scripts one by one", "scriptTask", [], ">a <a >a <a", ONE, SCRIPT),
    many("decisions side by side", "businessRuleTask", [], ">a >a =a <a =a <a", SIDE, RULE),
    many("decisions one by one", "businessRuleTask", [], ">a =a <a >a =a <a", ONE, RULE),
    many("messages sent side by side", "sendTask", [], ">a >a <a ^a <a ^a", SIDE, messageRef="msg"),
    many("messages sent one by one", "sendTask", [], ">a <a ^a >a <a ^a", ONE, messageRef="msg"),
    many("messages awaited side by side", "receiveTask", ["a", "a"], ">a >a !a <a !a <a", SIDE, messageRef="msg"),
    many("messages awaited one by one", "receiveTask", ["a", "a"], ">a !a <a >a !a <a", ONE, messageRef="msg"),
    many("tasks side by side", "task", [], ">a >a <a <a", SIDE),
    many("tasks one by one", "task", [], ">a <a >a <a", ONE),
    many("calls side by side", "callActivity", ["work", "work"],
         ">a >begin >a >begin <begin >work <begin >work <work >over <over <a <work >over <over <a", SIDE, CALL),
    many("calls one by one", "callActivity", ["work", "work"],
         ">a >begin <begin >work <work >over <over <a >a >begin <begin >work <work >over <over <a", ONE, CALL),
]  # fmt: skip
