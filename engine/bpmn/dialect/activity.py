"""What all activities share: boundary events that wait while it is open, and results that come from outside."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.dialect.base import Element
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.dialect.boundary_event import BoundaryEvent
    from engine.bpmn.spec import ProcessSpec


class Activity(Element):
    """A task, subprocess or call activity."""

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", name: str | None = None) -> None:
        super().__init__(spec, node, build, name)
        self.boundaries: list[BoundaryEvent] = []

    def enter(self, token: Token) -> bool:
        """Attach the boundary events, then begin."""
        if not self.automatic:
            for boundary in self.boundaries:
                if boundary.trigger.waits:
                    self._attach(token, boundary)
        return self.begin(token)

    def _attach(self, token: Token, boundary: "BoundaryEvent") -> None:
        child = token._add_child(boundary)
        try:
            boundary.trigger.arm(child)
        except EngineError:
            token.turn.fault_at = boundary
            raise

    def begin(self, token: Token) -> bool:
        """Start the work. True: it can run at once; False: it waits."""
        return True

    def complete(self, token: Token, variables: Mapping[str, Any]) -> None:
        """The work was done outside, with these results."""
        token.turn.close(token.id, "completed")
        self.accept(token, variables)
        token.first()
