"""bpmn:boundaryEvent: interrupting or not; message, timer, signal, error, escalation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.dialect.events import Event
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec


class BoundaryEvent(Event):
    """While it waits its token hangs from the activity's; fired, a token goes on beside the activity's place."""

    silent = True

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", trigger: Trigger) -> None:
        super().__init__(spec, node, build, trigger)
        self.interrupting = node.attributes.get("cancelActivity") != "false" or trigger.kind == "error"

    def fire(self, token: Token, variables: Mapping[str, Any]) -> None:
        """What the token waits for has come."""
        frame, turn = token.workflow, token.turn
        host = frame.tasks[token._parent]
        self.caught(token)
        if self.interrupting or not self.trigger.again(token):
            turn.close(token.id, "completed")
            host._children.remove(token.id)
            frame.forget(token)
        self._go_on(host, variables)

    def catch(self, host: Token, variables: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        """An error or escalation from inside `host`; `about` (its code) is for the output mappings only."""
        host.turn.step("caught", self, {"event": self.trigger.kind, **about})
        self._go_on(host, {**variables, **about} if self.outputs_map else variables)

    def _go_on(self, host: Token, variables: Mapping[str, Any]) -> None:
        frame = host.workflow
        token = frame.task_tree._add_child(self)
        if self.interrupting:
            frame.remove(host)
        self.accept(token, variables)
        token._ready()
