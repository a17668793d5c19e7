"""History and access log by years: rows find theirs, years stand ready, none of it gets in anybody's way."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import clock
from engine.casework import years
from engine.serve import migrations
from engine.store import audit, partitions
from engine.store.audit import AccessLog
from engine.store.history import History
from engine.store.session import Sessions, make_engine, make_sessions, unit_of_work
from tests import factories

THIS_YEAR = clock.now().astimezone(UTC).year
ROWS = "INSERT INTO history (at, kind, process_id, element_id, detail) VALUES (:at, 'x', '', '', '{}')"
WHERE = text("SELECT tableoid::regclass::text FROM history ORDER BY id DESC LIMIT 1")
ALL = "SELECT to_jsonb(t)::text FROM {} AS t ORDER BY id"


def noted(session: Session, at: datetime) -> str:
    """Write a row of that time; where it went."""
    session.add(History(at=at, kind="case.opened"))
    session.flush()
    return str(session.scalar(WHERE))


def test_a_row_goes_to_its_year_and_one_of_any_other_time_to_the_rest(session: Session) -> None:
    assert noted(session, clock.now()) == "history_first"
    assert noted(session, datetime(1999, 5, 1, tzinfo=UTC)) == "history_first"
    assert noted(session, datetime(THIS_YEAR + 2, 1, 1, tzinfo=UTC)) in {f"history_{THIS_YEAR + 2}", "history_first"}
    assert noted(session, datetime(THIS_YEAR + 90, 1, 1, tzinfo=UTC)) == "history_rest"
    rows = session.scalars(select(History).order_by(History.id)).all()
    assert len({row.id for row in rows}) == 4
    assert list(partitions.with_a_rest(session)) == ["history_rest"]


def test_no_part_of_the_log_can_be_changed(session: Session) -> None:
    audit.append(session, None, "read", "case", 1, case_id=1)
    for part in partitions.parts(session):
        if part.parent == "access_log":
            for words in ("DELETE FROM", "TRUNCATE"):
                with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
                    session.execute(text(f"{words} {part.name}"))


@pytest.fixture
def sessions(committed_db: str) -> Iterator[Sessions]:
    engine = make_engine(committed_db)
    yield make_sessions(engine)
    engine.dispose()


def newest() -> list[str]:
    return [f"{table}_{THIS_YEAR + 2}" for table in ("access_log", "history")]


def drop_newest(sessions: Sessions) -> None:
    with unit_of_work(sessions) as session:
        for name in newest():
            session.execute(text(f"DROP TABLE IF EXISTS {name}"))


def test_the_scheduler_makes_years_before_they_begin(sessions: Sessions) -> None:
    drop_newest(sessions)
    with sessions() as session:
        assert partitions.missing(session, clock.now()) == newest()
    assert years.prepare(sessions) == newest()
    assert years.prepare(sessions) == []
    with unit_of_work(sessions) as session:
        assert noted(session, datetime(THIS_YEAR + 2, 6, 1, tzinfo=UTC)) == f"history_{THIS_YEAR + 2}"
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(f"TRUNCATE access_log_{THIS_YEAR + 2}"))
        far = datetime(THIS_YEAR + 4, 3, 1, tzinfo=UTC)
        assert partitions.missing(session, far)[-1] == f"history_{THIS_YEAR + 6}"


def test_a_year_is_made_while_others_write_and_waits_for_nobody_long(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has written and not committed holds nobody up; who has read is left alone till later."""
    drop_newest(sessions)
    with sessions() as other:
        other.execute(text(ROWS), {"at": clock.now()})
        assert years.prepare(sessions) == newest()
    drop_newest(sessions)
    monkeypatch.setattr(partitions, "_LOCK_MS", 50)
    with sessions() as other:
        other.execute(WHERE)
        assert years.prepare(sessions) == newest()[:1]
    assert years.prepare(sessions) == newest()[1:]


def test_a_year_whose_rows_are_in_the_rest_already_does_no_harm(sessions: Sessions) -> None:
    drop_newest(sessions)
    late = datetime(THIS_YEAR + 2, 6, 1, tzinfo=UTC)
    with unit_of_work(sessions) as session:
        assert noted(session, late) == "history_rest"
    assert years.prepare(sessions) == newest()[:1]
    with unit_of_work(sessions) as session:
        assert noted(session, late) == "history_rest"


def test_a_past_year_of_which_nothing_is_left_is_dropped(sessions: Sessions) -> None:
    after = datetime(THIS_YEAR + 2, 1, 1, tzinfo=UTC)
    with unit_of_work(sessions) as session:
        noted(session, clock.now())
        kept = [f"history_{THIS_YEAR + 1}"] if f"history_{THIS_YEAR + 1}" in _names(session) else []
        assert partitions.drop_empty(session, after) == kept
        session.execute(text("DELETE FROM history"))
        assert partitions.drop_empty(session, after) == ["history_first"]
    with unit_of_work(sessions) as session:
        assert noted(session, clock.now()) == "history_rest", "what comes back later finds room all the same"
        assert {part.parent for part in partitions.parts(session)} == {"history", "access_log"}


def _names(session: Session) -> set[str]:
    return {part.name for part in partitions.parts(session)}


# --- the way from one table to many


def test_what_is_there_becomes_the_first_part_and_nobody_who_writes_notices(empty_db: str) -> None:
    """A writer with prepared statements of before goes on all the time; rows, numbers, chain and guard stay."""
    migrations.migrate(empty_db, "0010")
    engine = make_engine(empty_db)
    over = threading.Event()
    failures: list[BaseException] = []
    written: list[int] = []

    def write() -> None:
        try:
            with make_sessions(engine)() as session:
                while not over.is_set():
                    session.execute(text(ROWS), {"at": clock.now()})
                    audit.append(session, None, "read", "person", 1)
                    session.commit()
                    written.append(1)
        except BaseException as error:
            failures.append(error)

    writer = threading.Thread(target=write)
    try:
        with unit_of_work(make_sessions(engine)) as session:
            factories.worker(session, "tksk01", "tksk")
            for number in range(20):
                audit.append(session, None, "read", "person", number)
        with engine.connect() as connection:
            before = connection.execute(text(ALL.format("access_log"))).scalars().all()
        writer.start()
        while not written:
            over.wait(0.01)
        migrations.migrate(empty_db, "0011")
        so_far = len(written)
        while len(written) < so_far + 5 and not failures:
            over.wait(0.01)
        over.set()
        writer.join()
        assert failures == []
        with make_sessions(engine)() as session:
            ids = list(session.scalars(select(History.id).order_by(History.id)))
            assert len(ids) == len(set(ids)) == len(written) + 1, "one was noted of the worker"
            assert list(session.scalars(text(ALL.format("access_log"))))[: len(before)] == before
            assert (audit.first_break(session), len(list(session.scalars(select(AccessLog.id))))) == (
                None,
                len(before) + len(written),
            )
        migrations.migrate_back(empty_db, "0010")
        with make_sessions(engine)() as session:
            assert list(session.scalars(text("SELECT id FROM history ORDER BY id"))) == ids
            assert session.execute(text(ROWS + " RETURNING id"), {"at": clock.now()}).scalar_one() > max(ids)
            with pytest.raises(DBAPIError, match="append-only"):
                session.execute(text("DELETE FROM access_log"))
    finally:
        over.set()
        engine.dispose()
