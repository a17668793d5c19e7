"""bpmn:conditionalEventDefinition: a condition over variables that becomes true."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.errors import Fault
from engine.bpmn.expressions import Value
from engine.bpmn.nodes import EventNode, Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build


class Conditional(Trigger):
    """Asked when the wait begins and after each change of a variable that it reads. It fires when the condition holds
    and did not hold before; null does not hold. internal_data["c"] says whether it held."""

    kind = "conditional"
    waits = True
    watches = True

    def __init__(self, node: Node, event: EventNode, build: "Build", *, catching: bool) -> None:
        super().__init__(node, event, build, catching=catching)
        found = build.expression(node, "the condition", event.condition, required=True)
        self.condition = found or Value("null", always=True)
        self.reads = self.condition.names

    def arm(self, token: Token) -> None:
        """Wait; the first look follows at once, when the element that made the token is done."""
        token.internal_data["c"] = 0
        token.wait()
        token.top.fresh.add(token.id)

    def resume(self, token: Token) -> None:
        """As if the wait began."""
        self.arm(token)

    def look(self, token: Token) -> None:
        """Fire if it holds now and did not before."""
        value = self.condition.evaluate(token.view, token.turn.env)
        if value is not None and not isinstance(value, bool):
            raise Fault("condition_null", f"The condition is neither true nor false: {self.condition.text}")
        before, token.internal_data["c"] = token.internal_data["c"], int(value is True)
        if value and not before:
            token.task_spec.fire(token, {})

    def fired(self, token: Token) -> Mapping[str, Any]:
        """The condition and what it looked at."""
        return {"condition": self.condition.text, "values": self.condition.values(token.view)}
