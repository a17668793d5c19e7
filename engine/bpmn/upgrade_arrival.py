"""What happens to tokens that have come to another version: what they lack is evaluated, what is new begins to wait."""

from collections.abc import Iterator
from typing import Any

from engine.bpmn.dialect.activity import Activity
from engine.bpmn.dialect.base import Element
from engine.bpmn.dialect.event_based_gateway import EventBasedGateway
from engine.bpmn.dialect.event_sub_process import Listener
from engine.bpmn.dialect.job import Job
from engine.bpmn.dialect.joins import Join
from engine.bpmn.dialect.user_task import DEFAULT_PRIORITY, UserTask
from engine.bpmn.expressions import Value
from engine.bpmn.scopes import assign
from engine.bpmn.spec import ProcessSpec
from engine.bpmn.tokens import WAITING, Token
from engine.bpmn.upgrade_plan import Correspondence
from engine.bpmn.workflow import Frame


def ask_anew(token: Token, old: Element) -> Iterator[str]:
    """Evaluate what the token's element says otherwise than `old` did; yields what that was.

    Who has a task, when it is due, and what was mapped already stay as they are.
    """
    yield from _missing_inputs(token)
    new, kept = token.task_spec, token.internal_data
    if isinstance(new, UserTask) and isinstance(old, UserTask):
        view, env = token.view, token.turn.env
        if _text(new.groups) != _text(old.groups):
            kept["u"][1] = list(new.groups.strings(view, env)) if new.groups else []
            yield "candidateGroups"
        if _text(new.priority) != _text(old.priority):
            kept["u"][4] = new._rank(new.priority.evaluate(view, env)) if new.priority else DEFAULT_PRIORITY
            yield "priority"
    if isinstance(new, Job) and isinstance(old, Job) and _text(new.operation) != _text(old.operation):
        new.begin(token)
        yield "operation"


def _missing_inputs(token: Token) -> Iterator[str]:
    """Inputs that the old version did not map."""
    scopes = token.top.scopes
    own = scopes.local(token.id) if token.id in scopes else {}
    missing = [(value, target) for value, target in token.task_spec.inputs_map if target.split(".")[0] not in own]
    if not missing:
        return
    view, env, values = token.view, token.turn.env, dict[str, Any]()
    for value, target in missing:
        assign(values, target, value.evaluate({**view, **values}, env))
        yield target
    token.own_scope().update(values)
    inside = token.id + "/"
    if inside in scopes:  # a called process sees them too, but for what it has itself
        scopes.local(inside).update({name: value for name, value in values.items() if name not in scopes.local(inside)})


def wait_anew(token: Token, old: Element, correspondence: Correspondence) -> Iterator[Element]:
    """Boundary events of an open activity, or events behind an event gateway, that the old version did not have."""
    new = token.task_spec
    if isinstance(new, Activity) and isinstance(old, Activity) and not new.automatic:
        known = [correspondence.find(boundary) for boundary in old.boundaries]
        for boundary in new.boundaries:
            if boundary.trigger.waits and boundary not in known:
                new._attach(token, boundary)
                yield boundary
    if isinstance(new, EventBasedGateway):
        known = [correspondence.find(flow.target) for flow in old.leaving]
        for flow in new.leaving:
            if flow.target not in known:
                new.open(token, flow)
                yield flow.target


def listen_new(frame: Frame, old: ProcessSpec, correspondence: Correspondence) -> Iterator[Listener]:
    """Event subprocesses that the old version did not have begin to wait."""
    undoing = frame.parent_task_id is not None and "undoing" in frame.owner.internal_data
    if frame.interrupted or undoing:
        return
    known = [correspondence.find(listener) for listener in old.listeners]
    for listener in frame.spec.listeners:
        if listener not in known:
            listener.listen(frame)
            yield listener


def look_again(frame: Frame) -> None:
    """Parallel joins whose tokens are enough under the new version go on; inclusive ones decide by themselves later."""
    waiting = [token for token in frame.tasks.values() if isinstance(token.task_spec, Join) and token._state == WAITING]
    for token in waiting:
        if token.alive and token._state == WAITING:
            join = token.task_spec
            if len(join.arriving) <= 1 or join.arrived(token):
                token._ready()


def _text(value: Value | None) -> str:
    return "" if value is None else value.text
