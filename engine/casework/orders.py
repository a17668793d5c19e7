"""What an operator orders for one instance: looked at first, done once, with a reason that history and log keep."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import feel, permissions
from engine.actors import Actor
from engine.bpmn import Advance, Wait, repair
from engine.casework import facts, idempotency, instances, operation, reading, running, step
from engine.casework.operation import reason_of
from engine.casework.rules import runtime
from engine.casework.running import Loaded
from engine.errors import Conflict, EngineError, Forbidden, InvalidForm, NotFound
from engine.permissions import Area
from engine.store import audit
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobKind, JobState

ACTIONS = ("suspend", "resume", "cancel", "move", "correct", "fire")
Place = tuple[str, str]  # process, element


@dataclass(frozen=True, slots=True)
class Order:
    """`values`: for move `token` and `to` (an element); for correct `scope`, `name` and `value` (FEEL);
    for fire `timer` (the number of its job)."""

    action: str
    instance_id: int
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an order would do: which waits end and begin, and what would stand still then. `old`, `new`: of a fact."""

    ends: Sequence[Place] = ()
    begins: Sequence[Place] = ()
    stops: Sequence[str] = ()
    is_over: bool = False
    old: str = ""
    new: str = ""


class DecidedFact(Forbidden):
    """Somebody decided it with a second pair of eyes, or the operator may not know it."""

    code = "decided_fact"


@dataclass(frozen=True, slots=True)
class _Step:
    """An advance that is not written yet, with what history keeps of it."""

    loaded: Loaded
    advance: Advance
    kind: str
    element_id: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def check_visible(session: Session, actor: Actor, instance_id: int) -> ProcessInstance:
    """The instance, if the actor may act on it. Raises Forbidden, NotFound."""
    permissions.check_may_enter(actor, Area.OPERATION)
    query = select(ProcessInstance).where(ProcessInstance.id == instance_id, permissions.operates(actor))
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"No process instance {instance_id}.")
    return row


def look(session: Session, actor: Actor, order: Order) -> Outlook:
    """What the order would do; nothing is changed. Raises what doing it would raise."""
    row = check_visible(session, actor, order.instance_id)
    if order.action in ("suspend", "resume"):
        wanted = InstanceState.ACTIVE if order.action == "suspend" else InstanceState.SUSPENDED
        if row.state is not wanted:
            raise Conflict(f"Process instance {row.id} is {row.state.value}.")
        return Outlook()
    waits = {wait.id: wait for wait in running.load(session, row.id).instance.waits()}
    found = _STEPS[order.action](session, actor, order)
    advance = found.advance
    return Outlook(
        ends=_places(waits[id_] for id_ in advance.closed if id_ in waits),
        begins=_places(advance.opened),
        stops=[incident.code for incident in advance.incidents],
        is_over=advance.ended is not None,
        old=str(found.detail.get("old", "")),
        new=str(found.detail.get("new", "")),
    )


def do(session: Session, actor: Actor, order: Order, reason: str, key: str | None = None) -> None:
    """Do the order, once for each `key`. Raises InvalidForm, Conflict, Forbidden, NotFound."""
    row = check_visible(session, actor, order.instance_id)
    kept, case_id = reason_of(reason), row.case_id
    sha256 = idempotency.digest(order.action, order.instance_id, dict(order.values), kept)
    if idempotency.first_answer(session, actor, key, sha256) is not None:
        return
    if order.action == "suspend":
        instances.suspend(session, actor, order.instance_id, kept)
    elif order.action == "resume":
        instances.resume(session, actor, order.instance_id, kept)
    else:
        step.retrying(session, partial(_write, session, actor, order, kept))
    audit.append(session, actor.id, "operate", "instance", order.instance_id, case_id=case_id, reason=kept)
    idempotency.keep(session, actor, key, f"instance.{order.action}", sha256, {})


def _write(session: Session, actor: Actor, order: Order, reason: str) -> None:
    found = _STEPS[order.action](session, actor, order)
    detail = {**found.detail, "reason": reason}
    step.write(session, actor, found.loaded, found.advance, found.kind, element_id=found.element_id, detail=detail)


def _places(waits: Any) -> list[Place]:
    """Where the waits are, each place once."""
    found: dict[Place, None] = {}
    for wait in waits:
        assert isinstance(wait, Wait)  # noqa: S101 - all that opens and closes is one
        found[wait.process_id, wait.element_id] = None
    return list(found)


# -- steps ------------------------------------------------------------------------------------------------------------


def _cancelled(session: Session, _actor: Actor, order: Order) -> _Step:
    loaded = running.load(session, order.instance_id)
    return _Step(loaded, loaded.instance.cancel(runtime(session)), "instance.cancelled")


def _moved(session: Session, _actor: Actor, order: Order) -> _Step:
    loaded = running.load(session, order.instance_id)
    approvals = facts.approvals(session, loaded.definition_id)
    token, target = order.values.get("token", ""), order.values.get("to", "")
    _, source = repair.standing(loaded.instance, token)
    advance = repair.move(loaded.instance, token, target, approvals, runtime(session))
    return _Step(loaded, advance, "instance.moved", target, {"from": source, "to": target})


def _corrected(session: Session, actor: Actor, order: Order) -> _Step:
    loaded = running.load(session, order.instance_id)
    scope, name = order.values.get("scope", ""), order.values.get("name", "")
    old = _value_of(loaded, scope, name)
    _check_mine(session, actor, loaded, name, old)
    new = _typed(session, loaded, order.values.get("value", ""), old)
    _check_mine(session, actor, loaded, name, new)
    advance = repair.correct(loaded.instance, scope, name, new, runtime(session))
    told = {"name": name, "old": feel.to_text(old), "new": feel.to_text(new)}
    return _Step(loaded, advance, "instance.corrected", "", told)


def _fired(session: Session, _actor: Actor, order: Order) -> _Step:
    """What the timer would do at its time, done now."""
    loaded = running.load(session, order.instance_id)
    number = order.values.get("timer", "")
    here = (Job.instance_id == order.instance_id, Job.kind == JobKind.TIMER, Job.state.in_(_WAITING))
    job = session.scalar(select(Job).where(Job.id == int(number), *here)) if number.isdecimal() else None
    if job is None:
        raise Conflict(f"Process instance {order.instance_id} waits for no timer {number}.")
    advance = loaded.instance.fire_timer(job.wait_id, runtime(session))
    return _Step(loaded, advance, "instance.timer_fired", job.element_id, {"due": job.due_at.isoformat()})


_WAITING = (JobState.READY, JobState.RUNNING, JobState.DEAD)
_STEPS: Mapping[str, Callable[[Session, Actor, Order], _Step]] = {
    "cancel": _cancelled,
    "move": _moved,
    "correct": _corrected,
    "fire": _fired,
}


def _value_of(loaded: Loaded, key: str, name: str) -> Any:
    for scope in repair.scopes(loaded.instance):
        if scope.key == key and name in scope.variables:
            return scope.variables[name]
    raise repair.NoSuchFact(f"There is no {name}.")


def _check_mine(session: Session, actor: Actor, loaded: Loaded, name: str, value: Any) -> None:
    """Raise DecidedFact unless operators may know and change the fact."""
    reader = reading.of(session, actor)
    secret = reading.secret_facts(session, loaded.definition_id, reader)
    may_know = reader.may_know_facts({name: feel.to_plain(value)}, secret)
    if not may_know or name in facts.decided_names(session, loaded.definition_id):
        raise DecidedFact(f"{name} is not for operators to change.")


def _typed(session: Session, loaded: Loaded, text: str, old: Any) -> Any:
    """The value of a FEEL expression, of the same kind as before. Raises InvalidForm."""
    try:
        new = repair.evaluate(text, runtime(session), loaded.compiled)
    except EngineError as error:
        raise InvalidForm({"value": ["no_feel"]}) from error
    kind = feel.type_name(new)
    if kind in ("function", "range") or (old is not None and kind != feel.type_name(old)):
        raise InvalidForm({"value": ["other_kind"]})
    if facts.has_long_number(feel.to_text(new)):
        raise InvalidForm({"value": ["long_number"]})
    if feel.to_text(new) == feel.to_text(old):
        raise InvalidForm({"value": ["same"]})
    return new


# -- what can be ordered ----------------------------------------------------------------------------------------------


def tokens(session: Session, actor: Actor, instance_id: int) -> list[tuple[str, Place]]:
    """(token, where it stands) of what can be moved."""
    row = check_visible(session, actor, instance_id)
    instance = running.load(session, row.id).instance
    return [(token, repair.standing(instance, token)) for token in repair.movable(instance)]


def targets(session: Session, actor: Actor, instance_id: int, token: str) -> list[Place]:
    """The elements that a token may go to. Raises CannotMove, WaitNotFound."""
    row = check_visible(session, actor, instance_id)
    loaded = running.load(session, row.id)
    process_id, _ = repair.standing(loaded.instance, token)
    approvals = facts.approvals(session, loaded.definition_id)
    return [(process_id, element) for element in repair.targets(loaded.instance, token, approvals)]


def retry(session: Session, actor: Actor, incident_id: int, reason: str, key: str, *, alike: bool = False) -> int:
    """Try one incident again, or all that are alike; how many. Once for each `key`."""
    permissions.check_may_enter(actor, Area.OPERATION)
    kept = reason_of(reason)
    sha256 = idempotency.digest("retry", incident_id, alike, kept)
    first = idempotency.first_answer(session, actor, key, sha256)
    if first is not None:
        return int(first["count"])
    if alike:
        count = operation.retry_alike(session, actor, incident_id, kept)
    else:
        operation.retry(session, actor, incident_id, kept)
        count = 1
    audit.append(session, actor.id, "operate", "incident", incident_id, reason=kept)
    idempotency.keep(session, actor, key, "incident.retry", sha256, {"count": count})
    return count
