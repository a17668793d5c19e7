"""Numbers, dates and contacts as people type them."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from forms import parsing

NUMBERS = [
    ("350.000", None, "350000"),
    ("1.234,5", None, "1234.5"),
    ("Rp 350.000", None, "350000"),
    ("Rp350.000,-", None, "350000"),
    ("Rp. 1.250.000,00", None, "1250000.00"),
    ("rp 2,5 juta", None, "2500000"),
    ("750rb", None, "750000"),
    ("1,5", None, "1.5"),
    ("1.5", None, "1.5"),
    ("1,234,567", None, "1234567"),
    ("1,234.56", None, "1234.56"),
    ("0,125", 3, "0.125"),
    ("-12", None, "-12"),
    ("350 000", None, "350000"),
    ("007", None, "7"),
]


@pytest.mark.parametrize(("text", "digits", "expected"), NUMBERS)
def test_numbers_are_read_the_indonesian_way(text: str, digits: int | None, expected: str) -> None:
    assert parsing.number(text, digits) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("350,000", "ambiguous_number"),
        ("banyak", "not_a_number"),
        ("", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("12,34,5", "not_a_number"),
        ("1e9", "not_a_number"),
        ("NaN", "not_a_number"),
        ("--5", "not_a_number"),
    ],
)
def test_unreadable_numbers_say_why(text: str, code: str) -> None:
    with pytest.raises(parsing.Unreadable, match=code):
        parsing.number(text)


@pytest.mark.parametrize("text", ["2026-03-12", "12-03-2026", "12/3/2026", "12.03.2026", "12 03 2026"])
def test_dates_put_the_day_first_or_are_iso(text: str) -> None:
    assert parsing.day(text) == date(2026, 3, 12)


@pytest.mark.parametrize(
    ("text", "code"), [("31-02-2026", "no_such_date"), ("12-03-26", "not_a_date"), ("besok", "not_a_date")]
)
def test_impossible_dates_are_refused(text: str, code: str) -> None:
    with pytest.raises(parsing.Unreadable, match=code):
        parsing.day(text)


def test_times_take_dot_or_colon() -> None:
    assert parsing.clock_time("14.30") == parsing.clock_time("14:30") == time(14, 30)
    assert parsing.moment("12-03-2026 08.15") == datetime(2026, 3, 12, 8, 15)  # noqa: DTZ001
    with pytest.raises(parsing.Unreadable):
        parsing.clock_time("25:00")


@pytest.mark.parametrize("text", ["0812-3456-7890", "+62 812 3456 7890", "6281234567890", "(0812) 34567890"])
def test_phone_numbers_become_one_shape(text: str) -> None:
    assert parsing.phone(text) == "+6281234567890"


def test_village_codes_and_places() -> None:
    assert parsing.village("9901012001") == "99.01.01.2001"
    assert parsing.place("-7.5458; 112.2331") == "-7.5458, 112.2331"
    for reader, text in ((parsing.village, "99.01"), (parsing.place, "99, 200"), (parsing.code, "Siti Contoh")):
        with pytest.raises(parsing.Unreadable):
            reader(text)


def test_cleaning_keeps_lines_only_where_wanted() -> None:
    assert parsing.clean("  a \u0000 b\r\nc ") == "a b c"
    assert parsing.clean(" a\r\n b\u0007 ", multiline=True) == "a\n b"
