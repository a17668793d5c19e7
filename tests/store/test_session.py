"""Connections keep what they prepared."""

from sqlalchemy import text

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
