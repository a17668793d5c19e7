"""Dates, times, numbers and money in both languages and all three zones."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale

from engine import clock
from web import client_words, formats

# A Saturday, 16.00 in Jakarta.
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_a_request(app: Flask) -> Iterator[None]:
    with clock.travel(NOW), app.test_request_context("/", headers={"Accept-Language": "id"}):
        yield


def after(**length: float) -> datetime:
    return NOW + timedelta(**length)


def test_days_and_times_in_indonesian() -> None:
    assert formats.datetime_text(NOW) == "Sab 21 Nov 2026 16.00\u00a0WIB"
    assert formats.date_text(NOW) == "21 November 2026"
    assert formats.date_text(date(2026, 8, 17)) == "17 Agustus 2026"
    assert formats.day(NOW) == "Sab 21 Nov"
    assert formats.day(date(2025, 3, 1)) == "Sab 1 Mar 2025"
    assert formats.clock_text(NOW) == "16.00"


def test_days_and_times_in_english() -> None:
    with force_locale("en"):
        assert formats.datetime_text(NOW) == "Sat 21 Nov 2026 16:00\u00a0WIB"
        assert formats.date_text(NOW) == "21 November 2026"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (after(seconds=-20), "baru saja"),
        (after(minutes=-5), "5 menit lalu"),
        (after(hours=-3), "hari ini 13.00"),
        (after(hours=-20), "kemarin 20.00"),
        (after(days=-3), "Rab 18 Nov 16.00"),
        (after(hours=20), "besok 12.00"),
        (None, "–"),
    ],
)
def test_when_something_happened(at: datetime | None, text: str) -> None:
    assert formats.relative(at) == text


@pytest.mark.parametrize(
    ("at", "text", "tone"),
    [
        (after(minutes=-12), "lewat 12 menit", "red"),
        (after(days=-2, hours=-3), "lewat 2 hari 3 jam", "red"),
        (after(minutes=45), "45 menit lagi", "amber"),
        (after(hours=3), "hari ini 19.00", "amber"),
        (after(days=1), "besok 16.00", "amber"),
        (after(days=4), "Rab 25 Nov", ""),
        (None, "tanpa tenggat", ""),
    ],
)
def test_deadlines(at: datetime | None, text: str, tone: str) -> None:
    assert formats.due(at) == text
    assert formats.due_tone(at) == tone


def test_numbers_and_money() -> None:
    assert formats.number(9_300_000) == "9.300.000"
    assert formats.number(Decimal("172.5")) == "172,5"
    assert formats.rupiah(9_300_000) == "Rp\u00a09.300.000"
    assert formats.percent(0.125) == "12,5%"
    with force_locale("en"):
        assert formats.rupiah(9_300_000) == "Rp\u00a09,300,000"
        assert formats.number(Decimal("172.5")) == "172.5"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(20, "1 menit"), (3600, "1 jam"), (5400, "1 jam 30 menit"), (90_000, "1 hari 1 jam"), (900_000, "10 hari")],
)
def test_lengths(seconds: int, text: str) -> None:
    assert formats.duration(seconds) == text


def test_numbers_of_people_are_masked() -> None:
    assert formats.masked("9901018001400001") == "9901••••••••0001"
    assert formats.masked("12345678") == "••••••••"
    assert formats.masked(None) == "–"


@pytest.mark.parametrize(("zone", "text"), [("Asia/Makassar", "17.00\u00a0WITA"), ("Asia/Jayapura", "18.00\u00a0WIT")])
def test_the_workers_zone(app: Flask, zone: str, text: str) -> None:
    from flask import g

    with app.test_request_context("/", headers={"Accept-Language": "id"}):
        g.signed_in = type("Session", (), {"time_zone": zone})()
        assert formats.datetime_text(NOW).endswith(text)


def test_case_numbers_stay_whole() -> None:
    text = formats.unbroken("<i> · 99.01.01-2026-000001 · x")
    assert text == '&lt;i&gt; · <span class="app-unbroken">99.01.01-2026-000001</span> · x'


def test_a_time_tag_escapes_and_carries_the_exact_moment() -> None:
    tag = formats.time_tag(NOW, "<b>")
    assert 'datetime="2026-11-21T16:00+07:00"' in tag
    assert "&lt;b&gt;" in tag


@pytest.mark.parametrize(
    ("name", "sex", "shown"),
    [("Rumini Contoh", "P", "Ny. R."), ("Slamet", None, "S."), ("—", None, "Nama belum dicatat"), ("", None, "")],
)
def test_a_name_shortened_for_a_row(name: str, sex: str | None, shown: str) -> None:
    assert client_words.short_name(name, sex, None) == shown
