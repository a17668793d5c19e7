"""Reading dates, times and durations from their ISO 8601 / XML Schema text; anything else is None."""

import re

from engine.feel.temporal import NANOS, Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration

_DATE = re.compile(r"(-?)([1-9]\d{4,8}|\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(?:(Z|z)|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z][A-Za-z0-9_+\-/]{0,60}))?",
    re.ASCII,
)
_DAYS_TIME = re.compile(
    r"(-?)P(?:(\d{1,18})D)?(?:(T)(?:(\d{1,18})H)?(?:(\d{1,18})M)?(?:(\d{1,18})(?:\.(\d{0,18}))?S)?)?", re.ASCII
)
_YEARS_MONTHS = re.compile(r"(-?)P(?:(\d{1,18})Y)?(?:(\d{1,18})M)?", re.ASCII)


def read_date(text: str) -> Date | None:
    """`2026-01-31`, `-2017-01-31`, `12026-01-31`."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year = int(match[2]) * (-1 if match[1] else 1)
    try:
        return Date(year, int(match[3]), int(match[4]))
    except ValueError:
        return None


def _nanos(fraction: str | None) -> int:
    return int((fraction or "0")[:9].ljust(9, "0"))


def read_time(text: str) -> Time | None:
    """`10:30:00`, with a fraction, with `Z`, `+07:00` or `@Asia/Jakarta`. 24:00:00 is 00:00:00."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    nanos = _nanos(match[4])
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second or nanos)):
        return None
    try:
        return Time((hour % 24) * 3600 + minute * 60 + second, nanos, _offset(match), match[10])
    except ValueError:
        return None


def _offset(match: re.Match[str]) -> int | None:
    if match[5]:
        return 0
    if not match[6]:
        return None
    if int(match[8]) > 59 or int(match[9] or 0) > 59:
        raise ValueError("no such offset")
    size = int(match[7]) * 3600 + int(match[8]) * 60 + int(match[9] or 0)
    return -size if match[6] == "-" else size


def read_date_time(text: str) -> DateTime | None:
    """A date, `T` and a time; a date alone is its midnight."""
    day_text, separator, time_text = text.partition("T")
    day = read_date(day_text)
    if day is None:
        return None
    if not separator:
        return DateTime(day, Time(0))
    clock = read_time(time_text)
    if clock is None:
        return None
    try:
        return DateTime(Date.of_days(day.days + 1) if time_text.startswith("24") else day, clock)
    except ValueError:
        return None


def read_duration(text: str) -> DaysTimeDuration | YearsMonthsDuration | None:
    """`P1DT2H`, `-PT5M`, `P1Y2M`; never both kinds at once."""
    try:
        match = _DAYS_TIME.fullmatch(text)
        if match is not None and _complete(match):
            seconds = int(match[2] or 0) * 86400 + int(match[4] or 0) * 3600
            seconds += int(match[5] or 0) * 60 + int(match[6] or 0)
            nanos = seconds * NANOS + _nanos(match[7])
            return DaysTimeDuration(-nanos if match[1] else nanos)
        match = _YEARS_MONTHS.fullmatch(text)
        if match is not None and (match[2] or match[3]):
            months = int(match[2] or 0) * 12 + int(match[3] or 0)
            return YearsMonthsDuration(-months if match[1] else months)
    except ValueError:
        return None
    return None


def _complete(match: re.Match[str]) -> bool:
    """A duration needs a part, and `T` needs one after it."""
    clock = match[4] or match[5] or match[6]
    return bool(clock) if match[3] else bool(match[2])


def read_temporal(text: str) -> Date | Time | DateTime | DaysTimeDuration | YearsMonthsDuration | None:
    """What an `@"..."` literal means."""
    if "P" in text[:2]:
        return read_duration(text)
    if "T" in text and (found := read_date_time(text)) is not None:
        return found
    return read_date(text) or read_time(text)
