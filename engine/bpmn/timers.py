"""When a date or a duration is due: ISO 8601, the office's local calendar, working days through its `deadline`."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine import feel
from engine.bpmn.errors import Fault

Deadline = Callable[..., Any]

_DURATION = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_WORKING_DAYS = re.compile(r"WD(\d{1,4})")
_ZONE = re.compile(r"(.+?)(?:@|\[)([A-Za-z_/+\-0-9]+)\]?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a timer is read: the office's time zone, and its function for working days (None: there is none)."""

    timezone: ZoneInfo
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """A duration by its kinds, each of which is added in its own way: calendar months and days, seconds, working
    days."""

    months: int = 0
    days: int = 0
    microseconds: int = 0
    working_days: int | None = None

    def times(self, count: int) -> "Length":
        """It, `count` times."""
        working = None if self.working_days is None else self.working_days * count
        return Length(self.months * count, self.days * count, self.microseconds * count, working)

    @property
    def is_forward(self) -> bool:
        """Whether it leads to a later moment."""
        parts = (self.months, self.days, self.microseconds, self.working_days or 0)
        return any(parts) and all(part >= 0 for part in parts)


def parse_length(text: str) -> Length:
    """`P1M`, `PT45M`, `WD3`. Raises Fault."""
    if match := _WORKING_DAYS.fullmatch(text):
        return Length(working_days=int(match[1]))
    match = _DURATION.fullmatch(text)
    if not match:
        raise Fault("bad_timer", f"{text[:80]!r} is no duration.")
    parts = {name: Decimal(value) for name, value in match.groupdict().items() if value and name != "sign"}
    seconds = parts.get("hours", 0) * 3600 + parts.get("minutes", 0) * 60 + parts.get("seconds", 0)
    length = Length(
        int(parts.get("years", 0)) * 12 + int(parts.get("months", 0)),
        int(parts.get("weeks", 0)) * 7 + int(parts.get("days", 0)),
        int(seconds * 1_000_000),
    )
    return length.times(-1) if match["sign"] else length


def is_duration(text: str) -> bool:
    """Whether it is an ISO 8601 duration or a number of working days."""
    return bool(_DURATION.fullmatch(text) or _WORKING_DAYS.fullmatch(text))


def parse_moment(text: str, timezone: ZoneInfo, *, end_of_day: bool = False) -> datetime:
    """A date or date-time as an aware moment; without an offset it is meant in `timezone`."""
    match = _ZONE.fullmatch(text)
    try:
        if match and ":" in match[1]:
            return datetime.fromisoformat(match[1]).replace(tzinfo=ZoneInfo(match[2])).astimezone(UTC)
        moment = datetime.fromisoformat(text)
        if end_of_day and "T" not in text:
            moment = datetime.combine(moment.date(), time(23, 59, 59))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone)
        return moment.astimezone(UTC)
    except (ValueError, OSError, OverflowError, ZoneInfoNotFoundError):
        raise Fault("bad_timer", f"{text[:80]!r} is no date and time.") from None


def add_duration(start: datetime, text: str, timezone: ZoneInfo, deadline: Deadline | None) -> datetime:
    """`start` plus an ISO 8601 duration (months and days by the local calendar) or working days."""
    return add_length(start, parse_length(text), Place(timezone, deadline))


def add_length(start: datetime, length: Length, place: Place) -> datetime:
    """`start` plus `length`; months and days by the local calendar, then the hours. Raises Fault."""
    if length.working_days is not None:
        return _working(start, length.working_days, place)
    try:
        local = _plus_months(start.astimezone(place.timezone), length.months) + timedelta(days=length.days)
        return local.astimezone(UTC) + timedelta(microseconds=length.microseconds)
    except (OverflowError, ValueError):
        raise Fault("bad_timer", "The timer leads out of the calendar.") from None


def _working(start: datetime, days: int, place: Place) -> datetime:
    text = f"WD{days}"
    if place.deadline is None:
        raise Fault("bad_timer", f"{text}: working days need the office calendar.")
    try:
        value = place.deadline(feel.from_python(start.astimezone(place.timezone)), text)
    except feel.NullResult as reason:
        raise Fault("bad_timer", f"{text}: {reason}") from None
    if isinstance(value, feel.DateTime):
        value = value.to_python()
    if not isinstance(value, datetime):
        raise Fault("bad_timer", f"{text}: the office calendar gave no date and time.")
    return value.astimezone(UTC)


def _plus_months(moment: datetime, months: int) -> datetime:
    """The same day of another month, or its last one."""
    if not months:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
