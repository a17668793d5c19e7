"""Built-ins on moments: now, today, parts of the calendar."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel import calendar_math as cal
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.temporal import Date, DateTime

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_PARAM = "date: date|date and time"


def _day(value: Any) -> Date:
    return value.date if isinstance(value, DateTime) else value


@builtin("now", env=True)
def now(env: Environment) -> DateTime:
    """The moment of the operation, in the environment's zone."""
    return DateTime.from_python(env.now.astimezone(env.timezone))


@builtin("today", env=True)
def today(env: Environment) -> Date:
    """The day of the operation, in the environment's zone."""
    return now(env).date


@builtin("day of year", _PARAM)
def day_of_year(value: Any) -> Decimal:
    """1 is the first of January."""
    day = _day(value)
    return Decimal(day.days - cal.to_days(day.year, 1, 1) + 1)


@builtin("day of week", _PARAM)
def day_of_week(value: Any) -> str:
    """The English name of the day."""
    return _DAYS[_day(value).weekday - 1]


@builtin("month of year", _PARAM)
def month_of_year(value: Any) -> str:
    """The English name of the month."""
    return _MONTHS[_day(value).month - 1]


@builtin("week of year", _PARAM)
def week_of_year(value: Any) -> Decimal:
    """The week by ISO 8601: the one that holds the year's first Thursday is 1."""
    day = _day(value)
    thursday = Date.of_days(day.days + 4 - day.weekday)
    return Decimal((thursday.days - cal.to_days(thursday.year, 1, 1)) // 7 + 1)
