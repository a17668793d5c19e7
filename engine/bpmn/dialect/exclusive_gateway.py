"""bpmn:exclusiveGateway: the first flow, in the order of the file, whose condition holds; else the default."""

from engine.bpmn.dialect.base import Element, Flow, named
from engine.bpmn.errors import Fault
from engine.bpmn.tokens import Token


class ExclusiveGateway(Element):
    """Joining, each arriving token passes by itself."""

    def choose(self, token: Token) -> tuple[Flow, ...]:
        """One flow, or a fault: never a guess."""
        if len(self.leaving) <= 1 and all(flow.condition is None for flow in self.leaving):
            return tuple(self.leaving)
        view, env = token.view, token.turn.env
        for flow in self.leaving:
            if flow.condition is not None and flow.condition.boolean(view, env, named(flow)):
                return (flow,)
        for flow in self.leaving:
            if flow.default:
                return (flow,)
        raise Fault("no_flow", "No condition holds and there is no default flow.")
