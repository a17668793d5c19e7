"""When processes start by themselves: one row for each timer start event of a published version."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.store.base import Base, bigint_pk

MOST_ATTEMPTS = 5


class TimerStart(Base):
    """The next start of a process. `due_at` null: there is none any more. `left_over`: starts to come (null: endless).

    A start that fails is tried again at `held_until`, MOST_ATTEMPTS times in all.
    """

    __tablename__ = "timer_start"

    id: Mapped[bigint_pk]
    family: Mapped[str]
    process_id: Mapped[str]
    element_id: Mapped[str]
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    timer: Mapped[str]
    due_at: Mapped[datetime | None]
    left_over: Mapped[int | None]
    anchor: Mapped[datetime]
    number: Mapped[int]
    missed: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("family", "process_id", "element_id"),
        Index("ix_timer_start_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )


def of_family(session: Session, family: str) -> dict[tuple[str, str], TimerStart]:
    """(process, element) -> row."""
    rows = session.scalars(select(TimerStart).where(TimerStart.family == family))
    return {(row.process_id, row.element_id): row for row in rows}


def take_due(session: Session, moment: datetime | None) -> TimerStart | None:
    """One that is due, locked: by the database's clock, or by `moment` (stories that move the clock)."""
    now = func.now() if moment is None else moment
    free = (TimerStart.held_until.is_(None)) | (TimerStart.held_until <= now)
    return session.scalar(
        select(TimerStart)
        .where(TimerStart.due_at <= now, free, TimerStart.attempts < MOST_ATTEMPTS)
        .order_by(TimerStart.due_at, TimerStart.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def put_off(session: Session, row_id: int, error: str, delay: timedelta) -> None:
    """A start failed: count it, and try again later."""
    session.execute(
        update(TimerStart)
        .where(TimerStart.id == row_id)
        .values(attempts=TimerStart.attempts + 1, last_error=error, held_until=func.now() + delay)
    )
