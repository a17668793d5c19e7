"""What events have in common: the trigger they carry, and what happens when a waiting one fires."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.dialect.base import Element
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.model import Wait
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec


class Event(Element):
    """An element with a trigger."""

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", trigger: Trigger) -> None:
        super().__init__(spec, node, build)
        self.trigger = trigger
        self.watches = trigger.watches
        spec.watches = spec.watches or self.watches

    def wait_of(self, token: Token) -> Wait | None:
        """What the trigger says."""
        return self.trigger.wait_of(token)

    def fire(self, token: Token, variables: Mapping[str, Any]) -> None:
        """What the waiting `token` waits for has come."""
        raise NotImplementedError

    def look(self, token: Token) -> None:
        """A variable that the waiting `token` depends on has changed; what goes wrong becomes an incident."""
        try:
            self.trigger.look(token)
        except EngineError as error:
            self.stop(token, error)

    def stop(self, token: Token, error: EngineError) -> None:
        """The waiting `token` cannot wait on."""
        token.turn.close(token.id, "cancelled")
        self.fail(token, error, "look")

    def retry(self, token: Token) -> None:
        """As for every element; one that failed while it waited goes on waiting."""
        if token.internal_data["e"][0] != "look":
            super().retry(token)
            return
        del token.internal_data["e"]
        token.wait()
        self.trigger.resume(token)

    def caught(self, token: Token) -> None:
        """Record it."""
        token.turn.step("caught", self, {"event": self.trigger.kind, **self.trigger.fired(token)})


class ThrowingEvent(Event):
    """Decides what it sends when it runs, and sends when the token has left."""

    def execute(self, token: Token) -> bool:
        """Evaluate before anything changes."""
        return self.trigger.prepare(token)

    def done(self, token: Token) -> None:
        """Send."""
        self.trigger.throw(token)
