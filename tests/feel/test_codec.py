"""Values to JSON and back, to Python and to display data, without loss."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import feel
from tests.feel.evaluating import environment, value_of

TEXTS = [
    "1", "1.5", "-0.1", "12345678901234567890", "1e30", "true", "null", '"a"', "[1, [2, null]]", '{a: {b: "x"}}',
    '{"@": "date", v: "2026-01-01"}', '{"@": 1}', '@"2026-01-31"', '@"-2017-12-31"', '@"10:30:00"', '@"10:30:00.25Z"',
    '@"10:30:00@Asia/Jakarta"', '@"2026-01-31T10:30:00"', '@"2026-01-31T10:30:00+07:00"',
    '@"2026-01-31T10:30:00.123456789@Asia/Jakarta"', '@"P1DT2H3.5S"', '@"-P1Y2M"', "[1..5)", "(> 5)", "(!= 5)",
    '[@"2026-01-01"..@"2026-02-01"]', '[{a: @"P1D"}]',
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_json_round_trip(text: str) -> None:
    value = value_of(text)
    stored = json.loads(json.dumps(feel.to_json(value)))
    again = feel.from_json(stored)
    assert type(again) is type(value)
    assert again == value
    assert feel.to_text(again) == feel.to_text(value)


values = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers() | st.dates() | st.datetimes(timezones=st.just(UTC))
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(values)
def test_any_python_value_survives_json(value: Any) -> None:
    known = feel.from_python(value)
    again = feel.from_json(json.loads(json.dumps(feel.to_json(known))))
    assert feel.to_json(again) == feel.to_json(known)
    assert feel.to_text(again) == feel.to_text(known)


def test_exact_integers_stay_json_numbers() -> None:
    assert feel.to_json(Decimal(5)) == 5
    assert feel.to_json(Decimal("5.00")) == 5
    assert feel.to_json(Decimal("5.25")) == {"@": "number", "v": "5.25"}
    assert feel.to_json(Decimal(2**60)) == {"@": "number", "v": str(2**60)}


def test_from_python() -> None:
    assert feel.from_python(1.1) == Decimal("1.1")
    assert feel.from_python((1, 2)) == [Decimal(1), Decimal(2)]
    assert str(feel.from_python(date(2026, 1, 1))) == "2026-01-01"
    assert str(feel.from_python(datetime(2026, 1, 1, 10, tzinfo=UTC))) == "2026-01-01T10:00:00Z"
    jakarta = datetime(2026, 1, 1, 10, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert str(feel.from_python(jakarta)) == "2026-01-01T10:00:00@Asia/Jakarta"
    offset = datetime(2026, 1, 1, 10, tzinfo=timezone(timedelta(hours=7)))
    assert str(feel.from_python(offset)) == "2026-01-01T10:00:00+07:00"
    assert str(feel.from_python(time(10, 30))) == "10:30:00"
    assert str(feel.from_python(timedelta(days=1, minutes=5))) == "P1DT5M"
    with pytest.raises(TypeError):
        feel.from_python(object())


def test_to_python_and_plain() -> None:
    value = value_of('{a: 1, b: 1.5, c: @"2026-01-01", d: @"2026-01-01T10:00:00+07:00", e: @"P1D", f: [1..2]}')
    python = feel.to_python(value)
    assert python["a"] == 1
    assert python["c"] == date(2026, 1, 1)
    assert python["d"].utcoffset() == timedelta(hours=7)
    assert python["e"] == timedelta(days=1)
    assert feel.to_plain(value) == {
        "a": 1,
        "b": 1.5,
        "c": "2026-01-01",
        "d": "2026-01-01T10:00:00+07:00",
        "e": "P1D",
        "f": "[1..2]",
    }


def test_python_values_among_the_variables_are_taken_in() -> None:
    variables = {"a": 5, "b": {"c": 1.5}, "d": date(2026, 1, 1)}
    assert feel.compile("a + b.c").evaluate(variables, environment()) == Decimal("6.5")
    assert feel.compile('d = @"2026-01-01"').evaluate(variables, environment()) is True


def test_a_function_cannot_be_stored() -> None:
    with pytest.raises(TypeError):
        feel.to_json(value_of("abs"))
