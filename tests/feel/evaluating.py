"""Evaluating an expression in tests: a fixed moment, Jakarta's zone, the result as FEEL text."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine import feel

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def environment(**more: Any) -> feel.Environment:
    """2 March 2026, 08.30 in Jakarta."""
    return feel.Environment(NOW, ZoneInfo("Asia/Jakarta"), **more)


def value_of(text: str, variables: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """The value of an expression."""
    known = feel.from_python(dict(variables or {}))
    return feel.compile(text, known).evaluate(known, environment(**more))


def text_of(text: str, variables: Mapping[str, Any] | None = None) -> str:
    """The value of an expression as FEEL writes it; strings unquoted."""
    return feel.to_text(value_of(text, variables))


def test_cell(text: str, value: Any) -> bool | None:
    """What a table cell says of an input."""
    result: bool | None = feel.compile_unary(text).evaluate({}, environment(), input=feel.from_python(value))
    return result


test_cell.__test__ = False  # type: ignore[attr-defined]
