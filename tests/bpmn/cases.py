"""What a case of the matrix is."""

from dataclasses import dataclass, field
from typing import Any

from tests.bpmn.diagrams import element, message

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
