"""FEEL values to and from JSON (lossless), Python and plain display data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel import numbers
from engine.feel.show import plain
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, Value, YearsMonthsDuration
from engine.feel.temporal_text import read_date, read_date_time, read_duration, read_time
from engine.feel.values import Function, Range, type_name

TAG = "@"
SAFE_INTEGER = 2**53
FOREIGN = frozenset((int, float, date, datetime, time, timedelta, tuple))
_NATIVE = (str, bool, Value, Function)


def from_python(value: Any) -> Any:
    """A FEEL value for a Python one: int, float, datetime, date, time, timedelta, tuple, list, mapping.

    FEEL values pass unchanged. Raises TypeError for anything else: objects never enter an expression.
    """
    if value is None or isinstance(value, _NATIVE):
        return value
    if isinstance(value, Decimal):
        return numbers.rounded(value)
    if isinstance(value, int | float):
        return numbers.number(str(value))
    if isinstance(value, list | tuple):
        return [from_python(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): from_python(item) for key, item in value.items()}
    return _moment(value)


def _moment(value: Any) -> Value:
    if isinstance(value, datetime):
        return DateTime.from_python(value)
    if isinstance(value, date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, time):
        return DateTime.from_python(datetime.combine(date(2000, 1, 1), value)).time
    if isinstance(value, timedelta):
        return DaysTimeDuration((value.days * 86400 + value.seconds) * 1_000_000_000 + value.microseconds * 1000)
    raise TypeError(f"{type(value).__name__} is no FEEL value")


def to_python(value: Any) -> Any:
    """Python's own class where it has one: int or float, date, datetime, time, timedelta; else as `to_plain`.

    Moments without a zone stay naive. Raises ValueError for years beyond Python's.
    """
    if isinstance(value, Date | Time | DateTime | DaysTimeDuration):
        return value.to_python()
    if isinstance(value, list):
        return [to_python(item) for item in value]
    if isinstance(value, dict):
        return {key: to_python(item) for key, item in value.items()}
    return to_plain(value)


def to_plain(value: Any) -> Any:
    """JSON-able data for display: numbers as int or float, moments and durations as ISO text."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    return plain(from_python(value))


def _tagged(kind: str, value: Any) -> dict[str, Any]:
    return {TAG: kind, "v": value}


def to_json(value: Any) -> Any:
    """JSON-able data from which `from_json` makes the same value again. Raises TypeError for a function."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value() and abs(value) < SAFE_INTEGER
        return int(value) if whole else _tagged("number", str(value))
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        members = {key: to_json(item) for key, item in value.items()}
        return _tagged("context", members) if TAG in members else members
    if isinstance(value, Range):
        ends = [to_json(value.start), to_json(value.end), value.start_included, value.end_included, value.op]
        return _tagged("range", ends)
    if isinstance(value, Value):
        return _tagged(type_name(value), str(value))
    if isinstance(value, Function):
        raise TypeError("A function cannot be stored")
    return to_json(from_python(value))


_READERS: dict[str, Callable[[str], Any]] = {
    "number": numbers.number,
    "date": read_date,
    "time": read_time,
    "date and time": read_date_time,
    "days and time duration": read_duration,
    "years and months duration": read_duration,
}


def from_json(value: Any) -> Any:
    """The FEEL value of what `to_json` made; also of ordinary JSON (floats become decimals)."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return numbers.number(str(value))
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if TAG in value and set(value) == {TAG, "v"}:
        return _untagged(value[TAG], value["v"])
    return {key: from_json(item) for key, item in value.items()}


def _untagged(kind: str, value: Any) -> Any:
    if kind == "context":
        return {key: from_json(item) for key, item in value.items()}
    if kind == "range":
        start, end, start_included, end_included, op = value
        return Range(from_json(start), from_json(end), start_included, end_included, op)
    found = _READERS[kind](value) if kind in _READERS else None
    if found is None:
        raise ValueError(f"Not a stored FEEL value: {kind}")
    return found


__all__ = ["FOREIGN", "YearsMonthsDuration", "from_json", "from_python", "to_json", "to_plain", "to_python"]
