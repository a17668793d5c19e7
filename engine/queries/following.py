"""What a case waits for now, as far as a worker may see it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker


@dataclass(frozen=True, slots=True)
class Next:
    """An open task of the same case. `is_yours`: the reader has it or may take it."""

    id: int
    name: str
    name_en: str
    assignee: str
    groups: tuple[str, ...]
    due_at: datetime | None
    is_yours: bool
    element_id: str


def following(session: Session, actor: Actor, task: Task) -> list[Next]:
    """What the case waits for now, as far as the reader may see it; own work first."""
    same = Task.case_id == task.case_id if task.case_id is not None else Task.instance_id == task.instance_id
    query = (
        select(Task, Worker.name)
        .outerjoin(Worker, Worker.id == Task.assignee_id)
        .where(same, Task.state == TaskState.OPEN, permissions.sees_task(actor))
        .order_by(Task.urgency, Task.due_at, Task.id)
    )
    found = [_next(actor, row, name) for row, name in session.execute(query)]
    return sorted(found, key=lambda item: not item.is_yours)


def _next(actor: Actor, task: Task, assignee: str | None) -> Next:
    free = (
        task.assignee_id is None and permissions.may_do(actor, task) and permissions.in_regions(actor, task.region_code)
    )
    groups = tuple(task.candidate_groups)
    is_yours = free or task.assignee_id == actor.id
    return Next(task.id, task.name, task.name_en, assignee or "", groups, task.due_at, is_yours, task.element_id)
