"""Event subprocess: a subprocess that an event starts, while the scope around it runs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.dialect.events import Event
from engine.bpmn.dialect.sub_process import SubProcess
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec
    from engine.bpmn.workflow import Frame


class EventSubProcess(SubProcess):
    """Has no flows in or out: when its body is done its token is gone."""

    passive_handler = True


class Listener(Event):
    """The start event of an event subprocess, as the scope around it sees it: it waits, and keeps nothing alive."""

    silent = True
    passive = True
    automatic = False

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", trigger: Trigger) -> None:
        super().__init__(spec, node, build, trigger)
        self.interrupting = node.flag("isInterrupting", default=True)
        self.inputs_map, self.outputs_map = [], []  # the start event inside applies its mappings
        self.target: EventSubProcess | None = None

    def listen(self, frame: "Frame") -> None:
        """The scope begins: wait."""
        frame.put(self)

    def enter(self, token: Token) -> bool:
        """Begin to wait."""
        self.trigger.arm(token)
        return False

    def fire(self, token: Token, variables: Mapping[str, Any]) -> None:
        """What the token waits for has come."""
        frame, turn = token.workflow, token.turn
        self.caught(token)
        if self.interrupting or not self.trigger.again(token):
            turn.close(token.id, "completed")
            frame.task_tree._children.remove(token.id)
            frame.forget(token)
        self._go_on(frame, variables)

    def catch(self, frame: "Frame", variables: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        """An error or escalation from inside the scope; `about` is its code."""
        frame.top_workflow.turn.step("caught", self, {"event": self.trigger.kind, **about})
        self._go_on(frame, {**variables, **about})

    def _go_on(self, frame: "Frame", variables: Mapping[str, Any]) -> None:
        assert self.target is not None  # noqa: S101 - the build sets it
        token = frame.task_tree._add_child(self.target)
        if self.interrupting:
            frame.interrupted = True
            frame.clear(keep=token)
        token.own_scope().update(variables)
        try:
            self.target._update(token)
        except EngineError as error:
            self.target.fail(token, error, "enter")
