"""Incidents: where an instance cannot go on without a person."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, bigint_pk, created_at


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
    )
