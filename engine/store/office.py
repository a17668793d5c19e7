"""The office: settings with effective dates, and its own changes to the calendar."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Date, SmallInteger, UniqueConstraint, bindparam, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.store.base import Base, bigint_pk, created_at


class OfficeSetting(Base):
    """A rule value of the office from a date on, such as pkh_max_desil = 4 from 2020-01-01."""

    __tablename__ = "office_setting"

    id: Mapped[bigint_pk]
    name: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    effective_from: Mapped[date]
    unit: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    changed_by: Mapped[int | None]
    created_at: Mapped[created_at]
    __table_args__ = (UniqueConstraint("name", "effective_from"),)


class CalendarDay(Base):
    """A day that this office calls off (`is_off`) or works on although the country is off."""

    __tablename__ = "calendar_day"

    on: Mapped[date] = mapped_column(primary_key=True)
    is_off: Mapped[bool]
    name: Mapped[str]


class OfficeMark(Base):
    """One row, whose mark no other state of the settings and the calendar had: what was read under it may be kept.

    Triggers make a new mark in the transaction of every change.
    """

    __tablename__ = "office_mark"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    mark: Mapped[str]


MARK = select(OfficeMark.mark).scalar_subquery()
_EFFECTIVE = (
    select(OfficeMark.mark, OfficeSetting.name, OfficeSetting.value)
    .select_from(OfficeMark)
    .outerjoin(OfficeSetting, OfficeSetting.effective_from <= bindparam("on", type_=Date))
    .order_by(OfficeSetting.name, OfficeSetting.effective_from)
)
_DAYS = (
    select(OfficeMark.mark, CalendarDay.on, CalendarDay.is_off).select_from(OfficeMark).outerjoin(CalendarDay, true())
)


def effective(session: Session, on: date) -> tuple[str, dict[str, Any]]:
    """Every setting's value on the day, and the mark under which that holds."""
    rows = session.execute(_EFFECTIVE, {"on": on}).all()
    return rows[0].mark, {row.name: row.value for row in rows if row.name is not None}


def calendar_days(session: Session) -> tuple[str, Mapping[date, bool]]:
    """Day -> is it off, and the mark under which that holds."""
    rows = session.execute(_DAYS).all()
    return rows[0].mark, {row.on: row.is_off for row in rows if row.on is not None}
