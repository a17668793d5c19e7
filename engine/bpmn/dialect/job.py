"""A wait for work outside the engine: service tasks, and whatever else has a zeebe:taskDefinition."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.activity import Activity
from engine.bpmn.errors import Fault
from engine.bpmn.expressions import as_text
from engine.bpmn.model import JobWait
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec


class Job(Activity):
    """Opens a job for the operation that the task definition names."""

    automatic = False

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", name: str | None = None) -> None:
        super().__init__(spec, node, build, name)
        task = node.zeebe.get("taskDefinition", {})
        self.operation = build.required(node, "the operation (taskDefinition type)", task.get("type"))
        self.retries = build.value(node, "retries", task.get("retries") or "3")
        self.headers = node.headers
        if self.operation.literal:
            build.operation(self.operation.text)

    def begin(self, token: Token) -> bool:
        """Open the job."""
        view, env = token.view, token.turn.env
        operation, retries = self.operation.string(view, env), as_text(self.retries.evaluate(view, env)) or ""
        if not operation:
            raise Fault("operation_null", f"The operation is null: {self.operation.text}")
        if not retries.isdigit():
            raise Fault("bad_retries", f"The number of retries is no number: {self.retries.text}")
        token.internal_data["j"] = [operation, int(retries)]
        token.wait()
        token.turn.open(self.wait_of(token))
        return False

    def wait_of(self, token: Token) -> JobWait:
        """The open job. Without input mappings it sees all variables in reach."""
        operation, retries = token.internal_data["j"]
        variables = token.top.scopes.local(token.id) if self.inputs_map else token.view
        return JobWait(token.id, self.element_id, self.process_id, operation, retries, dict(variables), self.headers)
