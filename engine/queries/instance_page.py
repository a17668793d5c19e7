"""One instance as an operator sees it: where it stands, its facts, its open rows, its past. No person, no answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, defer

from engine import feel, permissions
from engine.actors import Actor
from engine.bpmn import Definition as Compiled
from engine.bpmn import Instance, TimerWait
from engine.bpmn.repair import ScopeView, called_processes, scopes
from engine.casework import definitions, facts, reading
from engine.errors import NotFound
from engine.permissions import Area
from engine.queries.flow import Walked, walk
from engine.store.definitions import Definition
from engine.store.history import History
from engine.store.incidents import Incident, IncidentState
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job, JobKind, JobState
from engine.store.messages import Subscription
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker

MOST_ROWS = 100
MOST_SCOPES = 40
HISTORY = 40
WALKED = 400
_LIVE = (JobState.READY, JobState.RUNNING, JobState.DEAD, JobState.SUSPENDED)
Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Fact:
    """A variable. `text`: its value as FEEL writes it, None if this reader may not know it."""

    name: str
    kind: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """The variables of one scope. `owner`: the element that owns it; `calls`: the process called there, by name."""

    key: str
    owner: Names | None
    calls: Names | None
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Standing:
    """A row that an instance waits by, since when, and when it is due; the rest as its kind has it."""

    id: int
    names: Names
    element_id: str
    since: datetime
    due_at: datetime | None = None
    state: str = ""
    kind: str = ""
    about: str = ""
    detail: str = ""
    attempts: tuple[int, int] = (0, 0)
    repeats: int | None = 0
    groups: Sequence[str] = ()
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """One row of the history. `names`: the element; `detail`: codes and facts that were put right."""

    id: int
    at: datetime
    kind: str
    by: str
    names: Names
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Relative:
    """An instance that belongs to the same case or bears the same number."""

    id: int
    names: Names
    state: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class InstancePage:
    """Everything that the page shows. `walked`: one entry for each process that it came through."""

    row: ProcessInstance
    definition: Definition
    names: Names
    newest: int
    walked: Sequence[Walked]
    facts: Sequence[Facts]
    more_scopes: int
    tasks: Sequence[Standing]
    jobs: Sequence[Standing]
    timers: Sequence[Standing]
    messages: Sequence[Standing]
    incidents: Sequence[Standing]
    calls: Sequence[tuple[Names, str, Names]]
    relatives: Sequence[Relative]


def find(session: Session, actor: Actor, instance_id: int) -> ProcessInstance:
    """The instance, if the actor may look into it. Raises NotFound."""
    permissions.check_may_enter(actor, Area.OPERATION)
    row = session.scalar(select(ProcessInstance).where(ProcessInstance.id == instance_id, permissions.operates(actor)))
    if row is None:
        raise NotFound(f"No process instance {instance_id}.")
    return row


def called(session: Session, row: ProcessInstance) -> Names:
    """What the instance's process is called."""
    return NamesOf(session, row.definition_id).process(row.process_id)


class NamesOf:
    """What the elements and processes of a version are called."""

    def __init__(self, session: Session, definition_id: int) -> None:
        self.compiled: Compiled = definitions.compiled(session, definition_id)
        self._named = definitions.element_names(session, definition_id)

    def at(self, process_id: str, element_id: str) -> Names:
        """The names of an element; where no process is known, those of the first element with that id."""
        found = self._named.get((process_id, element_id))
        if found is None:
            found = next((names for (_, id_), names in self._named.items() if id_ == element_id), None)
        return (found[0] or element_id, found[1] or element_id) if found else (element_id, element_id)

    def process(self, process_id: str) -> Names:
        """The names of a process."""
        if process_id not in self.compiled.processes:
            return process_id, process_id
        name, name_en = self.compiled.name(process_id)
        return name or process_id, name_en or name or process_id


def page(session: Session, actor: Actor, instance_id: int) -> InstancePage:
    """Everything about one instance but its history. Raises NotFound."""
    row = find(session, actor, instance_id)
    version = session.get_one(Definition, row.definition_id)
    names = NamesOf(session, version.id)
    instance = Instance.load(names.compiled, row.body, row.base) if row.body is not None else None
    is_live = instance is not None and row.ended_at is None
    timers = _due_by_wait(instance) if instance is not None and is_live else {}
    jobs = _jobs(session, row.id, names, timers)
    shown = scopes(instance) if instance is not None else []
    return InstancePage(
        row=row,
        definition=version,
        names=names.process(row.process_id),
        newest=definitions.newest_number(session, version.family),
        walked=_walked(session, row, names.compiled, instance if is_live else None),
        facts=_facts(session, actor, row, names, shown[:MOST_SCOPES]),
        more_scopes=max(0, len(shown) - MOST_SCOPES),
        tasks=_tasks(session, row.id, names),
        jobs=[one for one in jobs if one.kind != JobKind.TIMER],
        timers=[one for one in jobs if one.kind == JobKind.TIMER],
        messages=_messages(session, row.id, names),
        incidents=_incidents(session, row.id, names),
        calls=_calls(instance, names) if instance is not None and is_live else [],
        relatives=_relatives(session, actor, row),
    )


def _due_by_wait(instance: Instance) -> dict[str, TimerWait]:
    return {wait.id: wait for wait in instance.waits() if isinstance(wait, TimerWait)}


def _facts(
    session: Session, actor: Actor, row: ProcessInstance, names: NamesOf, shown: Sequence[ScopeView]
) -> list[Facts]:
    reader = reading.of(session, actor)
    secret = reading.secret_facts(session, row.definition_id, reader)
    return [
        Facts(
            scope.key,
            names.at(scope.process_id, scope.element_id) if scope.element_id else None,
            names.process(scope.calls) if scope.calls else None,
            [_fact(name, value, reader, secret) for name, value in sorted(scope.variables.items())],
        )
        for scope in shown
        if scope.variables or not scope.key
    ]


def _fact(name: str, value: Any, reader: reading.Reading, secret: frozenset[str]) -> Fact:
    may_know = reader.may_know_facts({name: feel.to_plain(value)}, secret)
    return Fact(name, feel.type_name(value), facts.unnumbered(feel.to_text(value)) if may_know else None)


def _walked(session: Session, row: ProcessInstance, compiled: Compiled, instance: Instance | None) -> list[Walked]:
    """The way of the last steps; where the instance stands is what its state says."""
    last = (
        select(History.id, History.detail["steps"].label("steps"))
        .where(History.instance_id == row.id)
        .order_by(History.id.desc())
        .limit(WALKED)
        .subquery()
    )
    steps = session.scalars(select(last.c.steps).order_by(last.c.id))
    found = walk(compiled, (step for each in steps for step in each or ()), has_ended=instance is None)
    here = set(instance.active_elements()) if instance is not None else set()
    for one in found:
        ids = {element.id for element in compiled.elements(one.process_id)}
        one.here = [id_ for id_ in one.here if id_ in here] or [id_ for id_ in here & ids if id_ in one.here]
    return found


def _calls(instance: Instance, names: NamesOf) -> list[tuple[Names, str, Names]]:
    return [
        (names.at(process_id, element_id), called, names.process(called))
        for process_id, element_id, called in called_processes(instance)[:MOST_ROWS]
    ]


# -- rows -------------------------------------------------------------------------------------------------------------


def _tasks(session: Session, instance_id: int, names: NamesOf) -> list[Standing]:
    query = select(Task).where(Task.instance_id == instance_id, Task.state == TaskState.OPEN)
    return [
        Standing(
            id=row.id,
            names=names.at(row.process_id, row.element_id),
            element_id=row.element_id,
            since=row.created_at,
            due_at=row.due_at,
            groups=row.candidate_groups,
            taken=row.assignee_id is not None,
        )
        for row in session.scalars(query.order_by(Task.id).limit(MOST_ROWS))
    ]


def _jobs(session: Session, instance_id: int, names: NamesOf, timers: Mapping[str, TimerWait]) -> list[Standing]:
    query = select(Job).where(Job.instance_id == instance_id, Job.state.in_(_LIVE)).options(defer(Job.inputs))
    return [
        Standing(
            id=row.id,
            names=names.at("", row.element_id),
            element_id=row.element_id,
            since=row.created_at,
            due_at=row.due_at,
            state=row.state.value,
            kind=row.kind.value,
            about=row.operation,
            detail=row.last_error or "",
            attempts=(row.attempts, row.max_attempts),
            repeats=timers[row.wait_id].repeats if row.wait_id in timers else 0,
        )
        for row in session.scalars(query.order_by(Job.due_at, Job.id).limit(MOST_ROWS))
    ]


def _messages(session: Session, instance_id: int, names: NamesOf) -> list[Standing]:
    query = select(Subscription).where(Subscription.instance_id == instance_id)
    return [
        Standing(
            id=row.id,
            names=names.at(row.process_id, row.element_id),
            element_id=row.element_id,
            since=row.created_at,
            about=row.name,
            detail=facts.unnumbered(row.correlation_key),
        )
        for row in session.scalars(query.order_by(Subscription.id).limit(MOST_ROWS))
    ]


def _incidents(session: Session, instance_id: int, names: NamesOf) -> list[Standing]:
    query = (
        select(Incident)
        .where(Incident.instance_id == instance_id)
        .order_by((Incident.state == IncidentState.OPEN).desc(), Incident.id.desc())
    )
    return [
        Standing(
            id=row.id,
            names=names.at("", row.element_id),
            element_id=row.element_id,
            since=row.created_at,
            due_at=row.resolved_at,
            state=row.state.value,
            about=row.code,
            detail=facts.unnumbered(row.message),
            kind=row.resolution or "",
        )
        for row in session.scalars(query.limit(MOST_ROWS))
    ]


def _relatives(session: Session, actor: Actor, row: ProcessInstance) -> list[Relative]:
    """Instances of the same case or number: they call each other by messages."""
    same = ProcessInstance.business_key == row.business_key
    if row.case_id is not None:
        same = or_(same, ProcessInstance.case_id == row.case_id)
    query = select(
        ProcessInstance.id,
        ProcessInstance.definition_id,
        ProcessInstance.process_id,
        ProcessInstance.state,
        ProcessInstance.started_at,
    ).where(same, ProcessInstance.id != row.id, permissions.operates(actor))
    found = session.execute(query.order_by(ProcessInstance.id.desc()).limit(20))
    return [
        Relative(id_, NamesOf(session, version).process(process_id), state.value, started)
        for id_, version, process_id, state, started in found
    ]


# -- history ----------------------------------------------------------------------------------------------------------

_TOLD = (
    "reason",
    "old",
    "new",
    "name",
    "to",
    "from",
    "run",
    "batch",
    "message",
    "operation",
    "error",
    "code",
    "missed",
)


def history(session: Session, actor: Actor, instance_id: int, before: int | None = None) -> Sequence[Past]:
    """A page of an instance's past, newest first (`before`: the last id shown). Raises NotFound."""
    row = find(session, actor, instance_id)
    names = NamesOf(session, row.definition_id)
    query = (
        select(History, Worker.username)
        .outerjoin(Worker, Worker.id == History.actor_id)
        .where(History.instance_id == instance_id)
        .order_by(History.id.desc())
        .limit(HISTORY)
    )
    if before is not None:
        query = query.where(History.id < before)
    return [
        Past(
            one.id,
            one.at,
            one.kind,
            by or "",
            names.at(one.process_id, one.element_id) if one.element_id else ("", ""),
            {name: one.detail[name] for name in _TOLD if name in one.detail},
        )
        for one, by in session.execute(query)
    ]
