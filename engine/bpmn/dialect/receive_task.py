"""bpmn:receiveTask: a message catch event that may carry boundary events and multi-instance."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.dialect.activity import Activity
from engine.bpmn.dialect.event_based_gateway import settle_choice
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.model import Wait
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec


class ReceiveTask(Activity):
    """Waits for its message."""

    automatic = False

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", trigger: Trigger, name: str | None = None):
        super().__init__(spec, node, build, name)
        self.trigger = trigger

    def begin(self, token: Token) -> bool:
        """Subscribe."""
        self.trigger.arm(token)
        return False

    def wait_of(self, token: Token) -> Wait | None:
        """The subscription."""
        return self.trigger.wait_of(token)

    def fire(self, token: Token, variables: Mapping[str, Any]) -> None:
        """The message came."""
        token.turn.step("caught", self, {"event": self.trigger.kind})
        settle_choice(token)
        self.complete(token, variables)
