"""Timers: cycles and cron, what was missed, the office's zones, and timers that follow variables."""
# ruff: noqa: E501 (a diagram and what comes of it read best side by side)

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.bpmn import Definition, Firing, Instance, Runtime, TimerWait
from engine.bpmn.check import check
from engine.bpmn.cycles import MOST_COUNTED, begin, following, parse_cycle
from engine.bpmn.errors import Fault
from engine.bpmn.timers import Place, add_duration, parse_length, parse_moment
from engine.calendar import OfficeCalendar, calendar_functions
from tests.bpmn import walk as walking
from tests.bpmn.diagrams import boundary, catch, chain, end, process, properties, start, sub, timer, user
from tests.bpmn.walk import START, Walk

WIB, WITA, WIT = (ZoneInfo(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura"))
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = OfficeCalendar(timezone=WIB, extra_holidays=frozenset(), working_holidays=frozenset())
FUNCTIONS = calendar_functions(OFFICE, lambda _: None)
PLACE = Place(WIB, FUNCTIONS["deadline"])


def at(text: str, zone: ZoneInfo = WIB) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def firings(text: str, now: datetime, most: int = 5, place: Place = PLACE) -> list[datetime]:
    """When a cycle fires if nobody is ever late."""
    cycle, found = parse_cycle(text), list[datetime]()
    coming = begin(cycle, now, place)
    while coming is not None and len(found) < most:
        found.append(coming.due)
        coming, missed = following(cycle, coming, coming.due, place)
        assert missed == 0
    return found


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("R3/PT1H", ["2026-01-05T10:00", "2026-01-05T11:00", "2026-01-05T12:00"]),
        ("R2/2026-01-06T08:00/P1D", ["2026-01-06T08:00", "2026-01-07T08:00"]),
        ("R/2026-01-06T08:00/P1D/2026-01-07T12:00", ["2026-01-06T08:00", "2026-01-07T08:00"]),
        ("R9/P1D/2026-01-07T09:00", ["2026-01-06T09:00", "2026-01-07T09:00"]),
        ("R3/2026-01-06T08:00/2026-01-06T10:00", ["2026-01-06T08:00", "2026-01-06T10:00", "2026-01-06T12:00"]),
        ("R4/2026-01-31T08:00/P1M", ["2026-01-31T08:00", "2026-02-28T08:00", "2026-03-31T08:00", "2026-04-30T08:00"]),
        ("R2/2026-01-06T08:00:00Z/P1D", ["2026-01-06T15:00", "2026-01-07T15:00"]),
        ("R2/2026-01-06T08:00@Asia/Jayapura/P1D", ["2026-01-06T06:00", "2026-01-07T06:00"]),
        ("0 8 * * 1-5", ["2026-01-06T08:00", "2026-01-07T08:00", "2026-01-08T08:00", "2026-01-09T08:00", "2026-01-12T08:00"]),
        ("30 0 8 1 * *", ["2026-02-01T08:00:30", "2026-03-01T08:00:30", "2026-04-01T08:00:30", "2026-05-01T08:00:30", "2026-06-01T08:00:30"]),
        ("@monthly", ["2026-02-01T00:00", "2026-03-01T00:00", "2026-04-01T00:00", "2026-05-01T00:00", "2026-06-01T00:00"]),
        ("0 8 L * *", ["2026-01-31T08:00", "2026-02-28T08:00", "2026-03-31T08:00", "2026-04-30T08:00", "2026-05-31T08:00"]),
        ("R3/WD2", ["2026-01-07T09:00", "2026-01-09T09:00", "2026-01-13T09:00"]),
    ],
)  # fmt: skip
def test_when_a_cycle_fires(text: str, want: list[str]) -> None:
    assert firings(text, START) == [at(one) for one in want]


def test_a_start_in_the_past_is_no_firing() -> None:
    """What lies before the wait counts, but was missed by nobody."""
    first = begin(parse_cycle("R5/2026-01-01T08:00/P2D"), START, PLACE)
    assert first == Firing(at("2026-01-07T08:00"), 2, at("2026-01-01T08:00"), 3)
    assert begin(parse_cycle("R2/2026-01-01T08:00/P2D"), START, PLACE) is None
    assert begin(parse_cycle("R/P1D/2026-01-05T08:00"), START, PLACE) is None
    exactly = begin(parse_cycle("R/2026-01-05T09:00/P1D"), START, PLACE)
    assert exactly is not None
    assert exactly.due == START


@pytest.mark.parametrize(
    ("text", "late", "missed", "coming", "left"),
    [
        ("R/PT1H", timedelta(hours=3, minutes=30), 3, "2026-01-05T14:00", None),
        ("R10/PT1H", timedelta(hours=3, minutes=30), 3, "2026-01-05T14:00", 6),
        ("R3/PT1H", timedelta(days=9), 2, None, None),
        ("R/PT1H/2026-01-05T12:30", timedelta(days=9), 2, None, None),
        ("R/P1M", timedelta(days=400), 13, "2027-04-05T09:00", None),
        ("0 9 * * *", timedelta(days=10), 10, "2026-01-17T09:00", None),
        ("R/PT1S", timedelta(days=3650), 3650 * 86_400, "2036-01-03T09:00:02", None),
        ("R/WD1", timedelta(days=7), 5, "2026-01-14T09:00", None),
    ],
)
def test_after_downtime_it_fires_once_and_counts(
    text: str, late: timedelta, missed: int, coming: str | None, left: int | None
) -> None:
    cycle = parse_cycle(text)
    fired = begin(cycle, START, PLACE)
    assert fired is not None
    after, count = following(cycle, fired, fired.due + late, PLACE)
    assert count == missed
    assert (after.due, after.left) == (at(coming), left) if coming and after else after is None


def test_very_many_cron_firings_are_not_counted_to_the_end() -> None:
    cycle = parse_cycle("* * * * *")
    fired = begin(cycle, START, PLACE)
    assert fired is not None
    after, count = following(cycle, fired, fired.due + timedelta(days=30), PLACE)
    assert count == MOST_COUNTED
    assert after is not None
    assert after.due == fired.due + timedelta(days=30, minutes=1)


def test_a_clock_that_goes_back_hurries_and_repeats_nothing() -> None:
    cycle = parse_cycle("R5/PT1H")
    fired = begin(cycle, START, PLACE)
    assert fired is not None
    after, missed = following(cycle, fired, fired.due - timedelta(days=1), PLACE)
    assert (after and after.due, missed) == (fired.due + timedelta(hours=1), 0)


@pytest.mark.parametrize("zone", [WIB, WITA, WIT])
def test_indonesian_zones_know_no_summer_time(zone: ZoneInfo) -> None:
    place = Place(zone)
    days = firings("0 8 * * *", datetime(2026, 1, 1, tzinfo=zone), 366, place)
    assert {due.astimezone(zone).hour for due in days} == {8}
    assert {b - a for a, b in pairwise(days)} == {timedelta(days=1)}
    assert add_duration(at("2026-03-28T12:00", zone), "P1D", zone, None) == at("2026-03-29T12:00", zone)


def test_the_office_s_zone_decides_what_a_day_is() -> None:
    texts = {zone: parse_moment("2026-01-06", zone) for zone in (WIB, WITA, WIT)}
    assert [due.isoformat() for due in texts.values()] == [
        "2026-01-05T17:00:00+00:00", "2026-01-05T16:00:00+00:00", "2026-01-05T15:00:00+00:00",
    ]  # fmt: skip


def test_where_summer_time_is_a_day_is_a_day_and_24_hours_are_24_hours() -> None:
    evening = at("2026-03-28T20:00", BERLIN)
    assert add_duration(evening, "P1D", BERLIN, None) == at("2026-03-29T20:00", BERLIN)
    assert add_duration(evening, "PT24H", BERLIN, None) == at("2026-03-29T21:00", BERLIN)
    gap = firings("R3/2026-03-28T02:30/P1D", at("2026-03-01T00:00", BERLIN), 3, Place(BERLIN))
    assert [due.astimezone(BERLIN).strftime("%d %H:%M") for due in gap] == ["28 02:30", "29 03:30", "30 02:30"]


@pytest.mark.parametrize(
    "text",
    ["R0/PT1H", "R/PT0S", "R/-P1D", "R/P1D/P1D", "R3", "R3/", "R/soon/P1D", "R/P1D/later", "R/a/b", "0 8 * *", "R R * * *",
     "61 * * * *", "@reboot", "R/2026-01-02T08:00/2026-01-01T08:00", "R3/2026-01-01T08:00@Mars/Base/P1D",
     "R" + "9" * 30 + "/PT1H"],
)  # fmt: skip
def test_what_is_no_cycle(text: str) -> None:
    with pytest.raises(Fault) as fault:
        parse_cycle(text)
    assert fault.value.code == "bad_timer"


@pytest.mark.parametrize("text", ["P9999Y", "P999999999D", "PT999999999999H", "-P3000Y"])
def test_out_of_the_calendar(text: str) -> None:
    parse_length(text)
    with pytest.raises(Fault):
        add_duration(START, text, WIB, None)


# -- in a diagram ---------------------------------------------------------------------------------------------------


def runtime(now: datetime = START) -> Runtime:
    return Runtime(now, WIB, FUNCTIONS)


def begun(diagram: bytes, variables: dict[str, Any] | None = None, *, reload: bool = True) -> Walk:
    return walking.begin(diagram, variables, reload=reload, runtime=runtime())


def timed(text: str, kind: str = "timeDuration", zeebe: str = "", *, interrupting: bool = False) -> bytes:
    return process(start(), user("a"), boundary("t", "a", timer(text, kind), zeebe, interrupting=interrupting), end(),
                   end("r"), chain("start", "a", "end"), chain("t", "r"))  # fmt: skip


def test_the_history_says_what_was_missed() -> None:
    walk = begun(timed("R/PT1H", "timeCycle")).later(hours=4, minutes=30)
    walk.do("t")
    caught = [step.detail for advance in walk.advances for step in advance.steps if step.kind == "caught"]
    assert caught == [{"event": "timer", "due": "2026-01-05T03:00:00+00:00", "missed": 3}]
    assert walk.trace.count(">r") == 1
    assert walk.waits[walk.find("t")].due_at == START + timedelta(hours=5)  # type: ignore[attr-defined]


def test_a_monthly_visit_keeps_to_the_end_of_the_month() -> None:
    walk = begun(timed("R/2026-01-31T08:00/P1M", "timeCycle"))
    dues = []
    for _ in range(4):
        dues.append(walk.waits[walk.find("t")].due_at.astimezone(WIB).date())  # type: ignore[attr-defined]
        walk.do("t")
    assert dues == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_a_cycle_as_an_expression() -> None:
    walk = begun(
        timed('="R" + string(times) + "/" + string(rhythm)', "timeCycle"), {"times": 2, "rhythm": timedelta(hours=2)}
    )
    wait = walk.waits[walk.find("t")]
    assert wait == TimerWait(wait.id, "t", "p", START + timedelta(hours=2), False, 2)
    walk.do("t").do("t")
    assert walk.open() == ["a"]


def test_working_days_through_the_calendar_s_functions() -> None:
    walk = begun(timed("=add working days(now(), 5)", "timeDate"))
    assert walk.waits[walk.find("t")].due_at == at("2026-01-12T09:00")  # type: ignore[attr-defined]


def test_a_cycle_that_is_over_waits_for_nothing() -> None:
    walk = begun(timed("R/P1D/2026-01-01T00:00", "timeCycle"))
    assert walk.open() == ["a"]
    assert walk.do("a").ended == "completed"
    inside = sub("es", start("es1", timer("R3/2025-01-01T00:00/P1D", "timeCycle"), isInterrupting="false"), end("e1"),
                 chain("es1", "e1"), event_driven=True)  # fmt: skip
    walk = begun(process(inside, start(), user("a"), end(), chain("start", "a", "end")))
    assert walk.open() == ["a"]
    assert walk.do("a").ended == "completed"


# -- timers that follow variables -----------------------------------------------------------------------------------

FOLLOWS = properties(followsVariables="true")


def changing(text: str, kind: str, zeebe: str = FOLLOWS) -> bytes:
    return process(
        start(), user("a"), boundary("t", "a", timer(text, kind), zeebe),
        boundary("m", "a", timer("PT1S"), interrupting=False), user("b"), end(), end("late"),
        chain("start", "a", "end"), chain("t", "late"), chain("m", "b"),
    )  # fmt: skip


def due(walk: Walk) -> datetime:
    wait = walk.waits[walk.find("t")]
    assert isinstance(wait, TimerWait)
    return wait.due_at


def test_a_timer_follows_its_variables_only_if_it_says_so() -> None:
    for zeebe, days in ((FOLLOWS, 9), ("", 3)):
        walk = begun(changing('=duration("P" + string(patience) + "D")', "timeDuration", zeebe), {"patience": 3})
        assert due(walk) == START + timedelta(days=3)
        walk.do("m").do("b", patience=9)
        assert due(walk) == START + timedelta(days=days), "counted from when the wait began"
        assert ("~t" in walk.trace) is (zeebe == FOLLOWS)


def test_another_variable_changes_nothing() -> None:
    walk = begun(changing("=deadline", "timeDate"), {"deadline": date(2026, 2, 1)})
    walk.do("m").do("b", other=1, deadline=date(2026, 2, 1))
    assert due(walk) == at("2026-02-01T00:00")
    assert "~t" not in walk.trace
    assert [advance.changed for advance in walk.advances if advance.changed] == []


def test_a_date_that_moves_is_told_with_the_same_wait() -> None:
    walk = begun(changing("=deadline", "timeDate"), {"deadline": date(2026, 2, 1)})
    wait_id = walk.find("t")
    walk.do("m").do("b", deadline=date(2026, 3, 1))
    told = [wait for advance in walk.advances for wait in advance.changed]
    assert told == [TimerWait(wait_id, "t", "p", at("2026-03-01T00:00"), True, 0)]
    steps = [step.detail for advance in walk.advances for step in advance.steps if step.kind == "rescheduled"]
    assert steps == [{"due": "2026-02-28T17:00:00+00:00", "was": "2026-01-31T17:00:00+00:00"}]


def test_a_cycle_that_changes_begins_anew() -> None:
    walk = begun(changing('="R/" + rhythm', "timeCycle"), {"rhythm": "P7D"})
    walk.do("m").do("b", rhythm="P1D")
    assert due(walk) == START + timedelta(days=1, seconds=1)


def test_a_variable_without_a_value_is_an_incident_that_can_be_mended() -> None:
    walk = begun(changing("=deadline", "timeDate"), {"deadline": date(2026, 2, 1)})
    walk.do("m").do("b", deadline=None)
    assert walk.incidents == [("t", "timer_null")]
    assert walk.open() == ["a"]
    walk.retry("t", deadline=date(2026, 4, 1))
    assert due(walk) == at("2026-04-01T00:00")
    assert walk.do("t").ended == "completed"


@pytest.mark.parametrize("value", ["yes", "1"])
def test_the_property_is_true_or_false(value: str) -> None:
    found = check({"p.bpmn": changing("=x", "timeDate", properties(followsVariables=value))})
    assert ("bad_value", "t") in [(one.code, one.element) for one in found]


def test_a_literal_cannot_follow() -> None:
    found = check({"p.bpmn": changing("P3D", "timeDuration")})
    assert ("bad_value", "t") in [(one.code, one.element) for one in found]


# -- processes that a timer starts ----------------------------------------------------------------------------------


def test_a_process_begins_with_its_timer() -> None:
    diagram = process(start("every", timer("R/P1M", "timeCycle"), properties(region="99.01")), user("a"), end(),
                      chain("every", "a", "end"))  # fmt: skip
    definition = Definition.compile({"p.bpmn": diagram})
    (timed_start,) = definition.timer_starts
    assert (timed_start.process_id, timed_start.element_id, timed_start.region) == ("p", "every", "99.01")
    text = timed_start.text(runtime(), definition)
    first = timed_start.first(text, runtime())
    assert first is not None
    assert first.due == at("2026-02-05T09:00")
    late = replace(runtime(), now=at("2026-04-06T00:00"))
    after, missed = timed_start.following(text, first, late)
    assert (after and after.due, missed) == (at("2026-05-05T09:00"), 2)
    _, advance = Instance.start(definition, "p", {}, runtime(), event="every")
    assert [step.element_id for step in advance.steps if step.kind == "completed"] == ["every"]


def test_a_date_starts_once() -> None:
    definition = Definition.compile(
        {"p.bpmn": process(start("once", timer('=date("2026-02-01")', "timeDate")), end(), chain("once", "end"))}
    )
    (once,) = definition.timer_starts
    text = once.text(runtime(), definition)
    first = once.first(text, runtime())
    assert first is not None
    assert first.due == at("2026-02-01T00:00")
    assert once.following(text, first, runtime()) == (None, 0)


def test_an_endless_wait_is_no_cycle_of_a_catch_event() -> None:
    found = check(
        {"p.bpmn": process(start(), catch("t", timer("R/P1D", "timeCycle")), end(), chain("start", "t", "end"))}
    )
    assert ("unsupported_event", "t") in [(one.code, one.element) for one in found]
