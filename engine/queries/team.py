"""The team board: who has how much open, what nobody has taken, and the tasks behind a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, distinct, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from engine import clock, permissions
from engine.actors import Actor, Role
from engine.casework.rules import office_rules
from engine.queries.places import village_of_task
from engine.store import regions
from engine.store.cases import Case
from engine.store.instances import ProcessInstance
from engine.store.regions import Region
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker, WorkerRegion, WorkerRole

SIZE = 50
NOBODY = "none"
_DOES_CASEWORK = (*permissions.READS_REGION, *permissions.THROUGH_WORK, Role.CAMAT)


@dataclass(frozen=True, slots=True)
class Load:
    """One worker's open tasks, and what they finished in the last seven days."""

    worker_id: int
    name: str
    roles: Sequence[str]
    open: int
    overdue: int
    today: int
    done: int


@dataclass(frozen=True, slots=True)
class StepLoad:
    """Open tasks of one step. `free`: taken by nobody."""

    process_id: str
    element_id: str
    name: str
    name_en: str
    open: int
    free: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Row:
    """One open task that may be given to somebody."""

    id: int
    name: str
    name_en: str
    number: str
    village: str
    urgency: int
    restricted: bool
    due_at: datetime | None
    assignee_id: int | None
    assignee: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Whose tasks (`worker`: an id, or "none"), at which step, how late; `after`: where the page begins."""

    worker: str = ""
    step: str = ""
    due: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """The whole board. `rows` are the tasks that fit the filters, overdue first."""

    open: int
    overdue: int
    today: int
    free: int
    loads: Sequence[Load]
    steps: Sequence[StepLoad]
    rows: Sequence[Row]
    next: str = ""


def board(session: Session, actor: Actor, filters: Filters) -> Board:
    """Counts and tasks of the regions that the actor supervises; four statements and the office's zone."""
    end_of_day = _end_of_day(session)
    steps, totals = _steps(session, actor, end_of_day)
    rows, following = _rows(session, actor, filters, end_of_day)
    return Board(
        open=totals[0],
        overdue=totals[1],
        today=totals[2],
        free=totals[3],
        loads=_loads(session, actor, end_of_day),
        steps=steps,
        rows=rows,
        next=following,
    )


def _end_of_day(session: Session) -> datetime:
    here = clock.now().astimezone(office_rules(session).zone)
    return here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _open(actor: Actor) -> ColumnElement[bool]:
    return and_(Task.state == TaskState.OPEN, permissions.supervised_task(actor))


def _numbers(end_of_day: datetime) -> list[Any]:
    now = clock.now()
    return [
        func.count(),
        func.count().filter(Task.due_at < now),
        func.count().filter(Task.due_at >= now, Task.due_at < end_of_day),
        func.count().filter(Task.assignee_id.is_(None)),
    ]


def _steps(session: Session, actor: Actor, end_of_day: datetime) -> tuple[list[StepLoad], list[int]]:
    query = (
        select(
            Task.process_id,
            Task.element_id,
            func.max(Task.name),
            func.max(Task.name_en),
            *_numbers(end_of_day),
        )
        .where(_open(actor))
        .group_by(Task.process_id, Task.element_id)
    )
    rows = [tuple(row) for row in session.execute(query)]
    totals = [sum(row[4 + n] for row in rows) for n in range(4)]
    loads = [
        StepLoad(process, element, name, name_en or name, number, free, late)
        for process, element, name, name_en, number, late, _, free in rows
    ]
    return sorted(loads, key=lambda load: (-load.overdue, -load.free, -load.open, load.name)), totals


def _loads(session: Session, actor: Actor, end_of_day: datetime) -> list[Load]:
    """Every worker who does casework in the actor's regions, those without a task too."""
    now = clock.now()
    tasks = (
        select(
            Task.assignee_id.label("worker_id"),
            func.count().label("open"),
            func.count().filter(Task.due_at < now).label("overdue"),
            func.count().filter(Task.due_at >= now, Task.due_at < end_of_day).label("today"),
        )
        .where(_open(actor), Task.assignee_id.is_not(None))
        .group_by(Task.assignee_id)
        .subquery()
    )
    done = (
        select(Task.closed_by.label("worker_id"), func.count().label("done"))
        .where(
            Task.state == TaskState.COMPLETED,
            Task.closed_at > now - timedelta(days=7),
            permissions.supervised_task(actor),
        )
        .group_by(Task.closed_by)
        .subquery()
    )
    query = (
        select(
            Worker.id,
            Worker.name,
            func.array_agg(distinct(WorkerRole.role)),
            func.coalesce(func.max(tasks.c.open), 0),
            func.coalesce(func.max(tasks.c.overdue), 0),
            func.coalesce(func.max(tasks.c.today), 0),
            func.coalesce(func.max(done.c.done), 0),
        )
        .join(WorkerRole, WorkerRole.worker_id == Worker.id)
        .outerjoin(tasks, tasks.c.worker_id == Worker.id)
        .outerjoin(done, done.c.worker_id == Worker.id)
        .where(or_(tasks.c.open > 0, and_(Worker.is_active, Worker.id.in_(_near(actor)))))
        .group_by(Worker.id, Worker.name)
        .order_by(
            func.max(tasks.c.overdue).desc().nulls_last(), func.max(tasks.c.open).desc().nulls_last(), Worker.name
        )
    )
    return [Load(*row) for row in session.execute(query)]


def _near(actor: Actor) -> Any:
    return (
        select(WorkerRole.worker_id)
        .join(WorkerRegion, WorkerRegion.worker_id == WorkerRole.worker_id)
        .where(WorkerRole.role.in_(_DOES_CASEWORK), WorkerRegion.region_code.in_(regions.below(actor.regions)))
    )


def _rows(session: Session, actor: Actor, filters: Filters, end_of_day: datetime) -> tuple[list[Row], str]:
    village = aliased(Region)
    query = (
        select(
            Task,
            func.coalesce(Case.case_no, ProcessInstance.business_key),
            func.coalesce(village.name, Region.name),
            Worker.name,
        )
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .join(Region, Region.code == Task.region_code)
        .outerjoin(Case, Case.id == Task.case_id)
        .outerjoin(village, village.code == village_of_task())
        .outerjoin(Worker, Worker.id == Task.assignee_id)
        .where(_open(actor), *_conditions(filters, end_of_day))
        .order_by(func.coalesce(Task.due_at, literal_column("'infinity'::timestamptz")), Task.id)
        .limit(SIZE + 1)
    )
    found = [_row(task, number, place, worker) for task, number, place, worker in session.execute(query)]
    following = _cursor(found[SIZE - 1]) if len(found) > SIZE else ""
    return found[:SIZE], following


def _row(task: Task, number: str, village: str, assignee: str | None) -> Row:
    return Row(
        task.id,
        task.name,
        task.name_en or task.name,
        number,
        village,
        task.urgency,
        task.restricted,
        task.due_at,
        task.assignee_id,
        assignee or "",
    )


def _conditions(filters: Filters, end_of_day: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.worker == NOBODY:
        found.append(Task.assignee_id.is_(None))
    elif filters.worker.isdecimal() and len(filters.worker) < 19:
        found.append(Task.assignee_id == int(filters.worker))
    if filters.step:
        found.append(Task.element_id == filters.step)
    if filters.due == "overdue":
        found.append(Task.due_at < clock.now())
    elif filters.due == "today":
        found.append(and_(Task.due_at >= clock.now(), Task.due_at < end_of_day))
    cursor = _read_cursor(filters.after)
    if cursor is not None:
        found.append(cursor)
    return found


def _cursor(row: Row) -> str:
    return f"{row.due_at.isoformat() if row.due_at else ''}_{row.id}"


def _read_cursor(text: str) -> ColumnElement[bool] | None:
    """Rows behind the cursor; None for one that is not ours. Tasks without a due time come last."""
    at, _, number = text.rpartition("_")
    if not number.isdecimal() or len(number) > 18:
        return None
    if not at:
        return and_(Task.due_at.is_(None), Task.id > int(number))
    try:
        due_at = datetime.fromisoformat(at)
    except ValueError:
        return None
    behind = or_(Task.due_at > due_at, and_(Task.due_at == due_at, Task.id > int(number)))
    return or_(behind, Task.due_at.is_(None)) if due_at.tzinfo is not None else None


def receivers(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Workers to whom the actor may give tasks: (id, name)."""
    query = select(Worker.id, Worker.name).where(Worker.is_active, Worker.id.in_(_near(actor))).order_by(Worker.name)
    return [(worker_id, name) for worker_id, name in session.execute(query)]


def named(session: Session, actor: Actor, task_ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Task id -> (name, English name, case number), of tasks that the actor supervises, in whatever state."""
    query = (
        select(Task.id, Task.name, Task.name_en, func.coalesce(Case.case_no, ProcessInstance.business_key))
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .outerjoin(Case, Case.id == Task.case_id)
        .where(Task.id.in_(task_ids), permissions.supervised_task(actor))
    )
    return {task_id: (name, name_en or name, number) for task_id, name, name_en, number in session.execute(query)}
