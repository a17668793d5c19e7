"""bpmn:errorEventDefinition and bpmn:escalationEventDefinition: thrown inside, caught by the nearest one around."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.nodes import EventNode, Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.dialect.boundary_event import BoundaryEvent
    from engine.bpmn.dialect.event_sub_process import Listener
    from engine.bpmn.workflow import Frame

# what catches, and where: the activity a boundary event is attached to, or the frame an event subprocess is in
Catcher = tuple["BoundaryEvent | Listener", Any]


class Coded(Trigger):
    """An event with a code; catching without a code takes every code."""

    def __init__(self, node: Node, event: EventNode, build: "Build", *, catching: bool) -> None:
        super().__init__(node, event, build, catching=catching)
        self.code = event.code or None
        if not event.resolved or (self.code is None and not catching):
            build.report("code_missing", node, what=f"the {self.kind}")

    def throw(self, token: Token) -> None:
        """Look for the nearest event that catches the code."""
        self.propagate(token.workflow, None, str(self.code), token.payload, token)

    def prepare(self, token: Token) -> bool:
        """The thrower's mapped inputs travel with the code."""
        scopes = token.top.scopes
        token.payload = dict(scopes.local(token.id)) if token.id in scopes else {}
        return True

    def propagate(
        self, frame: "Frame", host: Token | None, code: str, content: Mapping[str, Any], token: Token
    ) -> None:
        """Hand `code` to its catcher."""
        raise NotImplementedError


class Escalation(Coded):
    """Nobody catching it is no fault: the thrower goes on."""

    kind = "escalation"

    def propagate(
        self, frame: "Frame", host: Token | None, code: str, content: Mapping[str, Any], token: Token
    ) -> None:
        """Tell the nearest catcher."""
        catcher = find_catcher(frame, host, self.kind, code)
        token.turn.step("thrown", token.task_spec, {"escalation": code, "caught": catcher is not None})
        if catcher is not None:
            catcher[0].catch(catcher[1], content, {"escalation_code": code})


class Error(Coded):
    """Nobody catching it ends the instance with the error."""

    kind = "error"

    def propagate(
        self, frame: "Frame", host: Token | None, code: str, content: Mapping[str, Any], token: Token
    ) -> None:
        """Interrupt everything up to the nearest catcher."""
        catcher = find_catcher(frame, host, self.kind, code)
        token.turn.step("thrown", token.task_spec, {"error": code, "caught": catcher is not None})
        if catcher is not None:
            catcher[0].catch(catcher[1], content, {"error_code": code})
            return
        top = token.top
        top.outcome, top.error_code = "error", code
        top.clear()
        top.settle()


def find_catcher(frame: "Frame", host: Token | None, kind: str, code: str) -> "Catcher | None":
    """The nearest event that catches `code`: on the activity `host` itself, then around it, outwards."""
    handler = None  # the event subprocess it comes out of, which does not catch what it threw itself
    while True:
        if host is not None:
            found = _on_activity(host, kind, code)
            if found is not None:
                return found
            handler = host.task_spec
        if not frame.interrupted:
            listener = _best([one for one in frame.spec.handlers if _hears(one, kind, handler)], code)
            if listener is not None:
                return listener, frame
        if frame.parent_task_id is None:
            return None
        host = frame.owner
        frame = host.workflow


def _hears(listener: "Listener", kind: str, handler: Any) -> bool:
    return listener.trigger.kind == kind and listener.target is not handler


def _on_activity(host: Token, kind: str, code: str) -> "Catcher | None":
    if host.task_spec.multi is not None:
        host = host.workflow.tasks[host._parent]
    boundaries = [one for one in host.task_spec.boundaries if one.trigger.kind == kind]
    boundary = _best(boundaries, code)
    return None if boundary is None else (boundary, host)


def _best(candidates: list[Any], code: str) -> Any:
    """The one with this very code, else one that takes every code."""
    for wanted in (code, None):
        for candidate in candidates:
            if candidate.trigger.code == wanted:
                return candidate
    return None
