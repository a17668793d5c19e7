"""FEEL's date, time, date and time, and the two durations: immutable, with years up to ±999,999,999."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel import calendar_math as cal

NANOS = 1_000_000_000


class Value:
    """Base of FEEL's own value classes: equal and hashed by their key."""

    __slots__ = ()

    def key(self) -> tuple[Any, ...]:
        """Everything that makes this value what it is."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Value) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.key()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class Date(Value):
    """A day of the proleptic Gregorian calendar."""

    __slots__ = ("day", "month", "year")

    def __init__(self, year: int, month: int, day: int) -> None:
        if not (abs(year) <= cal.MAX_YEAR and 1 <= month <= 12 and 1 <= day <= cal.month_length(year, month)):
            raise ValueError("no such date")
        self.year, self.month, self.day = year, month, day

    def key(self) -> tuple[Any, ...]:
        """Year, month, day."""
        return (self.year, self.month, self.day)

    @property
    def days(self) -> int:
        """Days since 1970-01-01."""
        return cal.to_days(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """Monday is 1, Sunday is 7."""
        return (self.days + 3) % 7 + 1

    @classmethod
    def of_days(cls, days: int) -> Date:
        """The date so many days after 1970-01-01."""
        return cls(*cal.from_days(days))

    def plus_months(self, months: int) -> Date:
        """Months later; a day that the month lacks becomes its last."""
        total = self.year * 12 + self.month - 1 + months
        year, month = divmod(total, 12)
        if abs(year) > cal.MAX_YEAR:
            raise ValueError("no such date")
        return Date(year, month + 1, min(self.day, cal.month_length(year, month + 1)))

    def to_python(self) -> date:
        """As `datetime.date`; ValueError beyond years 1..9999."""
        return date(self.year, self.month, self.day)

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


class Time(Value):
    """A time of day, local or with an offset (seconds east of UTC) or an IANA zone."""

    __slots__ = ("nanos", "offset", "seconds", "zone")

    def __init__(self, seconds: int, nanos: int = 0, offset: int | None = None, zone: str | None = None) -> None:
        if not (0 <= seconds < 86400 and 0 <= nanos < NANOS):
            raise ValueError("no such time")
        if offset is not None and abs(offset) > 18 * 3600:
            raise ValueError("no such offset")
        if zone is not None and cal.zone(zone) is None:
            raise ValueError("no such zone")
        self.seconds, self.nanos, self.offset, self.zone = seconds, nanos, offset, zone

    def key(self) -> tuple[Any, ...]:
        """Seconds, nanoseconds, offset, zone."""
        return (self.seconds, self.nanos, self.offset, self.zone)

    @property
    def hour(self) -> int:
        """0..23."""
        return self.seconds // 3600

    @property
    def minute(self) -> int:
        """0..59."""
        return self.seconds // 60 % 60

    @property
    def second(self) -> int:
        """0..59."""
        return self.seconds % 60

    @property
    def has_zone(self) -> bool:
        """Whether it says an offset or a zone."""
        return self.offset is not None or self.zone is not None

    def offset_on(self, days: int) -> int | None:
        """Seconds east of UTC on that day; None for a local time."""
        if self.zone is not None:
            return cal.offset_of(self.zone, days, self.seconds)
        return self.offset

    def plus_nanos(self, nanos: int) -> Time:
        """Later on the same round clock."""
        total = (self.seconds * NANOS + self.nanos + nanos) % (86400 * NANOS)
        return Time(total // NANOS, total % NANOS, self.offset, self.zone)

    def to_python(self) -> time:
        """As `datetime.time` (microseconds)."""
        info: ZoneInfo | timezone | None = None
        if self.zone is not None:
            info = cal.zone(self.zone)
        elif self.offset is not None:
            info = timezone(timedelta(seconds=self.offset))
        return time(self.hour, self.minute, self.second, self.nanos // 1000, tzinfo=info)

    def __str__(self) -> str:
        text = f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}"
        if self.nanos:
            text += "." + f"{self.nanos:09d}".rstrip("0")
        if self.zone is not None:
            return f"{text}@{self.zone}"
        return text if self.offset is None else text + offset_text(self.offset)


def offset_text(offset: int) -> str:
    """`Z`, `+07:00`, `-01:30` or with seconds."""
    if offset == 0:
        return "Z"
    size = abs(offset)
    text = f"{'-' if offset < 0 else '+'}{size // 3600:02d}:{size // 60 % 60:02d}"
    return text + (f":{size % 60:02d}" if size % 60 else "")


class DateTime(Value):
    """A date and a time."""

    __slots__ = ("date", "time")

    def __init__(self, day: Date, clock: Time) -> None:
        self.date, self.time = day, clock

    def key(self) -> tuple[Any, ...]:
        """Date and time."""
        return (self.date.key(), self.time.key())

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC, None when local."""
        return self.time.offset_on(self.date.days)

    @property
    def local(self) -> int:
        """Whole local seconds since 1970-01-01T00:00:00."""
        return self.date.days * 86400 + self.time.seconds

    def instant(self, local_zone: str | None = None) -> int:
        """Nanoseconds since the epoch in UTC; a local value is read in `local_zone` (UTC when None)."""
        offset = self.offset
        if offset is None and local_zone is not None:
            offset = cal.offset_of(local_zone, self.date.days, self.time.seconds)
        return (self.local - (offset or 0)) * NANOS + self.time.nanos

    @classmethod
    def of_local(cls, seconds: int, nanos: int, offset: int | None, zone: str | None) -> DateTime:
        """From local seconds since 1970-01-01T00:00:00."""
        days, rest = divmod(seconds, 86400)
        return cls(Date.of_days(days), Time(rest, nanos, offset, zone))

    def plus_nanos(self, nanos: int) -> DateTime:
        """The moment later by so much real time, told in the same zone."""
        clock = self.time
        seconds, rest = divmod(self.local * NANOS + clock.nanos + nanos, NANOS)
        if clock.zone is not None:
            seconds = cal.local_of(clock.zone, seconds - (self.offset or 0))
        return DateTime.of_local(seconds, rest, clock.offset, clock.zone)

    def plus_months(self, months: int) -> DateTime:
        """The same clock time months later."""
        return DateTime(self.date.plus_months(months), self.time)

    def to_python(self, local_zone: ZoneInfo | None = None) -> datetime:
        """As an aware `datetime` (a local value is read in `local_zone`, naive when that is None)."""
        moment = datetime.combine(self.date.to_python(), self.time.to_python())
        return moment.replace(tzinfo=local_zone) if moment.tzinfo is None else moment

    @classmethod
    def from_python(cls, moment: datetime) -> DateTime:
        """From a `datetime`: an IANA zone is kept, any other zone becomes its offset."""
        day, seconds = Date(moment.year, moment.month, moment.day), moment.hour * 3600 + moment.minute * 60
        info, offset = moment.tzinfo, moment.utcoffset()
        zone = info.key if isinstance(info, ZoneInfo) and info.key != "UTC" else None
        shift = int(offset.total_seconds()) if offset is not None and zone is None else None
        return cls(day, Time(seconds + moment.second, moment.microsecond * 1000, 0 if info is UTC else shift, zone))

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


class DaysTimeDuration(Value):
    """A span of real time, in nanoseconds."""

    __slots__ = ("nanos",)

    def __init__(self, nanos: int) -> None:
        if abs(nanos) > cal.MAX_YEAR * 2 * 366 * 86400 * NANOS:
            raise ValueError("no such duration")
        self.nanos = nanos

    def key(self) -> tuple[Any, ...]:
        """Nanoseconds."""
        return (self.nanos,)

    def parts(self) -> tuple[int, int, int, int, int]:
        """Days, hours, minutes, seconds, nanoseconds, each with the sign of the whole."""
        sign = -1 if self.nanos < 0 else 1
        seconds, nanos = divmod(abs(self.nanos), NANOS)
        days, rest = divmod(seconds, 86400)
        return sign * days, sign * (rest // 3600), sign * (rest // 60 % 60), sign * (rest % 60), sign * nanos

    def to_python(self) -> timedelta:
        """As `timedelta` (microseconds)."""
        return timedelta(microseconds=self.nanos // 1000)

    def __str__(self) -> str:
        days, hours, minutes, seconds, nanos = (abs(part) for part in self.parts())
        fraction = "." + f"{nanos:09d}".rstrip("0") if nanos else ""
        clock = f"{hours}H" if hours else ""
        clock += f"{minutes}M" if minutes else ""
        clock += f"{seconds}{fraction}S" if seconds or nanos else ""
        text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
        return ("-P" if self.nanos < 0 else "P") + (text or "T0S")


class YearsMonthsDuration(Value):
    """A span of calendar months."""

    __slots__ = ("months",)

    def __init__(self, months: int) -> None:
        if abs(months) > cal.MAX_YEAR * 24:
            raise ValueError("no such duration")
        self.months = months

    def key(self) -> tuple[Any, ...]:
        """Months."""
        return (self.months,)

    def parts(self) -> tuple[int, int]:
        """Years and months, each with the sign of the whole."""
        sign = -1 if self.months < 0 else 1
        return sign * (abs(self.months) // 12), sign * (abs(self.months) % 12)

    def __str__(self) -> str:
        years, months = (abs(part) for part in self.parts())
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-P" if self.months < 0 else "P") + (text or "0M")
