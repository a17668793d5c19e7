"""The team board: who has how much open, what nobody has taken, and the tasks behind a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, column, func, select, true, tuple_, values
from sqlalchemy.orm import Session, aliased

from engine import clock, permissions
from engine.actors import Actor, Role
from engine.casework.counting import end_of_day
from engine.queries import queue, team_counts
from engine.queries.places import village_of_task
from engine.queries.team_counts import Load, StepLoad
from engine.store import regions
from engine.store.cases import Case
from engine.store.instances import ProcessInstance
from engine.store.regions import Region
from engine.store.tasks import Task
from engine.store.workers import Worker, WorkerRegion, WorkerRole

__all__ = ["Board", "Filters", "Load", "Row", "StepLoad", "board", "named", "receivers"]

SIZE = 50
NOBODY = "none"
_DOES_CASEWORK = (*permissions.READS_REGION, *permissions.THROUGH_WORK, Role.CAMAT)


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
    """Counts and tasks of the regions that the actor supervises; three statements and the office's zone."""
    until = end_of_day(session)
    steps, totals = team_counts.steps(session, actor, until)
    rows, following = _rows(session, actor, filters, until)
    return Board(
        open=totals[0],
        overdue=totals[1],
        today=totals[2],
        free=totals[3],
        loads=team_counts.loads(session, actor, until, _DOES_CASEWORK),
        steps=steps,
        rows=rows,
        next=following,
    )


def _near(actor: Actor) -> Any:
    return (
        select(WorkerRole.worker_id)
        .join(WorkerRegion, WorkerRegion.worker_id == WorkerRole.worker_id)
        .where(WorkerRole.role.in_(_DOES_CASEWORK), WorkerRegion.region_code.in_(regions.below(actor.regions)))
    )


def _rows(session: Session, actor: Actor, filters: Filters, until: datetime) -> tuple[list[Row], str]:
    """One page of tasks by deadline: picked from an index for each kabupaten, then joined to what is shown."""
    conditions = [queue.OPEN, permissions.supervised_task(actor), *_conditions(filters, until)]
    # One worker's tasks are few: they have an index of their own.
    ids = select(Task.id).where(*conditions) if filters.worker.isdecimal() else _placed(session, actor, conditions)
    picked = ids.cte("picked")
    village = aliased(Region)
    query = (
        select(
            Task,
            func.coalesce(Case.case_no, ProcessInstance.business_key),
            func.coalesce(village.name, Region.name),
            Worker.name,
        )
        .join(picked, picked.c.id == Task.id)
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .join(Region, Region.code == Task.region_code)
        .outerjoin(Case, Case.id == Task.case_id)
        .outerjoin(village, village.code == village_of_task())
        .outerjoin(Worker, Worker.id == Task.assignee_id)
        .order_by(queue.DUE_KEY, Task.id)
        .limit(SIZE + 1)
    )
    found = [_row(task, number, place, worker) for task, number, place, worker in session.execute(query)]
    following = _cursor(found[SIZE - 1]) if len(found) > SIZE else ""
    return found[:SIZE], following


def _placed(session: Session, actor: Actor, conditions: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """Ids of the next tasks. A place is a kabupaten; who supervises less of it reads along it."""
    kabupaten = sorted({place[:5] for place, _ in queue.places(session, actor)})
    place = values(column("prefix", Text), name="place").data([(code,) for code in kabupaten or ("",)])
    one = (
        select(Task.id.label("id"), queue.DUE_KEY.label("due"))
        .where(place.c.prefix == queue.KABUPATEN, *conditions)
        .order_by(queue.DUE_KEY, Task.id)
        .limit(SIZE + 1)
        .correlate(place)
        .lateral("one")
    )
    return select(one.c.id).select_from(place.join(one, true())).order_by(one.c.due, one.c.id).limit(SIZE + 1)


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


def _conditions(filters: Filters, until: datetime) -> list[ColumnElement[bool]]:
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
        found.append(and_(Task.due_at >= clock.now(), Task.due_at < until))
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
    return tuple_(queue.DUE_KEY, Task.id) > (due_at, int(number)) if due_at.tzinfo is not None else None


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
