"""Disaster events and the Tagana's duty roster."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, bigint_pk, created_at


class DisasterEvent(Base):
    """One disaster; cases attach to it by `event_no`."""

    __tablename__ = "disaster_event"

    id: Mapped[bigint_pk]
    event_no: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    status: Mapped[str] = mapped_column(default="reported")
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    opened_at: Mapped[created_at]
    closed_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "region_code", "status"),)


class DutyRoster(Base):
    """Who is on call on a day in a region, in which order (`position` 1 first)."""

    __tablename__ = "duty_roster"

    id: Mapped[bigint_pk]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    on: Mapped[date]
    position: Mapped[int]
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"))
    __table_args__ = (UniqueConstraint("region_code", "on", "position"),)
