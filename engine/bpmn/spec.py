"""The specification of one process or subprocess: its elements, its starts, and which ways lead into its joins."""

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask

from engine.bpmn.nodes import Container
from engine.bpmn.tokens import WAITING

if TYPE_CHECKING:
    from engine.bpmn.dialect.base import Element, Flow
    from engine.bpmn.dialect.event_sub_process import Listener
    from engine.bpmn.dialect.joins import Join
    from engine.bpmn.dialect.start_event import StartEvent
    from engine.bpmn.tokens import Token
    from engine.bpmn.workflow import Frame

Reach = dict[str, frozenset[str]]


class _Root(BpmnStartTask):
    """The bare root of a token tree. Its empty name collides with no element's id."""

    passive = True
    multi = None


class ProcessSpec(BpmnProcessSpec):
    """As upstream, without the start, end and join tasks that SpiffWorkflow adds by itself."""

    def __init__(self, container: Container) -> None:
        super().__init__(name=spec_name(container))
        self.task_specs.clear()
        self.start = _Root(self, "")
        self.end = None
        self.container_id = container.id
        self.process_id = container.process_id
        self.elements: dict[str, Element] = {}
        self.flows: dict[str, Flow] = {}
        self.none_start: Element | None = None
        self.message_starts: dict[str, Element] = {}
        self.other_starts: dict[str, StartEvent] = {}  # by id: timers and signals that start the process
        self.listeners: list[Listener] = []  # starts of event subprocesses that wait (message, timer, signal)
        self.handlers: list[Listener] = []  # starts of event subprocesses that catch an error or escalation
        self.joins: list[Join] = []
        self.watches = False  # whether variables change what some event waits for
        self.undo: Element | None = None  # compensates what is inside
        self._reach: dict[str, Reach] = {}

    def reach(self, join: "Element") -> Reach:
        """For each element the incoming flows of `join` that a token in it can reach without passing the join."""
        known = self._reach.get(join.name)
        if known is None:
            known = self._reach[join.name] = self._explore(join)
        return known

    def _explore(self, join: "Element") -> Reach:
        found: dict[str, set[str]] = {}
        for flow in join.arriving:
            todo, seen = [flow.source], {join.name}
            while todo:
                element = todo.pop()
                if element.name in seen:
                    continue
                seen.add(element.name)
                found.setdefault(element.name, set()).add(flow.id)
                todo.extend(incoming.source for incoming in element.arriving)
                if element.host is not None:
                    todo.append(element.host)
        return {name: frozenset(flows) for name, flows in found.items()}

    def decide_joins(self, frame: "Frame") -> bool:
        """Nothing else can run in this frame: let waiting joins go on or find them stuck. True if one goes on."""
        waiting: list[Token] = [
            token for token in frame.tasks.values() if token._state == WAITING and token.task_spec in self.joins
        ]
        gone_on = [token.task_spec.decide(token, frame) for token in waiting if token.alive]
        return any(gone_on)


def spec_name(container: Container) -> str:
    """A name that is unique among all containers of a definition."""
    return container.id if container.parent is None else f"{container.process_id}/{container.id}"
