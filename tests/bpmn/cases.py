"""What a case of the matrix is."""

from dataclasses import dataclass, field
from typing import Any

from tests.bpmn.diagrams import chain, element, end, message, process, start, user

ERRORS = element("error", "E1", name="e1", errorCode="E1") + element("error", "E2", name="e2", errorCode="E2")
ESCALATIONS = element("escalation", "S1", escalationCode="S1") + element("escalation", "S2", escalationCode="S2")
MESSAGE = message("msg", key="=case_no")
SIGNAL = element("signal", "sig", name="over")
CALLED = {"q.bpmn": process(start("begin"), user("work"), end("over"), chain("begin", "work", "over"), id="q")}
TABLE = {
    "t.dmn": b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">
<decision id="triage" name="Triage"><variable name="Triage"/><decisionTable id="t1" hitPolicy="UNIQUE">
<input id="i1" label="danger"><inputExpression><text>danger</text></inputExpression></input><output id="o1"/>
<rule id="r1"><inputEntry><text>true</text></inputEntry><outputEntry><text>"P1"</text></outputEntry></rule>
<rule id="r2"><inputEntry><text>false</text></inputEntry><outputEntry><text>"P3"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
}


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
    files: dict[str, bytes] = field(default_factory=dict)  # what the diagram calls and decides by
    message: str | None = None  # that starts it
    event: str | None = None  # the timer or signal start event that starts it
