"""Connections keep what they prepared, and bring the database's time along."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from engine import clock
from engine.store.session import make_engine


def test_a_statement_stays_prepared_when_reads_end_with_a_rollback(database_url: str) -> None:
    engine = make_engine(database_url)
    try:
        for _ in range(12):
            with engine.connect() as connection:  # ends with ROLLBACK, as every page that only reads
                connection.execute(text("SELECT name FROM region WHERE code = :code"), {"code": "99"})
        with engine.connect() as connection:
            prepared = connection.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    finally:
        engine.dispose()
    assert any("FROM region" in statement for statement in prepared)


def test_a_process_goes_by_the_clock_of_the_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the host's clock says, and also when it is set back or forth meanwhile."""
    monkeypatch.setattr(clock, "_told", (datetime.now(UTC) + timedelta(days=1), time.monotonic()))
    engine = make_engine(database_url)
    try:
        with engine.connect() as connection:
            there = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            assert abs((clock.now() - there).total_seconds()) < 1
        monkeypatch.setattr(clock, "_told", (there - timedelta(days=1), time.monotonic() - clock.ASK_AGAIN_S - 1))
        with engine.connect():
            assert abs((clock.now() - there).total_seconds()) < 10, "a connection in constant use asks now and then"
    finally:
        engine.dispose()
