"""Statements past SQLAlchemy behave like those that go through it: transaction, counts, errors, lost connections."""

from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event, select, text
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session

from engine.store.regions import Region
from engine.store.session import make_engine, make_sessions
from engine.store.straight import Straight, outdate
from tests import factories

NAME = Straight(select(Region.name).where(Region.code == text(":code")), reads=True)
RENAME = Straight(text("UPDATE region SET name = (:name)::text WHERE code = (:code)::text RETURNING name"))
VILLAGE = {"code": factories.VILLAGE}


def test_a_statement_sees_what_the_session_is_about_to_write_and_is_taken_back_with_it(session: Session) -> None:
    factories.places(session)
    before = session.get_one(Region, factories.VILLAGE).name
    with session.begin_nested() as inner:
        session.get_one(Region, factories.VILLAGE).name = "Desa Lain"
        assert NAME.first(session, VILLAGE) == ("Desa Lain",)
        inner.rollback()
    assert NAME.first(session, VILLAGE) == (before,)
    assert NAME.first(session, {"code": "none"}) is None


def test_what_was_changed_straight_is_read_anew_once_it_is_outdated(session: Session) -> None:
    factories.places(session)
    held = session.get_one(Region, factories.VILLAGE)
    RENAME.first(session, VILLAGE | {"name": "Desa Baru"})
    assert held.name != "Desa Baru"
    outdate(session, Region, factories.VILLAGE)
    assert held.name == "Desa Baru"


def test_a_statement_is_counted_like_all_others(session: Session, database: Engine) -> None:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(database, "before_cursor_execute", note)
    try:
        NAME.first(session, VILLAGE)
    finally:
        event.remove(database, "before_cursor_execute", note)
    assert seen[-1] == NAME.sql


def test_an_error_is_the_one_that_pages_and_jobs_know_and_tells_no_parameters(session: Session) -> None:
    factories.places(session)
    with session.begin_nested() as inner:
        with pytest.raises(DataError) as caught:
            Straight(text("SELECT (:number)::bigint")).first(session, {"number": "secret"})
        inner.rollback()
    assert "[parameters" not in str(caught.value)
    assert NAME.first(session, VILLAGE) is not None


def test_only_what_writes_begins_a_transaction(committed_db: str) -> None:
    engine = make_engine(committed_db)
    with make_sessions(engine)() as session:
        factories.places(session)
        session.commit()
        assert NAME.first(session, VILLAGE) is not None
        assert _status(session) is TransactionStatus.IDLE, "a read would hold a transaction open while Python works"
        assert RENAME.first(session, VILLAGE | {"name": "Desa Baru"}) == ("Desa Baru",)
        assert _status(session) is TransactionStatus.INTRANS
        assert NAME.first(session, VILLAGE) == ("Desa Baru",)
        session.rollback()
        assert NAME.first(session, VILLAGE) != ("Desa Baru",)
    engine.dispose()


def test_a_statement_that_is_alone_commits_itself_but_never_what_was_begun_before(committed_db: str) -> None:
    engine = make_engine(committed_db)
    with make_sessions(engine)() as session:
        factories.places(session)
        session.commit()
        RENAME.first(session, VILLAGE | {"name": "Desa Baru"}, alone=True)
        session.rollback()
        assert NAME.first(session, VILLAGE) == ("Desa Baru",)
        session.execute(text("SELECT 1"))
        RENAME.first(session, VILLAGE | {"name": "Desa Lain"}, alone=True)
        session.rollback()
        assert NAME.first(session, VILLAGE) == ("Desa Baru",)
    engine.dispose()


def test_values_of_every_size_and_none_go_through_one_prepared_statement(session: Session) -> None:
    echo = Straight(text("SELECT (:number)::bigint, (:data)::bytea, (:words)::text[], (:at)::timestamptz"))
    at = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    for number, data, words in ((1, b"\x00\xff", []), (2**40, b"", ["a,b", '"', "NULL"]), (None, None, None)):
        values = {"number": number, "data": data, "words": words, "at": at}
        assert echo.first(session, values) == (number, data, words, at)
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%::bytea,%::timestamptz'")
    assert session.execute(prepared).scalar_one() == 1


def _status(session: Session) -> TransactionStatus:
    driver: Any = session.connection().connection.driver_connection
    return TransactionStatus(driver.info.transaction_status)


def test_a_connection_that_was_cut_is_given_up(committed_db: str) -> None:
    engine, other = make_engine(committed_db), make_engine(committed_db)
    with make_sessions(engine)() as session:
        own = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with other.begin() as outside:
            outside.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        with pytest.raises(OperationalError) as caught:
            NAME.first(session, VILLAGE)
        assert caught.value.connection_invalidated
        session.rollback()
        assert NAME.first(session, VILLAGE) is None
    engine.dispose()
    other.dispose()
