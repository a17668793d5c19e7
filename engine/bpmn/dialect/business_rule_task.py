"""bpmn:businessRuleTask: a decision of the same bundle, evaluated within the step and recorded with its reasons."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.activity import Activity
from engine.bpmn.errors import Fault
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec


class BusinessRuleTask(Activity):
    """Input mappings, if any, add to what the table sees; they hide nothing around them."""

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", name: str | None = None) -> None:
        super().__init__(spec, node, build, name)
        called = node.zeebe.get("calledDecision", {})
        self.decision = build.required(node, "the decision (calledDecision)", called.get("decisionId"))
        self.result = called.get("resultVariable", "")
        if called and not self.result:
            build.report("missing", node, what="resultVariable")
        if self.decision.literal and self.decision.text:
            build.decision(node, self.decision.text)

    def execute(self, token: Token) -> bool:
        """Decide, and hand the result on."""
        turn = token.turn
        decision = self.decision.string(token.view, turn.env)
        if not decision:
            raise Fault("decision_null", f"The decision is null: {self.decision.text}")
        value = turn.definition.decide(decision, token.view, turn, self)
        self.accept(token, {self.result: value})
        return True
