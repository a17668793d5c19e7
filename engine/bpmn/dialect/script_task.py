"""bpmn:scriptTask: one FEEL expression (zeebe:script) and the variable that takes its value."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.activity import Activity
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec


class ScriptTask(Activity):
    """Evaluated within the step; no other language runs."""

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", name: str | None = None) -> None:
        super().__init__(spec, node, build, name)
        script = node.zeebe.get("script", {})
        if node.script or node.attributes.get("scriptFormat") or node.zeebe.get("taskDefinition"):
            build.report("script_language", node)
        self.result = script.get("resultVariable", "")
        self.expression = build.required(node, "the expression (zeebe:script)", script.get("expression"))
        if script and not self.result:
            build.report("missing", node, what="resultVariable")

    def execute(self, token: Token) -> bool:
        """Evaluate, and hand the value on."""
        self.accept(token, {self.result: self.expression.evaluate(token.view, token.turn.env)})
        return True
