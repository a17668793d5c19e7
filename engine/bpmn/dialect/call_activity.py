"""bpmn:callActivity: another process of the bundle, run inside the same instance with its mapped inputs only."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.activity import Activity
from engine.bpmn.errors import Fault
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec
    from engine.bpmn.workflow import Body


class CallActivity(Activity):
    """The called process sees nothing of the caller; its variables come back through the output mappings."""

    automatic = False

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", name: str | None = None) -> None:
        super().__init__(spec, node, build, name)
        called = node.zeebe.get("calledElement", {})
        self.called = build.required(node, "the called process (calledElement)", called.get("processId"))
        self.propagate = called.get("propagateAllChildVariables") == "true"
        if self.called.literal and self.called.text:
            build.process(node, self.called.text)

    def begin(self, token: Token) -> bool:
        """Start the called process."""
        top = token.top
        process_id = self.called.string(token.view, token.turn.env)
        spec = top.subprocess_specs.get(process_id or "")
        if spec is None or spec.container_id != spec.process_id or spec.none_start is None:
            raise Fault("process_missing", f"There is no process {process_id!r} that can be called.")
        token.own_scope()
        inside = token.id + "/"
        body = top.create_body(token, spec, inside)
        top.scopes.open(inside, None, top.scopes.local(token.id) if self.inputs_map else {})
        token._set_state(STARTED)
        body.begin(spec.none_start)
        return False

    def body_ended(self, token: Token, body: "Body") -> None:
        """Its variables are seen by the output mappings, and by nobody else unless all are propagated."""
        scopes = token.top.scopes
        variables = dict(scopes.local(body.scope))
        token.top.drop_body(token.id)
        if self.propagate and not self.outputs_map:
            scopes.write(token.outer, variables)
        scopes.local(token.id).update(variables)
        token._ready()
