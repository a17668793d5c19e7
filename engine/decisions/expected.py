"""Values of TCK test files, and whether a result is the expected one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.decisions.xml import Element, child, children
from engine.feel.numbers import number
from engine.feel.temporal import Value
from engine.feel.temporal_text import read_date, read_date_time, read_duration, read_time

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
TOLERANCE = Decimal("1e-8")
_NUMBERS = frozenset(("decimal", "double", "float", "integer", "int", "long"))
_READERS = {"date": read_date, "time": read_time, "dateTime": read_date_time, "duration": read_duration}


def read_value(element: Element | None) -> Any:
    """The value of an `inputNode`, `expected`, `component` or `item`."""
    if element is None or element.get(f"{_XSI}nil") == "true":
        return None
    components = list(children(element, "component"))
    if components:
        return {each.get("name", ""): read_value(each) for each in components}
    items = child(element, "list")
    if items is not None:
        return None if items.get(f"{_XSI}nil") == "true" else [read_value(each) for each in children(items, "item")]
    return _simple(child(element, "value"))


def _simple(value: Element | None) -> Any:
    if value is None or value.get(f"{_XSI}nil") == "true":
        return None
    text = value.text or ""
    kind = value.get(f"{_XSI}type", "string").rpartition(":")[2]
    if kind in _NUMBERS:
        return number(text.strip())
    if kind == "boolean":
        return text.strip() in {"true", "1"}
    return _READERS[kind](text.strip()) if kind in _READERS else text


def same(value: Any, wanted: Any) -> bool:
    """Equality as the kit means it: numbers within a hundred-millionth, moments and durations by their text's value."""
    if isinstance(value, Decimal) and isinstance(wanted, Decimal):
        return abs(value - wanted) <= TOLERANCE * max(Decimal(1), abs(wanted))
    if isinstance(value, list) and isinstance(wanted, list):
        return len(value) == len(wanted) and all(same(*pair) for pair in zip(value, wanted, strict=True))
    if isinstance(value, dict) and isinstance(wanted, dict):
        return set(value) == set(wanted) and all(same(value[key], wanted[key]) for key in value)
    if isinstance(value, Value) and isinstance(wanted, str):
        return str(value) == wanted
    return type(value) is type(wanted) and bool(value == wanted)
