"""Instances as an operator finds them: versions with how many run, where they stand, and the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, ScalarSelect, Select, exists, func, literal, select, union_all
from sqlalchemy.orm import Session, defer

from engine import permissions
from engine.actors import Actor
from engine.bpmn import Definition as Compiled
from engine.casework import definitions
from engine.casework.selection import LIVE_JOBS, RUNNING, Selection, conditions
from engine.errors import NotFound
from engine.permissions import Area
from engine.store.definitions import Definition, files_of
from engine.store.incidents import Incident, IncidentState
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobKind
from engine.store.messages import Subscription
from engine.store.tasks import Task, TaskState

PAGE = 50
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version on which something runs, or the newest of its family. Counts stop at MOST_COUNTED."""

    id: int
    family: str
    number: int
    published_at: datetime
    active: int
    suspended: int
    still: int  # with an open incident


@dataclass(frozen=True, slots=True)
class Place:
    """An element at which chosen instances stand: how many, and how many of them with an open incident."""

    process_id: str
    element_id: str
    name: str
    name_en: str
    count: int
    incidents: int


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the chosen instances stand. `counted`: how many were looked at; `is_all` False: there are more."""

    counted: int
    is_all: bool
    places: Sequence[Place]
    processes: Sequence[tuple[str, str, str]]  # (id, name, English name) of those in which something stands


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One instance in the list; `incidents`: how many of it are open."""

    id: int
    definition_id: int
    family: str
    number: int
    names: tuple[str, str]
    business_key: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    incidents: int


def versions(session: Session, actor: Actor) -> Sequence[VersionRow]:
    """Every version on which something runs and every newest one, by family, newest first; one statement."""
    permissions.check_may_enter(actor, Area.OPERATION)
    still = exists(
        select(Incident.id).where(Incident.instance_id == ProcessInstance.id, Incident.state == IncidentState.OPEN)
    )
    query = select(
        Definition.id,
        Definition.family,
        Definition.number,
        Definition.published_at,
        _capped(actor, ProcessInstance.state == InstanceState.ACTIVE),
        _capped(actor, ProcessInstance.state == InstanceState.SUSPENDED),
        _capped(actor, ProcessInstance.state.in_(RUNNING) & still),
    ).order_by(Definition.family, Definition.number.desc())
    found, families = [], set[str]()
    for row in session.execute(query):
        one = VersionRow(*row)
        if one.family not in families or one.active or one.suspended:
            found.append(one)
        families.add(one.family)
    return found


def _capped(actor: Actor, condition: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many instances of a version fulfil it; what is beyond MOST_COUNTED is not looked at."""
    of_version = ProcessInstance.definition_id == Definition.id
    some = select(ProcessInstance.id).where(of_version, condition, permissions.operates(actor)).limit(MOST_COUNTED)
    return select(func.count()).select_from(some.correlate(Definition).subquery()).scalar_subquery()


def version(session: Session, actor: Actor, definition_id: int) -> Definition:
    """One version. Raises NotFound."""
    permissions.check_may_enter(actor, Area.OPERATION)
    row = session.get(Definition, definition_id)
    if row is None:
        raise NotFound(f"No definition {definition_id}.")
    return row


def numbers(session: Session, actor: Actor, family: str) -> Sequence[int]:
    """The numbers of a family's versions, newest first."""
    permissions.check_may_enter(actor, Area.OPERATION)
    query = select(Definition.number).where(Definition.family == family).order_by(Definition.number.desc())
    return session.scalars(query).all()


def stand(session: Session, actor: Actor, row: Definition, chosen: Selection) -> Stand:
    """At which elements the chosen instances of a version stand, the newest MOST_COUNTED of them; two statements."""
    some = _newest(session, actor, chosen)
    counted = session.scalar(select(func.count()).select_from(some)) or 0
    compiled = definitions.compiled(session, row.id, row.sha256)
    homes = _homes(compiled)
    found: dict[tuple[str, str], list[int]] = {}
    for process_id, element_id, number, still in session.execute(_by_element(some)):
        place = (process_id or homes.get(element_id, ""), element_id)
        numbers = found.setdefault(place, [0, 0])
        numbers[0], numbers[1] = numbers[0] + number, numbers[1] + still
    places = [
        Place(process_id, one.id, one.name or one.id, one.name_en or one.name or one.id, *found[process_id, one.id])
        for process_id in compiled.processes
        for one in compiled.elements(process_id)
        if (process_id, one.id) in found
    ]
    own = set(definitions.own_processes(session, row))
    inside = {place.process_id for place in places} | own
    processes = [(id_, *_named(compiled, id_)) for id_ in compiled.processes if id_ in inside]
    return Stand(counted, counted < MOST_COUNTED, places, sorted(processes, key=lambda one: one[0] not in own))


def _named(compiled: Compiled, process_id: str) -> tuple[str, str]:
    name, name_en = compiled.name(process_id)
    return name or process_id, name_en or name or process_id


def _homes(compiled: Compiled) -> dict[str, str]:
    """Element -> the first process that has it: rows of jobs and incidents keep no process."""
    found: dict[str, str] = {}
    for process_id in compiled.processes:
        for element in compiled.elements(process_id):
            found.setdefault(element.id, process_id)
    return found


def _newest(session: Session, actor: Actor, chosen: Selection) -> CTE:
    query = select(ProcessInstance.id).where(*conditions(session, actor, chosen))
    return query.order_by(ProcessInstance.id.desc()).limit(MOST_COUNTED).cte("chosen")


def _by_element(some: CTE) -> Select[Any]:
    """(process or "", element, instances, instances with an incident) over the rows that mirror them."""
    nothing, is_still, is_not = literal(""), literal(True), literal(False)
    rows = union_all(
        select(Task.process_id, Task.element_id, Task.instance_id, is_not.label("still"))
        .join(some, some.c.id == Task.instance_id)
        .where(Task.state == TaskState.OPEN),
        select(Subscription.process_id, Subscription.element_id, Subscription.instance_id, is_not).join(
            some, some.c.id == Subscription.instance_id
        ),
        select(nothing, Job.element_id, Job.instance_id, is_not)
        .join(some, some.c.id == Job.instance_id)
        .where(Job.state.in_(LIVE_JOBS), Job.kind.in_((JobKind.SERVICE, JobKind.TIMER))),
        select(nothing, Incident.element_id, Incident.instance_id, is_still)
        .join(some, some.c.id == Incident.instance_id)
        .where(Incident.state == IncidentState.OPEN),
    ).subquery("places")
    # Once for each instance and element, in the process that one of its rows names.
    each = (
        select(
            func.max(rows.c.process_id).label("process_id"),
            rows.c.element_id,
            func.bool_or(rows.c.still).label("still"),
        )
        .group_by(rows.c.instance_id, rows.c.element_id)
        .subquery("each")
    )
    number = func.count()
    query = select(each.c.process_id, each.c.element_id, number, number.filter(each.c.still))
    return query.group_by(each.c.process_id, each.c.element_id)


def listed(session: Session, actor: Actor, chosen: Selection, after: int | None = None) -> Sequence[InstanceRow]:
    """A page of the chosen instances, newest first (`after`: the last id shown); one statement."""
    permissions.check_may_enter(actor, Area.OPERATION)
    open_ones = select(func.count()).where(
        Incident.instance_id == ProcessInstance.id, Incident.state == IncidentState.OPEN
    )
    query = (
        select(ProcessInstance, Definition.family, Definition.number, open_ones.scalar_subquery())
        .join(Definition, Definition.id == ProcessInstance.definition_id)
        .where(*conditions(session, actor, chosen))
        .options(defer(ProcessInstance.body), defer(ProcessInstance.base))
        .order_by(ProcessInstance.id.desc())
        .limit(PAGE)
    )
    if after is not None:
        query = query.where(ProcessInstance.id < after)
    return [
        InstanceRow(
            id=row.id,
            definition_id=row.definition_id,
            family=family,
            number=number,
            names=_named(definitions.compiled(session, row.definition_id), row.process_id),
            business_key=row.business_key,
            state=row.state.value,
            started_at=row.started_at,
            ended_at=row.ended_at,
            incidents=still,
        )
        for row, family, number, still in session.execute(query)
    ]


def diagram(session: Session, actor: Actor, definition_id: int, process_id: str) -> bytes:
    """The BPMN file that draws a process of a version. Raises NotFound."""
    row = version(session, actor, definition_id)
    compiled = definitions.compiled(session, row.id, row.sha256)
    if process_id not in compiled.processes:
        raise NotFound(f"No process {process_id} in definition {definition_id}.")
    name = compiled.file_of(process_id)
    return files_of(session, {name: row.manifest[name]})[name]
