"""The proleptic Gregorian calendar for years beyond Python's 1..9999, and offsets of time zones."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_YEAR = 999_999_999
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year: int) -> bool:
    """Whether February has 29 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    """Days of the month."""
    return 29 if month == 2 and is_leap(year) else _DAYS[month - 1]


def to_days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def from_days(days: int) -> tuple[int, int, int]:
    """Year, month and day of a number of days since 1970-01-01."""
    era, day_of_era = divmod(days + 719468, 146097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + year_of_era + (month <= 2), month, day


@lru_cache(maxsize=700)
def zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None. A name with a path trick in it is no zone."""
    if name in {"Z", "z"}:
        name = "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offset_of(name: str, days: int, seconds: int) -> int:
    """Seconds east of UTC in that zone at a local day and second; years beyond Python's repeat every 400."""
    year, month, day = from_days(days)
    if not 1 < year < 9999:
        year = 2000 + year % 400
    info = zone(name)
    minute, second = divmod(seconds, 60)
    moment = datetime(year, month, day, minute // 60, minute % 60, second, tzinfo=info)
    offset = moment.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def local_of(name: str, instant: int) -> int:
    """Local seconds since the epoch in that zone at an instant given in seconds since the epoch (UTC)."""
    days, seconds = divmod(instant, 86400)
    year, month, day = from_days(days)
    if not 1 < year < 9999:
        year = 2000 + year % 400
    minute, second = divmod(seconds, 60)
    moment = datetime(year, month, day, minute // 60, minute % 60, second, tzinfo=ZoneInfo("UTC"))
    offset = moment.astimezone(zone(name)).utcoffset()
    return instant + (int(offset.total_seconds()) if offset is not None else 0)
