"""bpmn:messageEventDefinition, send and receive: a name and a correlation key."""

from typing import TYPE_CHECKING, Any

from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.errors import Fault
from engine.bpmn.model import MessageWait, ThrownMessage
from engine.bpmn.nodes import EventNode, Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build


class Message(Trigger):
    """Waiting, the key is decided when the wait begins; sending, when the event is reached."""

    kind = "message"
    waits = True

    def __init__(self, node: Node, event: EventNode, build: "Build", *, catching: bool) -> None:
        super().__init__(node, event, build, catching=catching)
        if not event.resolved or not event.name:
            build.report("message_missing", node)
        text = event.correlation if catching else node.properties.get("correlationKey") or event.correlation
        self.key = build.expression(node, "correlationKey", text)
        if self.key is None and event.resolved and not build.starts_process(node):
            build.report("correlation_missing", node, detail=event.name)

    def _correlation(self, token: Token) -> str:
        key = self.key.string(token.view, token.turn.env) if self.key else None
        if not key:
            raise Fault("correlation_null", f"The correlation key of message {self.name!r} is null.")
        return key

    def arm(self, token: Token) -> None:
        """Subscribe."""
        token.internal_data["k"] = self._correlation(token)
        token.wait()
        token.turn.open(self.wait_of(token))

    def wait_of(self, token: Token) -> MessageWait:
        """The subscription."""
        element = token.task_spec
        return MessageWait(
            token.id, element.element_id, element.process_id, self.name, token.internal_data["k"], element.interrupting
        )

    def prepare(self, token: Token) -> bool:
        """Decide key and content: its mapped inputs, nothing else."""
        scopes = token.top.scopes
        content: dict[str, Any] = dict(scopes.local(token.id)) if token.id in scopes else {}
        token.payload = ThrownMessage(token.task_spec.element_id, self.name, self._correlation(token), content)
        return True

    def throw(self, token: Token) -> None:
        """Send."""
        turn = token.turn
        turn.throw(token.payload)
        turn.step("thrown", token.task_spec, {"message": self.name, "correlation_key": token.payload.correlation_key})
