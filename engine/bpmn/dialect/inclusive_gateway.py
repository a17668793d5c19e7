"""bpmn:inclusiveGateway: every way whose condition holds; joining, it waits for all that can still come."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.joins import Join
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.workflow import Frame


class InclusiveGateway(Join):
    """The rule is the standard's (13.4.2): a token elsewhere is waited for when it can reach a way in that holds no
    token yet, unless it can also reach one that does. Decided when nothing else can run."""

    def decide(self, token: Token, frame: "Frame") -> bool:
        """Go on unless something can still come."""
        here = self.waiting(frame)
        if here.get(token.internal_data.get("f", "")) is not token:
            return False
        if any(not flows & here.keys() for flows in self.coming(frame)):
            return False
        self.merge(token, frame)
        token._ready()
        return True
