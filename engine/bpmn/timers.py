"""When a timer is due: ISO 8601 dates, durations and cycles, cron, and working days through the caller's `deadline`."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from croniter import croniter
from croniter.croniter import CroniterError

from engine import feel
from engine.bpmn.errors import Fault

Deadline = Callable[..., Any]

_DURATION = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_WORKING_DAYS = re.compile(r"WD(\d{1,4})")
_CYCLE = re.compile(r"R(\d*)/(.+)")
_ZONE = re.compile(r"(.+?)(?:@|\[)([A-Za-z_/+\-0-9]+)\]?")
_MAX_SKIPPED = 100_000


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating timer: `repeats` firings (None: endless) each `interval` apart or at the times of `cron`."""

    repeats: int | None
    interval: str = ""
    cron: str = ""
    start: str = ""
    end: str = ""


def check_text(kind: str, text: str) -> str | None:
    """Why the literal `text` is no timer of this kind, or None."""
    try:
        if kind == "timeCycle":
            parse_cycle(text)
        elif kind == "timeDate":
            parse_moment(text, ZoneInfo("UTC"))
        elif not is_duration(text):
            return f"{text!r} is no duration"
    except Fault as fault:
        return str(fault)
    return None


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
    except (ValueError, OSError):
        raise Fault("bad_timer", f"{text[:80]!r} is no date and time.") from None
    if end_of_day and "T" not in text:
        moment = datetime.combine(moment.date(), time(23, 59, 59))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone)
    return moment.astimezone(UTC)


def add_duration(start: datetime, text: str, timezone: ZoneInfo, deadline: Deadline | None) -> datetime:
    """`start` plus an ISO 8601 duration (months and days by the local calendar) or working days."""
    if _WORKING_DAYS.fullmatch(text):
        if deadline is None:
            raise Fault("bad_timer", f"{text}: working days need the office calendar.")
        try:
            return _moment(deadline(feel.from_python(start.astimezone(timezone)), text), text)
        except feel.NullResult as reason:
            raise Fault("bad_timer", f"{text}: {reason}") from None
    match = _DURATION.fullmatch(text)
    if not match:
        raise Fault("bad_timer", f"{text[:80]!r} is no duration.")
    parts = {name: Decimal(value) for name, value in match.groupdict().items() if value and name != "sign"}
    sign = -1 if match["sign"] else 1
    months = int(parts.get("years", 0)) * 12 + int(parts.get("months", 0))
    days = int(parts.get("weeks", 0)) * 7 + int(parts.get("days", 0))
    seconds = parts.get("hours", 0) * 3600 + parts.get("minutes", 0) * 60 + parts.get("seconds", 0)
    try:
        local = _plus_months(start.astimezone(timezone), sign * months) + timedelta(days=sign * days)
        return local.astimezone(UTC) + sign * timedelta(microseconds=int(seconds * 1_000_000))
    except (OverflowError, ValueError):
        raise Fault("bad_timer", f"{text[:80]!r} leads out of the calendar.") from None


def _plus_months(moment: datetime, months: int) -> datetime:
    """The same day of another month, or its last one."""
    if not months:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _moment(value: Any, text: str) -> datetime:
    if isinstance(value, feel.DateTime):
        value = value.to_python()
    if not isinstance(value, datetime):
        raise Fault("bad_timer", f"{text}: the office calendar gave no date and time.")
    return value.astimezone(UTC)


def parse_cycle(text: str) -> Cycle:
    """`R3/PT1H`, `R/2026-01-01T08:00:00/P1M`, `R/P1D/2026-12-31T00:00:00`, `R/WD1` or a cron expression."""
    match = _CYCLE.fullmatch(text)
    if not match:
        return Cycle(None, cron=_cron(text))
    repeats = int(match[1]) if match[1] else None
    if repeats == 0:
        raise Fault("bad_timer", f"{text[:80]!r} never fires.")
    parts = match[2].split("/")
    where = [index for index, part in enumerate(parts) if is_duration(part)]
    if len(where) != 1 or len(parts) > 3:
        raise Fault("bad_timer", f"{text[:80]!r} is no cycle.")
    start, end = "/".join(parts[: where[0]]), "/".join(parts[where[0] + 1 :])
    for moment in filter(None, (start, end)):
        parse_moment(moment, ZoneInfo("UTC"))
    if not re.search(r"[1-9]", parts[where[0]]) or parts[where[0]].startswith("-"):
        raise Fault("bad_timer", f"{text[:80]!r} has no length.")
    return Cycle(repeats, parts[where[0]], "", start, end)


def _cron(text: str) -> str:
    if not croniter.is_valid(text, second_at_beginning=True):
        raise Fault("bad_timer", f"{text[:80]!r} is neither a cycle nor a cron expression.")
    return text


def first_due(cycle: Cycle, now: datetime, timezone: ZoneInfo, deadline: Deadline | None) -> datetime:
    """The first time a cycle that begins now fires."""
    if cycle.cron:
        return _next_cron(cycle.cron, now, timezone)
    if cycle.start:
        return parse_moment(cycle.start, timezone)
    return add_duration(now, cycle.interval, timezone, deadline)


def next_due(
    cycle: Cycle, last: datetime, now: datetime, timezone: ZoneInfo, deadline: Deadline | None
) -> tuple[datetime | None, int]:
    """The next time after `last` that is still ahead of `now` (None: the cycle is over), and how many were missed."""
    if cycle.cron:
        return _next_cron(cycle.cron, max(last, now), timezone), 0
    end = parse_moment(cycle.end, timezone) if cycle.end else None
    due = last
    for missed in range(_MAX_SKIPPED):
        due = add_duration(due, cycle.interval, timezone, deadline)
        if end is not None and due > end:
            return None, missed
        if due > now:
            return due, missed
    raise Fault("bad_timer", f"More than {_MAX_SKIPPED} firings were missed.")


def _next_cron(text: str, after: datetime, timezone: ZoneInfo) -> datetime:
    try:
        moment = croniter(text, after.astimezone(timezone), second_at_beginning=True).get_next(datetime)
    except CroniterError:
        raise Fault("bad_timer", f"{text[:80]!r} has no next time.") from None
    return cast(datetime, moment).astimezone(UTC)
