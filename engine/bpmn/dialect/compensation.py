"""bpmn:compensateEventDefinition: what was done is undone by its handlers, the last first, one after the other.

A frame remembers its completed activities that have a handler (`compensable`, entries [element, inside, variables]);
for a completed subprocess the inside is what was remembered there, with its variables as they were at its end.
"""

from typing import TYPE_CHECKING, Any

from engine import feel
from engine.bpmn.dialect.events import ThrowingEvent
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.nodes import EventNode, Node
from engine.bpmn.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec
    from engine.bpmn.workflow import Body, Frame

Entry = list[Any]


class Compensation(Trigger):
    """Thrown, it waits for all handlers. Without an activity it means everything in the scope that is complete."""

    kind = "compensation"

    def __init__(self, node: Node, event: EventNode, build: "Build", *, catching: bool) -> None:
        super().__init__(node, event, build, catching=catching)
        self.activity = event.activity

    def prepare(self, token: Token) -> bool:
        """Start the next handler. False: one is running, come back when it is done."""
        kept = token.internal_data
        frame = frame_of(token)
        if "undo" not in kept:
            kept["undo"] = self._entries(frame)
            if not token.task_spec.silent:
                names = [frame.spec.task_specs[entry[0]].element_id for entry in reversed(kept["undo"])]
                token.turn.step("thrown", token.task_spec, {"compensation": names})
        if not kept["undo"]:
            del kept["undo"]
            return True
        _undo(frame, kept["undo"].pop(), token.id)
        return False

    def _entries(self, frame: "Frame") -> list[Entry]:
        wanted = {self.activity, f"{self.activity}#"}
        chosen = [entry for entry in frame.compensable if self.activity is None or entry[0] in wanted]
        frame.compensable = [entry for entry in frame.compensable if entry not in chosen]
        return chosen


class UndoInside(ThrowingEvent):
    """Not drawn: inside a completed subprocess it starts what was remembered there."""

    silent = True

    @classmethod
    def of(cls, spec: "ProcessSpec", build: "Build") -> "UndoInside":
        """The element of one specification."""
        node = Node("#undo", "intermediateThrowEvent", "", "", {})
        return cls(spec, node, build, Compensation(node, EventNode("compensation"), build, catching=False))


def frame_of(token: Token) -> "Frame":
    """The frame that is compensated: inside an event subprocess it is the one around."""
    frame = token.workflow
    while frame.parent_task_id is not None and frame.owner.task_spec.passive_handler:
        frame = frame.owner.workflow
    return frame


def _undo(frame: "Frame", entry: Entry, by: str) -> None:
    name, inside, variables = entry
    element = frame.spec.task_specs[name]
    if inside is None:
        token = frame.task_tree._add_child(element.compensation)
        token.internal_data["by"] = by
        element.compensation._update(token)
        return
    token = frame.task_tree._add_child(element)
    token.internal_data |= {"by": by, "undoing": 1}
    token._set_state(STARTED)
    token.own_scope().update({key: feel.from_json(value) for key, value in variables.items()})
    body = token.top.create_body(token, element.inner, token.id)
    body.compensable = inside
    body.put(element.inner.undo)


def remember_inside(token: Token, body: "Body") -> None:
    """A subprocess is complete: what can be compensated in it, unless it has a handler of its own."""
    element = token.task_spec
    owner = element.multi or element
    if body.compensable and owner.compensation is None and "undoing" not in token.internal_data:
        variables = {name: feel.to_json(value) for name, value in token.top.scopes.local(token.id).items()}
        token.workflow.compensable.append([element.name, body.compensable, variables])
