"""The properties of FEEL values that are no contexts: `date.year`, `duration.hours`, `range.start` (Table 65)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.environment import Environment
from engine.feel.temporal import NANOS, Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.values import Range, type_name

Getter = Callable[[Any], Any]


def _offset(value: Time | DateTime) -> DaysTimeDuration | None:
    offset = value.offset if isinstance(value, DateTime) else value.offset_on(0)
    return None if offset is None else DaysTimeDuration(offset * NANOS)


def _zone(value: Time | DateTime) -> str | None:
    return value.time.zone if isinstance(value, DateTime) else value.zone


_DATE: dict[str, Getter] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(value.weekday),
}
_TIME: dict[str, Getter] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: Decimal(value.second),
    "time offset": _offset,
    "timezone": _zone,
}


def _of_date(getter: Getter) -> Getter:
    return lambda value: getter(value.date)


def _of_time(getter: Getter) -> Getter:
    return lambda value: getter(value.time)


_PROPERTIES: dict[type, dict[str, Getter]] = {
    Date: _DATE,
    Time: _TIME,
    DateTime: {name: _of_date(getter) for name, getter in _DATE.items()}
    | {name: _of_time(getter) for name, getter in _TIME.items()}
    | {"time offset": _offset, "timezone": _zone},
    DaysTimeDuration: {
        "days": lambda value: Decimal(value.parts()[0]),
        "hours": lambda value: Decimal(value.parts()[1]),
        "minutes": lambda value: Decimal(value.parts()[2]),
        "seconds": lambda value: Decimal(value.parts()[3]),
    },
    YearsMonthsDuration: {
        "years": lambda value: Decimal(value.parts()[0]),
        "months": lambda value: Decimal(value.parts()[1]),
    },
    Range: {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}


def property_of(value: Any, name: str, env: Environment) -> Any:
    """The property, or null with a reason."""
    getter = _PROPERTIES.get(value.__class__, {}).get(name)
    if getter is None:
        env.warn(f"{type_name(value)} has no property “{name}”")
        return None
    return getter(value)


def has_property(value: Any, name: str) -> bool:
    """Whether such a property exists."""
    return name in _PROPERTIES.get(value.__class__, {})
