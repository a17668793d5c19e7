"""Working days, deadlines and ages of the office calendar, in Python and in FEEL."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine import feel
from engine.calendar import OfficeCalendar, age_on, calendar_functions, published_holidays

JAKARTA = ZoneInfo("Asia/Jakarta")
CALENDAR = OfficeCalendar(JAKARTA)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 3, 2), True),
        (date(2026, 3, 1), False),
        (date(2026, 2, 28), False),
        (date(2026, 8, 17), False),
        (date(2026, 3, 20), False),
        (date(2026, 12, 24), False),
        (date(2026, 12, 28), True),
        (date(2027, 3, 10), False),
        (date(2025, 12, 25), False),
        (date(2025, 12, 24), True),
        (date(2030, 5, 1), False),
    ],
)
def test_working_days_follow_the_decree_and_the_fixed_holidays(day: date, works: bool) -> None:
    assert CALENDAR.is_working_day(day) is works


def test_the_office_adds_and_removes_days() -> None:
    calendar = OfficeCalendar(
        JAKARTA, extra_holidays=frozenset({date(2026, 3, 3)}), working_holidays=frozenset({date(2026, 3, 7)})
    )
    assert not calendar.is_working_day(date(2026, 3, 3))
    assert calendar.is_working_day(date(2026, 3, 7))


def test_both_years_are_published_with_names() -> None:
    assert published_holidays(2026)[date(2026, 8, 17)] == "Proklamasi Kemerdekaan"
    assert len(published_holidays(2027)) > 20
    assert published_holidays(2031) == {}


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 3, 2), 1, date(2026, 3, 3)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 3, 17), 1, date(2026, 3, 25)),
        (date(2026, 3, 25), -1, date(2026, 3, 17)),
        (date(2026, 3, 7), 0, date(2026, 3, 9)),
        (date(2026, 3, 7), 1, date(2026, 3, 9)),
        (date(2026, 12, 23), 3, date(2026, 12, 30)),
    ],
)
def test_adding_working_days(start: date, count: int, end: date) -> None:
    assert CALENDAR.add_working_days(start, count) == end


def test_between_is_the_inverse_of_adding() -> None:
    start = date(2026, 3, 2)
    for count in range(1, 60):
        end = CALENDAR.add_working_days(start, count)
        assert CALENDAR.working_days_between(start, end) == count
        assert CALENDAR.working_days_between(end, start) == -count


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2026-03-02T10:00:00+07:00", "PT45M", "2026-03-02T10:45:00+07:00"),
        ("2026-03-02T10:00:00+07:00", "P14D", "2026-03-16T10:00:00+07:00"),
        ("2026-03-02T10:00:00+07:00", "P2W", "2026-03-16T10:00:00+07:00"),
        ("2026-01-31T10:00:00+07:00", "P1M", "2026-02-28T10:00:00+07:00"),
        ("2026-03-02T10:00:00+07:00", "WD3", "2026-03-05T10:00:00+07:00"),
        ("2026-03-06T10:00:00+07:00", "WD1", "2026-03-09T10:00:00+07:00"),
        ("2026-03-07T10:00:00+07:00", "WD1", "2026-03-10T10:00:00+07:00"),
        ("2026-03-07T10:00:00+07:00", "WD0", "2026-03-09T10:00:00+07:00"),
        ("2026-03-05T20:00:00+00:00", "WD1", "2026-03-09T03:00:00+07:00"),
    ],
)
def test_deadlines(start: str, text: str, end: str) -> None:
    found = CALENDAR.deadline(datetime.fromisoformat(start), text)
    assert found == datetime.fromisoformat(end)
    assert found.tzinfo == JAKARTA


@pytest.mark.parametrize("text", ["", "WD", "WDx", "3 days", "P", "WD99999"])
def test_what_is_no_deadline_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|working days"):
        CALENDAR.deadline(datetime(2026, 3, 2, tzinfo=UTC), text)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2008, 3, 2), date(2026, 3, 2), 18),
        (date(2008, 3, 3), date(2026, 3, 2), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
    ],
)
def test_age(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


def _value(text: str) -> Any:
    functions = calendar_functions(CALENDAR, {"quota": 12, "stages": ["a", "b"]}.get)
    env = feel.Environment(datetime(2026, 3, 2, 1, tzinfo=UTC), JAKARTA, functions)
    return feel.to_text(feel.compile(text).evaluate({}, env))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('add working days(@"2026-03-17", 1)', "2026-03-25"),
        ('add working days(date: @"2026-03-17", n: 1)', "2026-03-25"),
        ('add working days(@"2026-03-17T08:00:00", 1)', "2026-03-25T08:00:00"),
        ('add working days(@"2026-03-17", 1.5)', "null"),
        ('add working days("x", 1)', "null"),
        ('add working days(@"2026-03-17", 100000)', "null"),
        ('working days between(@"2026-03-17", @"2026-03-25")', "1"),
        ('is working day(@"2026-03-20")', "false"),
        ("is working day(now())", "true"),
        ('is working day(@"12026-03-20")', "null"),
        ('age(@"2008-03-02", today())', "18"),
        ('age(birth date: @"2008-03-03", on: today())', "17"),
        ("age(null, today())", "null"),
        ('deadline(now(), "PT45M")', "2026-03-02T08:45:00@Asia/Jakarta"),
        ('deadline(@"2026-03-07", "WD1")', "2026-03-10T00:00:00@Asia/Jakarta"),
        ('deadline(from: now(), text: "WD2") > now()', "true"),
        ('deadline(now(), @"P1D")', "2026-03-03T08:00:00@Asia/Jakarta"),
        ('deadline(now(), "soon")', "null"),
        ('setting("quota") + 1', "13"),
        ('setting("stages")[2]', "b"),
        ('setting("unheard")', "null"),
    ],
)
def test_calendar_functions_in_feel(text: str, expected: str) -> None:
    assert _value(text) == expected
