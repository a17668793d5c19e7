"""Batches: what an operator ordered for many instances at once, and what became of each of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.store.base import Base, bigint_pk, created_at, json_object

MOST_ATTEMPTS = 3


class BatchAction(StrEnum):
    """What is done to each instance."""

    RETRY = "retry"
    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"
    MIGRATE = "migrate"
    TAKE_BACK = "take_back"


class ItemState(StrEnum):
    """What became of one instance. REFUSED: a rule stood against it; FAILED: it went wrong again and again."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    STOPPED = "stopped"


class Batch(Base):
    """One order. `chosen` is the selection as it was made, `run_id` the migration that it belongs to."""

    __tablename__ = "batch"

    id: Mapped[bigint_pk]
    action: Mapped[BatchAction]
    chosen: Mapped[json_object]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("migration_run.id"))
    reason: Mapped[str]
    actor_id: Mapped[int] = mapped_column(ForeignKey("worker.id"))
    created_at: Mapped[created_at]
    finished_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]


class BatchItem(Base):
    """One instance of a batch. `attempts` is counted before each try, so that one that kills its worker ends too."""

    __tablename__ = "batch_item"

    id: Mapped[bigint_pk]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    state: Mapped[ItemState] = mapped_column(default=ItemState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None]
    code: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("batch_id", "instance_id"),
        Index("ix_batch_item_pending", "id", postgresql_where=text("state = 'pending'")),
        Index(None, "batch_id", "state", "id"),
        Index(None, "instance_id"),
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """An instance of a batch whose turn it is; `attempt` fences who finishes it."""

    id: int
    batch_id: int
    instance_id: int
    attempt: int


# By the database's clock only, as with jobs.
_CLAIM = text(
    """
    UPDATE batch_item SET attempts = attempts + 1, held_until = now() + make_interval(secs => :lease)
    WHERE id = (SELECT id FROM batch_item WHERE state = 'pending' AND (held_until IS NULL OR held_until < now())
                ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, batch_id, instance_id, attempts
    """
)
_CLOSE = text(
    """UPDATE batch_item SET state = :state, code = :code, at = now(), held_until = NULL
       WHERE id = :id AND attempts = :attempt AND state = 'pending'"""
)
_END = text(
    """
    UPDATE batch SET finished_at = now() WHERE id = :batch_id AND finished_at IS NULL
    AND NOT EXISTS (SELECT FROM batch_item WHERE batch_id = :batch_id AND state = 'pending')
    """
)


def claim(session: Session, lease_seconds: int) -> Claimed | None:
    """The next instance of any batch, held for `lease_seconds`; the caller commits at once."""
    row = session.execute(_CLAIM, {"lease": lease_seconds}).first()
    return None if row is None else Claimed(*row)


def close(session: Session, item: Claimed, state: ItemState, code: str = "") -> bool:
    """Say what became of it; False if somebody else has it by now: roll back."""
    values = {"id": item.id, "attempt": item.attempt, "state": state.value, "code": code}
    return bool(session.execute(_CLOSE, values).rowcount)  # type: ignore[attr-defined]


def end(session: Session, batch_id: int) -> bool:
    """The batch is over if nothing of it waits any more; True if that is so since now."""
    return bool(session.execute(_END, {"batch_id": batch_id}).rowcount)  # type: ignore[attr-defined]
