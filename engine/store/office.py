"""The office: settings with effective dates, and its own changes to the calendar."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Date, UniqueConstraint, bindparam, select
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


_EFFECTIVE = (
    select(OfficeSetting.name, OfficeSetting.value)
    .where(OfficeSetting.effective_from <= bindparam("on", type_=Date))
    .order_by(OfficeSetting.name, OfficeSetting.effective_from)
)


def effective(session: Session, on: date) -> dict[str, Any]:
    """Every setting's value on the day."""
    rows = session.execute(_EFFECTIVE, {"on": on})
    return dict(rows.all())


def calendar_days(session: Session) -> Mapping[date, bool]:
    """Day -> is it off."""
    return {row.on: row.is_off for row in session.scalars(select(CalendarDay))}
