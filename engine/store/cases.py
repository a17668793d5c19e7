"""Cases: the record of one client's path, who may see a restricted one, and case numbers."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from engine.store.base import Base, bigint_pk, created_at, text_list
from engine.store.crypto import EncryptedText
from engine.store.people import Household, Person


class Case(Base):
    """A case of one client. `status`, `priority`, `restricted` and `pmks_codes` follow the process."""

    __tablename__ = "case"

    id: Mapped[bigint_pk]
    case_no: Mapped[str] = mapped_column(unique=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    village_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    client_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    status: Mapped[str] = mapped_column(default="registered")
    priority: Mapped[str] = mapped_column(default="P3")
    restricted: Mapped[bool] = mapped_column(default=False)
    pmks_codes: Mapped[text_list]
    event_no: Mapped[str | None]
    reporter_kind: Mapped[str | None]
    reporter_name: Mapped[str | None] = mapped_column(EncryptedText("case.reporter_name"))
    reporter_phone: Mapped[str | None] = mapped_column(EncryptedText("case.reporter_phone"))
    opened_at: Mapped[created_at]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    closed_at: Mapped[datetime | None]
    client: Mapped[Person] = relationship()
    household: Mapped[Household | None] = relationship()
    __table_args__ = (
        Index(None, "region_code", "opened_at"),
        Index(None, "client_id"),
        Index(None, "household_id"),
        Index("ix_case_closed", "closed_at", "id", postgresql_where=text("closed_at IS NOT NULL")),
        *(
            Index(
                f"ix_case_{name}",
                text(f"left(village_code, {length})"),
                text("(closed_at IS NULL)"),
                "restricted",
                "opened_at",
                "id",
            )
            for name, length in (("kecamatan", 8), ("kabupaten", 5))
        ),
        Index(None, "event_no", postgresql_where=text("event_no IS NOT NULL")),
    )


class CaseRow(NamedTuple):
    """What a step needs of a case, read straight; names and meanings are those of Case."""

    id: int
    status: str
    priority: str
    restricted: bool
    pmks_codes: list[str]


class CaseAccess(Base):
    """A worker named for a restricted case; `reason`: claimed, assigned, registered, granted, break_glass."""

    __tablename__ = "case_access"

    id: Mapped[bigint_pk]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"))
    reason: Mapped[str]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    created_at: Mapped[created_at]
    until: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("case_id", "worker_id"), Index(None, "worker_id"))


class CaseCounter(Base):
    """The last case number of a kecamatan in a year."""

    __tablename__ = "case_counter"

    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


_NEXT = text(
    """INSERT INTO case_counter (region_code, year, last) VALUES (:region, :year, 1)
       ON CONFLICT (region_code, year) DO UPDATE SET last = case_counter.last + 1 RETURNING last"""
)


def next_case_no(session: Session, region_code: str, year: int) -> str:
    """'99.01.01-2026-000123': the next number of the kecamatan in the year."""
    number = session.execute(_NEXT, {"region": region_code, "year": year}).scalar_one()
    return f"{region_code}-{year}-{number:06d}"
