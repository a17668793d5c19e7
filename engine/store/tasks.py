"""User tasks: the projection that inboxes read, and drafts of their answers."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.store.base import Base, bigint_pk, created_at, json_object, text_list
from engine.store.crypto import EncryptedJson


class TaskState(StrEnum):
    """Life of a user task. A claimed task is an open one with an assignee."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


DUE = "coalesce(due_at, '9000-01-01 00:00:00+00'::timestamptz)"
"""SQL: what lists are ordered by. Without a deadline a task stands last. Indexes are made of exactly these words."""
_OPEN = "state = 'open'"


def _open_in(name: str, length: int) -> Index:
    """Open tasks of a place, by the groups that are asked to do them, in the order of the inbox."""
    return Index(
        f"ix_task_open_{name}",
        text(f"left(region_code, {length})"),
        "candidate_groups",
        "restricted",
        text("(assignee_id IS NULL)"),
        "urgency",
        text(DUE),
        "id",
        postgresql_where=text(_OPEN),
    )


class Task(Base):
    """One user task of one instance. `urgency`: 1 (P1) .. 4 (P4), the case's priority when the task opened.

    `due_stage`: 1 once the scheduler has seen that it is due today, 2 that it is overdue: so that counts can be kept.
    """

    __tablename__ = "task"

    id: Mapped[bigint_pk]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    wait_id: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    process_id: Mapped[str]
    element_id: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    form_id: Mapped[str | None]
    candidate_groups: Mapped[text_list]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    restricted: Mapped[bool] = mapped_column(default=False)
    urgency: Mapped[int] = mapped_column(default=3)
    priority: Mapped[int] = mapped_column(default=50)
    due_at: Mapped[datetime | None]
    due_stage: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    follow_up_at: Mapped[datetime | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    claimed_at: Mapped[datetime | None]
    state: Mapped[TaskState] = mapped_column(default=TaskState.OPEN)
    rev: Mapped[int] = mapped_column(default=1)
    properties: Mapped[json_object]
    local: Mapped[json_object]
    created_at: Mapped[created_at]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    __table_args__ = (
        UniqueConstraint("instance_id", "wait_id"),
        Index(
            "ix_task_open_mine",
            "assignee_id",
            "urgency",
            "due_at",
            "id",
            postgresql_where=text("state = 'open' AND assignee_id IS NOT NULL"),
        ),
        *(_open_in(name, length) for name, length in (("kecamatan", 8), ("kabupaten", 5))),
        Index("ix_task_open_board", text("left(region_code, 5)"), text(DUE), "id", postgresql_where=text(_OPEN)),
        Index("ix_task_open_stage", "due_stage", "due_at", postgresql_where=text(f"{_OPEN} AND due_stage < 2")),
        Index("ix_task_open_due", "due_at", postgresql_where=text("state = 'open'")),
        Index("ix_task_done", "closed_by", "closed_at", postgresql_where=text("state = 'completed'")),
        Index(None, "case_id"),
        # Claiming and completing change what indexes are made of: two dead rows in each of them for every task.
        {"postgresql_with": {"autovacuum_vacuum_scale_factor": "0.02"}},
    )


class TaskRow(NamedTuple):
    """What a step needs of a user task, read straight; names and meanings are those of Task."""

    id: int
    instance_id: int
    wait_id: str
    case_id: int | None
    element_id: str
    form_id: str | None
    candidate_groups: list[str]
    restricted: bool
    assignee_id: int | None
    claimed_at: datetime | None
    state: str
    rev: int
    properties: dict[str, Any]
    closed_at: datetime | None
    closed_by: int | None


class TaskDraft(Base):
    """What a worker typed and has not sent yet; `form_sha256` tells whether the form changed meanwhile."""

    __tablename__ = "task_draft"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("task_draft.answers"))
    form_sha256: Mapped[str] = mapped_column(default="")
    saved_at: Mapped[datetime]


def lock(session: Session, task_id: int) -> Task | None:
    """The task, locked until the end of the transaction."""
    return session.scalar(select(Task).where(Task.id == task_id).with_for_update())


def open_of_instance(session: Session, instance_id: int) -> dict[str, Task]:
    """Wait id -> open task."""
    rows = session.scalars(select(Task).where(Task.instance_id == instance_id, Task.state == TaskState.OPEN))
    return {row.wait_id: row for row in rows}
