"""One operation on an instance: the moment, the injected functions, the step budget, the record of what happened."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine import feel
from engine.bpmn.model import Advance, Incident, Step, ThrownMessage, ThrownSignal, Wait
from engine.bpmn.timers import Place
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.bpmn.definition import Definition
    from engine.bpmn.dialect.base import Element, Flow
    from engine.bpmn.tokens import Token


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the caller injects for one operation. The engine has no clock of its own but for its own time budget."""

    now: datetime
    timezone: ZoneInfo
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    max_steps: int = 1_000
    max_seconds: float = 0.5

    @property
    def place(self) -> Place:
        """Where timers are read."""
        return Place(self.timezone, self.functions.get("deadline"))


class Turn:
    """Collects the Advance of one operation."""

    def __init__(self, runtime: Runtime, definition: "Definition") -> None:
        self.now = runtime.now
        self.timezone = runtime.timezone
        self.functions = runtime.functions
        self.place = runtime.place
        self.definition = definition
        self.env = feel.Environment(
            now=runtime.now,
            timezone=runtime.timezone,
            functions={**runtime.functions, "decide": self._decide},
        )
        self.advance = Advance()
        self.token: Token | None = None  # whose element is being executed
        self.fault_at: Element | None = None  # where it failed, if not there
        self._opened: dict[str, Wait] = {}
        self._changed: dict[str, Wait] = {}
        self._steps_left = runtime.max_steps
        self._until = time.monotonic() + runtime.max_seconds

    def spend(self) -> bool:
        """Use one step of the budget; False when it is used up."""
        if self._steps_left <= 0 or (self._steps_left % 16 == 0 and time.monotonic() > self._until):
            return False
        self._steps_left -= 1
        return True

    def step(self, kind: str, element: "Element", detail: Mapping[str, Any] | None = None) -> None:
        """Record that something happened at `element`."""
        self.advance.steps.append(
            Step(kind, element.element_id, element.process_id, element.bpmn_name or "", detail or {})
        )

    def flow(self, flow: "Flow", element: "Element", detail: Mapping[str, Any]) -> None:
        """Record that a sequence flow was taken."""
        self.advance.steps.append(Step("taken", flow.id, element.process_id, flow.name, detail))

    def open(self, wait: Wait) -> None:
        """Record a new wait state."""
        self._opened[wait.id] = wait

    def change(self, wait: Wait) -> None:
        """Record that a wait state has a new due time."""
        (self._opened if wait.id in self._opened else self._changed)[wait.id] = wait

    def close(self, wait_id: str, how: str) -> None:
        """Record the end of a wait state; one that this operation itself opened is forgotten."""
        self._changed.pop(wait_id, None)
        if self._opened.pop(wait_id, None) is None:
            self.advance.closed[wait_id] = how

    def throw(self, thrown: ThrownMessage | ThrownSignal) -> None:
        """Record something that leaves the instance."""
        if isinstance(thrown, ThrownMessage):
            self.advance.thrown.append(thrown)
        else:
            self.advance.signals.append(thrown)

    def incident(self, token: "Token", error: EngineError) -> None:
        """Record that `token` cannot go on."""
        element = self.fault_at or token.task_spec
        self.fault_at = None
        incident = Incident(element.element_id, error.code, str(error), token.id)
        self.advance.incidents.append(incident)
        self.step("error", element, {"code": error.code, "message": str(error)})

    def finish(self) -> Advance:
        """The Advance, complete."""
        self.advance.opened = list(self._opened.values())
        self.advance.changed = list(self._changed.values())
        return self.advance

    def _decide(self, decision_id: Any, context: Any = None) -> Any:
        """FEEL's `decide(decision id, context)`: evaluate a bundled decision inside an expression."""
        element = self.token.task_spec if self.token else None
        variables = context if isinstance(context, dict) else {}
        return self.definition.decide(str(decision_id), variables, self, element)
