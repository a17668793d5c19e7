"""bpmn:eventBasedGateway: all events behind it wait; the first to come decides the way."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.base import Element, Flow
from engine.bpmn.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.bpmn.turn import Turn


class EventBasedGateway(Element):
    """The token stays in the gateway, the events hang from it, until one of them fires."""

    automatic = False

    def enter(self, token: Token) -> bool:
        """Let every event behind it wait."""
        token._set_state(STARTED)
        for flow in self.leaving:
            self.open(token, flow)
        return False

    @staticmethod
    def open(token: Token, flow: Flow) -> None:
        """Let the event behind one flow wait."""
        child = token._add_child(flow.target)
        child.internal_data["f"] = flow.id
        flow.target._update(child)

    def decided(self, token: Token, winner: Token) -> None:
        """`winner` takes the gateway's place; the others are called off."""
        frame, turn = token.workflow, token.turn
        turn.step("completed", self)
        self._tell(turn, winner)
        for child in list(token._children):
            if child != winner.id:
                frame.remove(frame.tasks[child])
        frame.release(token)

    def _tell(self, turn: "Turn", winner: Token) -> None:
        flow: Flow = next(flow for flow in self.leaving if flow.id == winner.internal_data["f"])
        turn.flow(flow, self, {"to": flow.target.element_id})


def settle_choice(token: Token) -> None:
    """If `token` waits behind an event gateway, that is decided now."""
    gateway = token.workflow.tasks[token._parent]
    if isinstance(gateway.task_spec, EventBasedGateway):
        gateway.task_spec.decided(gateway, token)
