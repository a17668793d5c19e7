"""Business rule tasks and `decide(...)`: the bundle's tables, evaluated in the step and recorded with their reasons."""

import pytest

from engine.bpmn import Definition
from engine.errors import InvalidDefinition
from tests.bpmn.diagrams import chain, element, end, flow, gateway, io, process, script, start, z
from tests.bpmn.walk import begin

TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">
<decision id="triage" name="Triage"><variable name="Triage"/>
<decisionTable id="t1" hitPolicy="UNIQUE">
<input id="i1" label="danger"><inputExpression><text>danger</text></inputExpression></input>
<output id="o1" name="priority"/>
<rule id="r1"><inputEntry><text>true</text></inputEntry><outputEntry><text>"P1"</text></outputEntry></rule>
<rule id="r2"><inputEntry><text>false</text></inputEntry><outputEntry><text>"P3"</text></outputEntry></rule>
<rule id="r3"><inputEntry><text>false</text></inputEntry><outputEntry><text>"P4"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def rule(zeebe: str = "") -> str:
    called = z("calledDecision", decisionId="triage", resultVariable="prio")
    return element("businessRuleTask", "b", zeebe=called + zeebe)


@pytest.mark.parametrize("reload", [False, True])
def test_decides_and_says_why(reload: bool) -> None:
    files = {"p.bpmn": process(start(), rule(), end(), chain("start", "b", "end")), "t.dmn": TABLE}
    walk = begin(files, {"danger": True}, reload=reload)
    assert walk.ended == "completed"
    assert walk.variables["prio"] == "P1"
    assert " ".join(walk.trace) == ">start <start >b =b <b >end <end"
    step = next(step for advance in walk.advances for step in advance.steps if step.kind == "decided")
    assert step.detail["decision"] == "triage"
    table = step.detail["traces"][0]["tables"][0]
    assert table["inputs"][0]["value"] is True
    assert table["rules"] == [{"number": 1, "id": "r1"}]


def test_mapped_inputs_and_outputs() -> None:
    mapping = io({"danger": "=not(safe)"}, {"case_priority": "=prio"})
    files = {"p.bpmn": process(start(), rule(mapping), end(), chain("start", "b", "end")), "t.dmn": TABLE}
    assert begin(files, {"safe": False}).variables == {"safe": False, "case_priority": "P1"}


def test_an_unlawful_table_is_an_incident() -> None:
    files = {"p.bpmn": process(start(), rule(), end(), chain("start", "b", "end")), "t.dmn": TABLE}
    walk = begin(files, {"danger": False})
    assert walk.incidents == [("b", "decision_failed")]
    walk.retry("b", danger=True)
    assert walk.ended == "completed"


def test_decide_inside_an_expression() -> None:
    diagram = process(
        start(), gateway("exclusive", "g", default="no"), end("yes"), end("other"), chain("start", "g"),
        flow("g", "yes", '=decide("triage", {danger: urgent}) = "P1"'), flow("g", "other", id="no"),
    )  # fmt: skip
    walk = begin({"p.bpmn": diagram, "t.dmn": TABLE}, {"urgent": True})
    assert " ".join(walk.trace) == ">start <start >g =g <g >yes <yes"


def test_decide_that_fails_is_an_incident() -> None:
    failing = script("s", "x", '=decide("triage", {danger: false})')
    diagram = process(start(), failing, end(), chain("start", "s", "end"))
    assert begin({"p.bpmn": diagram, "t.dmn": TABLE}).incidents == [("s", "decision_failed")]


def test_missing_decisions_are_refused() -> None:
    with pytest.raises(InvalidDefinition, match=r"p\.bpmn: b: decision triage is not among the files"):
        Definition.compile({"p.bpmn": process(start(), rule(), end(), chain("start", "b", "end"))})
    diagram = process(start(), script("s", "x", '=decide("gone", {})'), end(), chain("start", "s", "end"))
    with pytest.raises(InvalidDefinition, match="s: decision gone is not among the files"):
        Definition.compile({"p.bpmn": diagram})
