"""Incidents: where an instance cannot go on without a person."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock
from engine.store.base import Base, bigint_pk, created_at

UNREADABLE = "state_unreadable"


class IncidentState(StrEnum):
    """Open until somebody (or a retry) resolves it."""

    OPEN = "open"
    RESOLVED = "resolved"


class Incident(Base):
    """`code` is stable, `message` holds no personal data and no trace."""

    __tablename__ = "incident"

    id: Mapped[bigint_pk]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    wait_id: Mapped[str | None]
    element_id: Mapped[str]
    code: Mapped[str]
    message: Mapped[str]
    state: Mapped[IncidentState] = mapped_column(default=IncidentState.OPEN)
    created_at: Mapped[created_at]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    resolution: Mapped[str | None]
    __table_args__ = (
        Index("ix_incident_open", "created_at", postgresql_where=text("state = 'open'")),
        Index(None, "instance_id"),
        *(Index(None, name, postgresql_where=text(f"{name} IS NOT NULL")) for name in ("case_id", "job_id")),
    )


def note_unreadable(session: Session, instance_id: int, case_id: int | None) -> None:
    """The stored state of an instance cannot be read: one incident, however often it is tried."""
    known = select(Incident.id).where(
        Incident.instance_id == instance_id, Incident.code == UNREADABLE, Incident.state == IncidentState.OPEN
    )
    if session.scalar(known) is None:
        row = Incident(instance_id=instance_id, case_id=case_id, element_id="", code=UNREADABLE, message=UNREADABLE)
        row.created_at = clock.now()
        session.add(row)
        session.flush()
