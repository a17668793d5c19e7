"""bpmn:parallelGateway: one token from each way in, one token to each way out."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.base import Flow
from engine.bpmn.dialect.joins import Join
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.workflow import Frame


class ParallelGateway(Join):
    """Several tokens at one way in wait for several rounds."""

    def arrived(self, token: Token) -> bool:
        """The last missing way sets the join off."""
        if len(self.waiting(token.workflow)) < len(self.arriving):
            return False
        self.merge(token, token.workflow)
        return True

    def choose(self, token: Token) -> tuple[Flow, ...]:
        """All ways."""
        return tuple(self.leaving)

    def decide(self, token: Token, frame: "Frame") -> bool:
        """Find out whether a missing way can still come."""
        here = self.waiting(frame)
        missing = {flow.id for flow in self.arriving} - here.keys()
        if missing - frozenset().union(*self.coming(frame)):
            self.stuck(token)
        return False
