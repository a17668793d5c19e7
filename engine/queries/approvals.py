"""What waits for a second pair of eyes: the list, and the evidence behind one decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select, union
from sqlalchemy.orm import Session, aliased

from engine import permissions
from engine.actors import Actor
from engine.errors import NotFound
from engine.queries import case_page, evidence, queue
from engine.queries.case_page import CasePage
from engine.queries.evidence import Pin, Revision, Sent
from engine.queries.places import village_of_task
from engine.store.cases import Case, CaseAccess
from engine.store.instances import ProcessInstance
from engine.store.people import Person
from engine.store.regions import Region
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker

MOST = 100
RECENT = 25


@dataclass(frozen=True, slots=True)
class Item:
    """One decision that waits. `times`: how often the case came to it; `is_barred`: the actor worked on the case."""

    task_id: int
    name: str
    name_en: str
    why: str
    why_en: str
    number: str
    village: str
    priority: str
    restricted: bool
    due_at: datetime | None
    since: datetime
    client_name: str
    client_sex: str
    client_birth_date: date | None
    assignee_id: int | None
    assignee: str
    sent_by: str
    times: int
    is_barred: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that the actor made. `sent`: with what answers."""

    task_id: int
    case_id: int | None
    name: str
    name_en: str
    number: str
    at: datetime
    client_name: str
    client_sex: str
    client_birth_date: date | None
    sent: Sent | None


@dataclass(frozen=True)
class Evidence:
    """What a decision rests on. `case` is None for decisions that belong to no case (a disaster's logistics)."""

    case: CasePage | None
    sent: Sequence[Sent]
    revisions: Sequence[Revision]
    pins: Sequence[Pin]
    returned: Sent | None
    times: int
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def latest(self) -> list[Sent]:
        """The newest of each form that is evidence, the last one sent first: decisions made before are history."""
        return sorted((one for one in evidence.newest(self.sent) if not one.is_decision), key=lambda one: one.at)[::-1]

    @property
    def submitted(self) -> Sent | None:
        """The last work done before the decision."""
        work = [one for one in self.sent if not one.is_decision]
        return work[-1] if work else None


def _four_eyes() -> ColumnElement[bool]:
    asked: ColumnElement[bool] = Task.properties["fourEyes"].as_string() == "true"
    return asked


def waiting(session: Session, actor: Actor) -> list[Item]:
    """The open decisions offered to the actor (or given to them), those due first; two statements."""
    village, assignee = aliased(Region), aliased(Worker)
    picked = _mine_to_decide(session, actor).cte("picked")
    query: Select[*tuple[Any, ...]] = (
        select(
            Task,
            func.coalesce(Case.case_no, ProcessInstance.business_key),
            func.coalesce(village.name, Region.name),
            func.coalesce(Case.priority, "P3"),
            Person.name,
            Person.sex,
            Person.birth_date,
            assignee.name,
            _last_worker(),
            _times(),
            _worked_on(actor),
        )
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .join(Region, Region.code == Task.region_code)
        .outerjoin(Case, Case.id == Task.case_id)
        .outerjoin(village, village.code == village_of_task())
        .outerjoin(Person, Person.id == Case.client_id)
        .outerjoin(assignee, assignee.id == Task.assignee_id)
        .where(Task.id.in_(select(picked.c.id)))
        .order_by(func.coalesce(Task.due_at, literal_column("'infinity'::timestamptz")), Task.urgency, Task.id)
        .limit(MOST)
    )
    return [_item(row) for row in session.execute(query)]


def _mine_to_decide(session: Session, actor: Actor) -> Select[*tuple[Any, ...]]:
    """Ids of the decisions due first: of each place and group, and those that are given to or name the actor."""
    decisions = queue.picked(
        queue.places(session, actor),
        queue.sets(session, actor),
        lambda tasks: tasks.where(_four_eyes()),
        queue.Order(by_urgency=False),
        MOST,
        free=None,
    )
    access = select(CaseAccess.case_id).where(CaseAccess.worker_id == actor.id)
    own = and_(Task.state == TaskState.OPEN, Task.assignee_id == actor.id)
    branches: list[Select[*tuple[Any, ...]]] = [select(Task.id.label("id")).where(own, _four_eyes())]
    if not actor.restricted_duty:
        named = and_(Task.case_id.in_(access), permissions.offered_task(actor))
        branches.append(select(Task.id.label("id")).where(named, _four_eyes()))
    if decisions is not None:
        branches.append(select(decisions.subquery("decisions").c.id))
    return union(*branches).subquery("mine").select()


def _last_worker() -> Any:
    """Who completed the work before: the name behind "diajukan oleh"."""
    before, worker = aliased(Task), aliased(Worker)
    return (
        select(worker.name)
        .join(before, before.closed_by == worker.id)
        .where(
            or_(before.case_id == Task.case_id, before.instance_id == Task.instance_id),
            before.state == TaskState.COMPLETED,
            before.id != Task.id,
        )
        .order_by(before.closed_at.desc())
        .limit(1)
        .correlate(Task)
        .scalar_subquery()
    )


def _times() -> Any:
    """How often the case has come to this decision, this time counted."""
    same = aliased(Task)
    return (
        select(func.count())
        .select_from(same)
        .where(same.instance_id == Task.instance_id, same.element_id == Task.element_id, same.id <= Task.id)
        .correlate(Task)
        .scalar_subquery()
    )


def _worked_on(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor did other work on the case, as the command asks it."""
    done = aliased(Task)
    return exists(
        select(done.id).where(
            or_(done.case_id == Task.case_id, done.instance_id == Task.instance_id),
            done.state == TaskState.COMPLETED,
            done.closed_by == actor.id,
            func.coalesce(done.properties["fourEyes"].as_string(), "") != "true",
        )
    ).correlate(Task)


def _item(row: Any) -> Item:
    task, number, village, priority, name, sex, birth_date, assignee, sent_by, times, barred = row
    why = str(task.properties.get("why") or "")
    return Item(
        task_id=task.id,
        name=task.name,
        name_en=task.name_en or task.name,
        why=why,
        why_en=str(task.properties.get("why:en") or why),
        number=number,
        village=village,
        priority=priority,
        restricted=task.restricted,
        due_at=task.due_at,
        since=task.created_at,
        client_name=name or "",
        client_sex=sex or "",
        client_birth_date=birth_date,
        assignee_id=task.assignee_id,
        assignee=assignee or "",
        sent_by=sent_by or "",
        times=times,
        is_barred=barred,
    )


def decided(session: Session, actor: Actor) -> list[Decided]:
    """The actor's own last decisions with what was decided, newest first."""
    query = (
        select(
            Task, func.coalesce(Case.case_no, ProcessInstance.business_key), Person.name, Person.sex, Person.birth_date
        )
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .outerjoin(Case, Case.id == Task.case_id)
        .outerjoin(Person, Person.id == Case.client_id)
        .where(
            _four_eyes(), Task.state == TaskState.COMPLETED, Task.closed_by == actor.id, permissions.sees_task(actor)
        )
        .order_by(Task.closed_at.desc())
        .limit(RECENT)
    )
    rows = session.execute(query).all()
    sent = evidence.sent_for(session, actor, [task.id for task, *_ in rows])
    return [
        Decided(
            task.id,
            task.case_id,
            task.name,
            task.name_en or task.name,
            number,
            task.closed_at or task.created_at,
            name or "",
            sex or "",
            birth_date,
            sent.get(task.id),
        )
        for task, number, name, sex, birth_date in rows
    ]


def behind(session: Session, actor: Actor, task_id: int) -> Evidence:
    """The evidence for one decision that the actor may see. Raises NotFound, also for a task that decides nothing."""
    query = select(Task.case_id, Task.instance_id, _times()).where(
        Task.id == task_id, _four_eyes(), permissions.sees_task(actor)
    )
    row = session.execute(query).first()
    if row is None:
        raise NotFound(f"No decision {task_id}.")
    case_id, instance_id, times = row
    sent = (
        evidence.sent_on(session, actor, case_id)
        if case_id is not None
        else evidence.sent_in(session, actor, instance_id)
    )
    returned = evidence.last_return(sent)
    return Evidence(
        case=case_page.page(session, actor, case_id) if case_id is not None else None,
        sent=sent,
        revisions=evidence.revisions(sent, returned.at) if returned else (),
        pins=evidence.pins_of(returned, sent),
        returned=returned,
        times=times,
        names=evidence.office_names(session, sent),
    )


def pins(session: Session, actor: Actor, case_id: int) -> list[Pin]:
    """What the last return asked to mend, for whoever mends it; empty once a new decision was made.

    The caller has checked that the actor may read the case.
    """
    sent = evidence.sent_on(session, actor, case_id)
    return evidence.pins_of(evidence.last_return(sent), sent)
