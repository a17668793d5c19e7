"""Unary tests: what a decision table's cell says of its input."""

from datetime import date
from typing import Any

import pytest

from tests.feel.evaluating import test_cell as cell_says

CELLS: list[tuple[str, Any, bool | None]] = [
    ("-", 5, True),
    ("-", None, True),
    ("5", 5, True),
    ("5", 6, False),
    ("5", None, False),
    ("null", None, True),
    ("null", 1, False),
    ("< 5", 4, True),
    ("<5", 5, False),
    (">= 5", 5, True),
    ("!= 5", 6, True),
    ("= 5", 5, True),
    ("< 5", None, None),
    ("[1..5]", 5, True),
    ("(1..5)", 5, False),
    ("]1..5]", 5, True),
    ("1, 2, 3", 2, True),
    ("1, > 10", 11, True),
    ("1, > 10", 5, False),
    ("not(1, 2)", 3, True),
    ("not(1, 2)", 1, False),
    ("not(> 5)", 3, True),
    ("not(null)", 1, True),
    ('"a"', "a", True),
    ('"a", "b"', "b", True),
    ('not("a", "b")', "c", True),
    ("true", True, True),
    ("false", False, True),
    ("true", False, False),
    ("true", None, False),
    ("? > 3 and ? < 6", 5, True),
    ("even(?)", 4, True),
    ("even(?)", 3, False),
    ('starts with(?, "a")', "abc", True),
    ("[1, 2, 3]", 2, True),
    ("count(?) > 1", [1, 2], True),
    ("[1, 2]", [1, 2], True),
    ("list contains(?, 2)", [1, 2], True),
    ('date("2026-01-01")', date(2026, 1, 1), True),
    ('> date("2026-01-01")', date(2026, 1, 2), True),
    ('[date("2026-01-01")..date("2026-12-31")]', date(2026, 5, 5), True),
    ("-5", -5, True),
    ("> -5", -4, True),
    ("1 + 1", 2, True),
    ("> 1 + 1", 3, True),
    ('"x"', 5, None),
    ("not(5) or true", 5, True),
]


@pytest.mark.parametrize(("text", "value", "expected"), CELLS)
def test_cell(text: str, value: Any, expected: bool | None) -> None:
    assert cell_says(text, value) is expected
