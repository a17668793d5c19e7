"""Repeating timers: ISO 8601 repeating intervals and cron expressions, and what became due while nobody listened.

The n-th firing lies n intervals after the first moment, so that a monthly timer of the 31st stays at the end of the
month. What fell due while the office's server was off fires once, and all of it counts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

from croniter import croniter
from croniter.croniter import CroniterError

from engine.bpmn.errors import Fault
from engine.bpmn.timers import Length, Place, add_length, is_duration, parse_length, parse_moment

_CYCLE = re.compile(r"R(\d{0,9})/(.+)")
_DICE = re.compile(r"(?:^|\s)[RrHh](?:$|[\s(/])")  # croniter's own: any moment it likes
MOST_COUNTED = 5_000  # cron firings that are counted one by one


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating timer: `repeats` firings (None: endless), `length` apart or at the times of `cron`."""

    repeats: int | None
    length: Length = field(default_factory=Length)
    cron: str = ""
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Firing:
    """A firing that is ahead: the `number`-th after `anchor`, with `left` firings to come (it counted; None: endless).

    `missed` were due before it and nobody heard them.
    """

    due: datetime
    left: int | None
    anchor: datetime
    number: int
    missed: int = 0


def parse_cycle(text: str) -> Cycle:
    """`R3/PT1H`, `R/<start>/P1M`, `R5/<start>/P1W/<end>`, `R/P1D/<end>`, `R3/<start>/<second>`, `R/WD1`, or cron."""
    match = _CYCLE.fullmatch(text)
    if not match:
        return Cycle(None, cron=_cron(text))
    repeats = int(match[1]) if match[1] else None
    if repeats == 0:
        raise Fault("bad_timer", f"{text[:80]!r} never fires.")
    parts = match[2].split("/")
    lengths = [index for index, part in enumerate(parts) if is_duration(part)]
    if not lengths:
        return _between(repeats, parts, text)
    if len(lengths) > 1:
        raise Fault("bad_timer", f"{text[:80]!r} is no cycle.")
    start, end = "/".join(parts[: lengths[0]]), "/".join(parts[lengths[0] + 1 :])
    for moment in filter(None, (start, end)):
        parse_moment(moment, ZoneInfo("UTC"))
    length = parse_length(parts[lengths[0]])
    if not length.is_forward:
        raise Fault("bad_timer", f"{text[:80]!r} has no length.")
    return Cycle(repeats, length, "", start, end)


def _between(repeats: int | None, parts: list[str], text: str) -> Cycle:
    """`R3/2026-01-01T08:00:00/2026-01-08T08:00:00`: from the first to the second, and so on."""
    if len(parts) != 2:
        raise Fault("bad_timer", f"{text[:80]!r} is no cycle.")
    first, second = (parse_moment(part, ZoneInfo("UTC")) for part in parts)
    apart = second - first
    length = Length(microseconds=(apart.days * 86_400 + apart.seconds) * 1_000_000 + apart.microseconds)
    if not length.is_forward:
        raise Fault("bad_timer", f"{text[:80]!r} has no length.")
    return Cycle(repeats, length, "", parts[0])


def _cron(text: str) -> str:
    if _DICE.search(text) or not croniter.is_valid(text, second_at_beginning=True):
        raise Fault("bad_timer", f"{text[:80]!r} is neither a cycle nor a cron expression.")
    return text


def begin(cycle: Cycle, now: datetime, place: Place) -> Firing | None:
    """The first firing of a cycle that somebody begins to wait for `now`; None if it is over already.

    With a start in the past, the firings before `now` are gone: they count, but nobody has missed them.
    """
    if cycle.cron:
        return Firing(_next_cron(cycle.cron, now, place), None, now, 0)
    anchor = parse_moment(cycle.start, place.timezone) if cycle.start else now
    number = 0 if cycle.start else 1
    if cycle.start and anchor < now:
        number = _first(cycle, anchor, 0, lambda due: due >= now, place)
    left = cycle.repeats if cycle.repeats is None or not cycle.start else cycle.repeats - number
    due = _occurrence(cycle, anchor, number, place)
    if (left is not None and left <= 0) or _is_over(cycle, due, place):
        return None
    return Firing(due, left, anchor, number)


def following(cycle: Cycle, fired: Firing, now: datetime, place: Place) -> tuple[Firing | None, int]:
    """After `fired` has fired, `now`: the next firing (None: the cycle is over), and how many more were due by now."""
    if cycle.cron:
        missed = _missed_cron(cycle.cron, fired.due, now, place)
        return Firing(_next_cron(cycle.cron, max(fired.due, now), place), None, fired.anchor, 0, missed), missed
    anchor, number = fired.anchor, fired.number
    if cycle.length.working_days is not None:
        anchor, number = fired.due, 0  # the calendar does not drift, and far counts cost it much
    coming = _first(cycle, anchor, number, lambda due: due > now, place)
    missed = coming - number - 1
    if cycle.end and (end := parse_moment(cycle.end, place.timezone)) < now:
        missed = _first(cycle, anchor, number, lambda due: due > end, place) - number - 1
    left = None if fired.left is None else fired.left - 1
    if left is not None:
        missed, left = min(missed, left), left - missed
    due = _occurrence(cycle, anchor, coming, place)
    if (left is not None and left <= 0) or _is_over(cycle, due, place):
        return None, missed
    return Firing(due, left, anchor, coming, missed), missed


def _is_over(cycle: Cycle, due: datetime, place: Place) -> bool:
    return bool(cycle.end) and due > parse_moment(cycle.end, place.timezone)


def _occurrence(cycle: Cycle, anchor: datetime, number: int, place: Place) -> datetime:
    return add_length(anchor, cycle.length.times(number), place) if number else anchor


def _first(cycle: Cycle, anchor: datetime, number: int, wanted: Callable[[datetime], bool], place: Place) -> int:
    """The first number behind `number` whose occurrence is wanted: doubling, then halving (later ones are too)."""
    step = 1
    while not wanted(_occurrence(cycle, anchor, number + step, place)):
        step *= 2
    low, high = number + step // 2, number + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if wanted(_occurrence(cycle, anchor, middle, place)) else (middle, high)
    return high


def _next_cron(text: str, after: datetime, place: Place) -> datetime:
    try:
        moment = _crons(text, after, place).get_next(datetime)
    except CroniterError:
        raise Fault("bad_timer", f"{text[:80]!r} has no next time.") from None
    return cast(datetime, moment).astimezone(UTC)


def _missed_cron(text: str, last: datetime, now: datetime, place: Place) -> int:
    """How many firings lie between; of very many, the first ones."""
    moments, count = _crons(text, last, place), 0
    try:
        while count < MOST_COUNTED and moments.get_next(datetime) <= now:
            count += 1
    except CroniterError:
        pass  # there is no next time any more
    return count


def _crons(text: str, after: datetime, place: Place) -> croniter:
    return croniter(text, after.astimezone(place.timezone), second_at_beginning=True)
