"""Built-ins that convert: number, string, date, time, date and time, durations, range."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from engine.feel import numbers
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.errors import NullResult
from engine.feel.show import plain
from engine.feel.temporal import NANOS, Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.temporal_text import read_date, read_date_time, read_duration, read_time

_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPS = frozenset((None, " ", ",", "."))
_POINTS = frozenset((None, ",", "."))


def _whole(value: Decimal) -> int:
    found = numbers.integer(value)
    if found is None:
        raise NullResult("not a whole number")
    return found


def _read(value: Any, what: str) -> Any:
    if value is None:
        raise NullResult(f"this text is no {what}")
    return value


@builtin("number", "from: string, grouping separator: string|null?, decimal separator: string|null?")
def number(text: str, grouping: str | None = None, point: str | None = None) -> Decimal:
    """The number a text stands for; the separators are ` `, `,` or `.`, and differ."""
    if grouping not in _GROUPS or point not in _POINTS or (grouping is not None and grouping == (point or ".")):
        raise NullResult("these separators are not allowed")
    plain_text = text.replace(grouping, "") if grouping else text
    if point == ",":
        if "." in plain_text:
            raise NullResult("this text is no number")
        plain_text = plain_text.replace(",", ".")
    if not _NUMBER.fullmatch(plain_text):
        raise NullResult("this text is no number")
    return Decimal(_read(numbers.number(plain_text), "number"))


@builtin("string", "from: any", env=True)
def string(env: Environment, value: Any) -> str | None:
    """The FEEL text of a value; null stays null."""
    if value is None:
        return None
    if isinstance(value, list | dict):
        _charge(value, env)
    text = plain(value)
    env.check_size(len(text))
    return text


def _charge(value: Any, env: Environment) -> None:
    pending = [value]
    while pending:
        found = pending.pop()
        env.charge()
        pending.extend(found if isinstance(found, list) else found.values() if isinstance(found, dict) else ())


@builtin("date", "from: string|date|date and time")
def date(value: Any) -> Date:
    """The date of a text or of a date and time."""
    if isinstance(value, DateTime):
        return value.date
    return value if isinstance(value, Date) else _read(read_date(value), "date")


@builtin("date", "year: number, month: number, day: number")
def date_of(year: Decimal, month: Decimal, day: Decimal) -> Date:
    """The date of its parts."""
    return Date(_whole(year), _whole(month), _whole(day))


@builtin("time", "from: string|time|date and time|date")
def time(value: Any) -> Time:
    """The time of a text, of a date and time, or midnight (UTC) of a date."""
    if isinstance(value, DateTime):
        return value.time
    if isinstance(value, Date):
        return Time(0, 0, 0)
    return value if isinstance(value, Time) else _read(read_time(value), "time")


@builtin("time", "hour: number, minute: number, second: number, offset: days and time duration|null?")
def time_of(hour: Decimal, minute: Decimal, second: Decimal, offset: DaysTimeDuration | None = None) -> Time:
    """The time of its parts; seconds may have a fraction."""
    return _clock(hour, minute, second, None if offset is None else _offset(offset))


def _offset(offset: DaysTimeDuration) -> int:
    return int(offset.nanos / NANOS)


def _clock(hour: Decimal, minute: Decimal, second: Decimal, offset: int | None, zone: str | None = None) -> Time:
    hours, minutes, nanos = _whole(hour), _whole(minute), int(second * NANOS)
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= nanos < 60 * NANOS):
        raise NullResult("no such time")
    return Time(hours * 3600 + minutes * 60 + nanos // NANOS, nanos % NANOS, offset, zone)


@builtin("date and time", "from: string|date and time|date")
def date_and_time(value: Any) -> DateTime:
    """The date and time of a text; a date alone is its midnight."""
    if isinstance(value, Date):
        return DateTime(value, Time(0, 0, 0))
    return value if isinstance(value, DateTime) else _read(read_date_time(value), "date and time")


@builtin("date and time", "date: date|date and time, time: time")
def combine(day: Any, clock: Time) -> DateTime:
    """The date (of a date and time too) with that time."""
    return DateTime(day.date if isinstance(day, DateTime) else day, clock)


_PARTS = "year: number, month: number, day: number, hour: number, minute: number, second: number"


@builtin("date and time", _PARTS)
@builtin("date and time", _PARTS + ", offset: days and time duration|null")
@builtin("date and time", _PARTS + ", timezone: string|null")
def date_time_of(
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    zone: Any = None,
) -> DateTime:
    """The date and time of its parts, local, with an offset or with a zone."""
    offset = _offset(zone) if isinstance(zone, DaysTimeDuration) else None
    clock = _clock(hour, minute, second, offset, zone if isinstance(zone, str) else None)
    return DateTime(date_of(year, month, day), clock)


@builtin("duration", "from: string|days and time duration|years and months duration")
def duration(value: Any) -> Any:
    """The duration of a text."""
    return _read(read_duration(value), "duration") if isinstance(value, str) else value


@builtin("years and months duration", "from: date|date and time, to: date|date and time")
def years_and_months(start: Any, end: Any) -> YearsMonthsDuration:
    """Whole months between two days."""
    one = start.date if isinstance(start, DateTime) else start
    other = end.date if isinstance(end, DateTime) else end
    months = (other.year - one.year) * 12 + other.month - one.month
    if months > 0 and other.day < one.day:
        months -= 1
    elif months < 0 and other.day > one.day:
        months += 1
    return YearsMonthsDuration(months)
