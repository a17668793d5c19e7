"""bpmn:signalEventDefinition: everybody who waits for the name hears it, in this instance and in all others."""

from typing import TYPE_CHECKING, Any

from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.model import SignalWait, ThrownSignal
from engine.bpmn.nodes import EventNode, Node
from engine.bpmn.tokens import WAITING, Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build


class Signal(Trigger):
    """Signals carry the thrower's mapped inputs."""

    kind = "signal"
    waits = True

    def __init__(self, node: Node, event: EventNode, build: "Build", *, catching: bool) -> None:
        super().__init__(node, event, build, catching=catching)
        if not event.resolved or not event.name:
            build.report("signal_missing", node)

    def arm(self, token: Token) -> None:
        """Listen."""
        token.wait()
        token.turn.open(self.wait_of(token))

    def wait_of(self, token: Token) -> SignalWait:
        """The wait."""
        element = token.task_spec
        return SignalWait(token.id, element.element_id, element.process_id, self.name, element.interrupting)

    def prepare(self, token: Token) -> bool:
        """Decide the content."""
        scopes = token.top.scopes
        content: dict[str, Any] = dict(scopes.local(token.id)) if token.id in scopes else {}
        token.payload = ThrownSignal(token.task_spec.element_id, self.name, content)
        return True

    def throw(self, token: Token) -> None:
        """Tell the instance's own waits, and report it for the others."""
        top, turn, thrown = token.top, token.turn, token.payload
        top.cold.thaw_all()
        turn.throw(thrown)
        turn.step("thrown", token.task_spec, {"signal": self.name})
        for other in sorted(top.index.values(), key=lambda one: int(one.id)):
            trigger = getattr(other.task_spec, "trigger", None)
            if other.alive and other._state == WAITING and isinstance(trigger, Signal) and trigger.name == self.name:
                other.task_spec.fire(other, thrown.variables)
