"""bpmn:intermediateCatchEvent: waits for a message, timer or signal."""

from collections.abc import Mapping
from typing import Any

from engine.bpmn.dialect.event_based_gateway import settle_choice
from engine.bpmn.dialect.events import Event
from engine.bpmn.tokens import Token


class IntermediateCatchEvent(Event):
    """Goes on when its event comes; behind an event gateway, the other events are called off."""

    automatic = False

    def enter(self, token: Token) -> bool:
        """Begin to wait; a link's catching half only passes."""
        if not self.trigger.waits:
            return True
        self.trigger.arm(token)
        return False

    def fire(self, token: Token, variables: Mapping[str, Any]) -> None:
        """The event came."""
        self.caught(token)
        settle_choice(token)
        token.turn.close(token.id, "completed")
        self.accept(token, variables)
        token._ready()
