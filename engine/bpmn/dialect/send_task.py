"""bpmn:sendTask without a task definition: sends its message and goes on. With one it is a job (job.py)."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.activity import Activity
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec


class SendTask(Activity):
    """The message carries the task's mapped inputs."""

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", trigger: Trigger, name: str | None = None):
        super().__init__(spec, node, build, name)
        self.trigger = trigger

    def execute(self, token: Token) -> bool:
        """Decide what is sent."""
        return self.trigger.prepare(token)

    def done(self, token: Token) -> None:
        """Send."""
        self.trigger.throw(token)
