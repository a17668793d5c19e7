"""The office calendar: working days, deadlines and ages, for Python and as FEEL functions.

National holidays and joint leave are those of the yearly decree of three ministers; years without a published decree
have the holidays of fixed date only, and the office adds the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel import Date, DateTime, DaysTimeDuration, NullResult, YearsMonthsDuration, from_python, read_duration

# New Year, Labour Day, Pancasila Day, Independence Day, Christmas.
FIXED_HOLIDAYS = frozenset(((1, 1), (5, 1), (6, 1), (8, 17), (12, 25)))
MAX_WORKING_DAYS = 5_000


@cache
def published_holidays(year: int) -> Mapping[date, str]:
    """National holidays and joint leave of a year, with their Indonesian names; empty when none are published."""
    # Imported when first asked: the package takes half a second, which no process needs in order to start.
    from lokal.holidays import HOLIDAY_YEARS, get_holidays

    if year not in HOLIDAY_YEARS:
        return {}
    return {date.fromisoformat(each.date): each.name for each in get_holidays(year).holidays}


@dataclass(frozen=True, slots=True)
class OfficeCalendar:
    """Which days an office works. Additions win over the published list; `weekend` counts Monday as 0."""

    timezone: ZoneInfo
    extra_holidays: frozenset[date] = frozenset()
    working_holidays: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset((5, 6))

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on that day."""
        if day in self.working_holidays:
            return True
        if day.weekday() in self.weekend or day in self.extra_holidays:
            return False
        published = published_holidays(day.year)
        if published:
            return day not in published
        return (day.month, day.day) not in FIXED_HOLIDAYS

    def next_working_day(self, day: date, step: int = 1) -> date:
        """The day itself if the office works, else the next one (`step` -1: the one before)."""
        for _ in range(MAX_WORKING_DAYS):
            if self.is_working_day(day):
                return day
            day += timedelta(days=step)
        raise ValueError("the office never works")

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (before it when negative); 0 is the day or the next working day."""
        if abs(count) > MAX_WORKING_DAYS:
            raise ValueError("too many working days")
        step = 1 if count >= 0 else -1
        if count == 0:
            return self.next_working_day(day)
        for _ in range(abs(count)):
            day = self.next_working_day(day + timedelta(days=step), step)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; negative when `end` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        if (end - start).days > MAX_WORKING_DAYS * 2:
            raise ValueError("too many days")
        return sum(self.is_working_day(start + timedelta(days=each)) for each in range(1, (end - start).days + 1))

    def deadline(self, start: datetime, text: str) -> datetime:
        """The moment `text` after an aware moment: an ISO 8601 duration, or `WD3` for three working days.

        Working days keep the clock time; a start outside of them counts from the next working day. Raises ValueError.
        """
        local = start.astimezone(self.timezone)
        if text[:2] == "WD" and text[2:].isdecimal():
            first = self.next_working_day(local.date())
            day = self.add_working_days(first, int(text[2:])) if int(text[2:]) else first
            return datetime.combine(day, local.timetz())
        weeks = text[1:-1] if text[:1] == "P" and text[-1:] == "W" and text[1:-1].isdecimal() else ""
        span = read_duration(f"P{int(weeks) * 7}D" if weeks else text)
        if span is None:
            raise ValueError(f"no duration: {text}")
        if isinstance(span, YearsMonthsDuration):
            return DateTime.from_python(local).plus_months(span.months).to_python()
        return (start + span.to_python()).astimezone(self.timezone)


def age_on(birth: date, day: date) -> int:
    """Whole years of life on a day; who is born on 29 February has their birthday on 1 March in other years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def calendar_functions(
    calendar: OfficeCalendar, settings_lookup: Callable[[str], Any]
) -> Mapping[str, Callable[..., Any]]:
    """The calendar's FEEL functions by name, and `setting(name)`, for `Environment.functions`."""
    functions = _Functions(calendar, settings_lookup)
    return {
        "add working days": functions.add_working_days,
        "working days between": functions.working_days_between,
        "is working day": functions.is_working_day,
        "age": functions.age,
        "deadline": functions.deadline,
        "setting": functions.setting,
    }


class _Functions:
    """FEEL values in and out; what does not fit is null with a reason. Parameter names are FEEL's, `_` for a space."""

    def __init__(self, calendar: OfficeCalendar, settings_lookup: Callable[[str], Any]) -> None:
        self._calendar = calendar
        self._lookup = settings_lookup

    def _day(self, value: Any) -> date:
        """The day of a date, or of a moment as the office's clocks show it."""
        try:
            if isinstance(value, Date):
                return value.to_python()
            if isinstance(value, DateTime):
                return value.to_python(self._calendar.timezone).astimezone(self._calendar.timezone).date()
        except (ValueError, OverflowError):
            pass
        raise NullResult("no date that the calendar knows")

    @staticmethod
    def _count(value: Any) -> int:
        try:
            if value == int(value):
                return int(value)
        except (TypeError, ValueError, OverflowError):
            pass
        raise NullResult("no whole number")

    def add_working_days(self, date: Any, n: Any) -> Any:
        """`add working days(date, n)`; a date and time keeps its clock time."""
        try:
            day = self._calendar.add_working_days(self._day(date), self._count(n))
        except (ValueError, OverflowError) as problem:
            raise NullResult(str(problem)) from None
        moved = Date(day.year, day.month, day.day)
        return DateTime(moved, date.time) if isinstance(date, DateTime) else moved

    def working_days_between(self, start: Any, end: Any) -> int:
        """`working days between(start, end)`."""
        try:
            return self._calendar.working_days_between(self._day(start), self._day(end))
        except ValueError as problem:
            raise NullResult(str(problem)) from None

    def is_working_day(self, date: Any) -> bool:
        """`is working day(date)`."""
        return self._calendar.is_working_day(self._day(date))

    def age(self, birth_date: Any, on: Any) -> int:
        """`age(birth date, on)` in whole years."""
        return age_on(self._day(birth_date), self._day(on))

    def deadline(self, from_: Any, text: Any) -> DateTime:
        """`deadline(from, text)`; a date starts at its midnight in the office."""
        if isinstance(text, DaysTimeDuration | YearsMonthsDuration):
            text = str(text)
        if not isinstance(text, str):
            raise NullResult("no duration")
        day = self._day(from_)
        zone = self._calendar.timezone
        start = from_.to_python(zone) if isinstance(from_, DateTime) else datetime.combine(day, time(), zone)
        try:
            return DateTime.from_python(self._calendar.deadline(start, text))
        except (ValueError, OverflowError) as problem:
            raise NullResult(str(problem)) from None

    def setting(self, name: Any) -> Any:
        """`setting(name)`: the office setting effective today."""
        if not isinstance(name, str):
            raise NullResult("no name")
        return from_python(self._lookup(name))
