"""Reads of operators: incidents, what agencies owe us, queues. Ids and codes: an operator reads no case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, not_, select
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import Actor
from engine.casework import beginnings, cases, definitions, facts
from engine.errors import Conflict, NotFound
from engine.permissions import Area
from engine.store.incidents import Incident, IncidentState
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobKind, JobState
from engine.store.messages import Outbox, OutboxState, Subscription

PAGE = 50
_SENDS = ("intermediateThrowEvent", "endEvent", "sendTask")


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One place that stands still. `names`: what the element is called, if the version knows it by one name.

    `is_open_to` False: something of a restricted case; its number and what it was about stay untold.
    """

    id: int
    instance_id: int
    business_key: str
    process_id: str
    element_id: str
    names: tuple[str, str]
    code: str
    message: str
    created_at: datetime
    attempts: int | None
    is_open_to: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An instance that waits for an agency's message; `titles`: the message in words, (Indonesian, English)."""

    subscription_id: int
    instance_id: int
    business_key: str
    process_id: str
    element_id: str
    name: str
    titles: tuple[str, str]
    correlation_key: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """A message to an agency that nobody handed over yet; `titles`: the step that sent it, in words."""

    id: int
    name: str
    titles: tuple[str, str]
    correlation_key: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs of one kind: how many wait, run, died; `oldest_due` of those that should have run."""

    kind: str
    ready: int
    late: int
    running: int
    dead: int
    oldest_due: datetime | None


def incidents(session: Session, actor: Actor, after: int | None = None) -> Sequence[IncidentRow]:
    """Open incidents, newest first, a page at a time (`after`: the last id shown)."""
    permissions.check_may_enter(actor, Area.OPERATION)
    query = _incidents(actor).where(Incident.state == IncidentState.OPEN).order_by(Incident.id.desc()).limit(PAGE)
    if after is not None:
        query = query.where(Incident.id < after)
    return [_incident(session, *found) for found in session.execute(query)]


def incident(session: Session, actor: Actor, incident_id: int) -> IncidentRow:
    """One open incident. Raises NotFound, Conflict (resolved meanwhile)."""
    permissions.check_may_enter(actor, Area.OPERATION)
    found = session.execute(_incidents(actor).where(Incident.id == incident_id)).first()
    if found is None:
        raise NotFound(f"No incident {incident_id}.")
    if found[0].state is not IncidentState.OPEN:
        raise Conflict(f"Incident {incident_id} is resolved.")
    return _incident(session, *found)


def alike(session: Session, actor: Actor, incident_id: int) -> int:
    """How many open incidents stand at the same element for the same reason."""
    row = incident(session, actor, incident_id)
    same = (Incident.state == IncidentState.OPEN, Incident.element_id == row.element_id, Incident.code == row.code)
    return session.scalar(select(func.count()).select_from(Incident).where(*same)) or 0


def _incidents(actor: Actor) -> Select[Incident, str, str, int, int, bool]:
    return (
        select(
            Incident,
            ProcessInstance.business_key,
            ProcessInstance.process_id,
            ProcessInstance.definition_id,
            Job.attempts,
            permissions.operates(actor),
        )
        .join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .outerjoin(Job, Job.id == Incident.job_id)
    )


def _incident(
    session: Session, row: Incident, key: str, process_id: str, definition_id: int, attempts: int | None, is_open: bool
) -> IncidentRow:
    return IncidentRow(
        id=row.id,
        instance_id=row.instance_id,
        business_key=key if is_open else "",
        process_id=process_id,
        element_id=row.element_id,
        names=_element_named(session, definition_id, row.element_id) or ("", ""),
        code=row.code,
        message=facts.unnumbered(row.message) if is_open else "",
        created_at=row.created_at,
        attempts=attempts,
        is_open_to=is_open,
    )


def waiting(session: Session, actor: Actor, names: Sequence[str] = (), text: str = "") -> Sequence[Waiting]:
    """What instances wait for from agencies, longest first. `text`: case or referral number."""
    permissions.check_may_enter(actor, Area.OPERATION)
    query = (
        select(Subscription, ProcessInstance.business_key, ProcessInstance.definition_id)
        .join(ProcessInstance, ProcessInstance.id == Subscription.instance_id)
        .where(
            ProcessInstance.state == InstanceState.ACTIVE,
            not_((Subscription.process_id == beginnings.CASE) & Subscription.name.in_(_told_on_the_case(session))),
        )
        .order_by(Subscription.created_at, Subscription.id)
        .limit(PAGE)
    )
    if names:
        query = query.where(Subscription.name.in_(names))
    if text.strip():
        key = text.strip()
        query = query.where((Subscription.correlation_key == key) | (ProcessInstance.business_key == key))
    return [
        Waiting(
            subscription_id=row.id,
            instance_id=row.instance_id,
            business_key=key,
            process_id=row.process_id,
            element_id=row.element_id,
            name=row.name,
            titles=_titles(session, definition_id, row.name, (row.process_id, row.element_id)),
            correlation_key=row.correlation_key,
            since=row.created_at,
        )
        for row, key, definition_id in session.execute(query)
    ]


def _told_on_the_case(session: Session) -> set[str]:
    """What workers tell on the case's page, and what a case tells itself: what it listens for without a form."""
    heard = (
        select(ProcessInstance.definition_id, Subscription.name)
        .join(ProcessInstance, ProcessInstance.id == Subscription.instance_id)
        .where(ProcessInstance.state == InstanceState.ACTIVE, Subscription.process_id == beginnings.CASE)
        .distinct()
    )
    rows = session.execute(heard).all()
    own = {name for number, name in rows if definitions.message_form(session, number, name) is None}
    return own | set(cases.EVENTS)


def _titles(session: Session, definition_id: int, message: str, place: tuple[str, str]) -> tuple[str, str]:
    """What the message's form is called, else the element that waits for it."""
    form = definitions.message_form(session, definition_id, message)
    if form is not None:
        return form.title_in("id"), form.title_in("en")
    return definitions.element_names(session, definition_id).get(place, (message, message))


def _element_named(
    session: Session, definition_id: int, element_id: str, types: Sequence[str] = ()
) -> tuple[str, str] | None:
    """The name of an element whose process was not kept: None if the version's processes do not agree on it."""
    compiled = definitions.compiled(session, definition_id)
    found = {
        (element.name, element.name_en or element.name)
        for process_id in compiled.processes
        for element in compiled.elements(process_id)
        if element.id == element_id and (not types or element.type in types)
    }
    return found.pop() if len(found) == 1 else None


def outbox(session: Session, actor: Actor) -> Sequence[Sent]:
    """Messages to agencies that nobody handed over yet, oldest first."""
    permissions.check_may_enter(actor, Area.OPERATION)
    query = (
        select(Outbox, ProcessInstance.definition_id)
        .join(ProcessInstance, ProcessInstance.id == Outbox.instance_id)
        .where(Outbox.state == OutboxState.PENDING)
        .order_by(Outbox.created_at)
        .limit(PAGE)
    )
    return [
        Sent(
            id=row.id,
            name=row.name,
            titles=_element_named(session, definition_id, row.element_id, _SENDS) or (row.name, row.name),
            correlation_key=row.correlation_key,
            created_at=row.created_at,
        )
        for row, definition_id in session.execute(query)
    ]


def queues(session: Session, actor: Actor) -> Sequence[Queue]:
    """Jobs by kind; finished ones are not looked at."""
    permissions.check_may_enter(actor, Area.OPERATION)
    late = Job.due_at <= clock.now()
    ready = Job.state == JobState.READY
    query = (
        select(
            Job.kind,
            func.count().filter(ready),
            func.count().filter(ready, late),
            func.count().filter(Job.state == JobState.RUNNING),
            func.count().filter(Job.state == JobState.DEAD),
            func.min(Job.due_at).filter(ready, late),
        )
        .where(Job.state.in_((JobState.READY, JobState.RUNNING, JobState.DEAD)))
        .group_by(Job.kind)
    )
    found = {row[0]: row for row in session.execute(query)}
    empty = (0, 0, 0, 0, None)
    return [Queue(kind.value, *(found[kind][1:] if kind in found else empty)) for kind in JobKind]
