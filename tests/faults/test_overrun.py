"""F18: rows locked crosswise, a table locked for longer than a statement may take, no connection to be had."""

import contextlib
import time

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.faults.rig import IS_LONG, Rig, long_only

LONGER_THAN_A_STATEMENT_MAY_TAKE_S = 35
SOME_TASK = text("SELECT id, instance_id FROM task WHERE state = 'open' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
LOCK_INSTANCE = text("SELECT id FROM process_instance WHERE id = :id FOR UPDATE")
LOCK = text("LOCK TABLE task IN ACCESS EXCLUSIVE MODE")
HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'pilar'"


@long_only
def test_f18_transactions_stand_in_each_others_way(rig: Rig) -> None:
    """A task first and then its instance, as no step does; one of the two sides gives in."""

    def lock() -> None:
        with rig.sessions() as session:
            try:
                row = session.execute(SOME_TASK).first()
                if row is not None:
                    time.sleep(0.2)
                    session.execute(LOCK_INSTANCE, {"id": row.instance_id})
            except OperationalError:
                session.rollback()

    rig.attack("F18 rows locked crosswise", lock, rounds=(1, 20))


@long_only
def test_f18_a_table_is_locked(rig: Rig) -> None:
    """Most times for a moment; twice for so long that every statement on it is given up."""
    times = 0

    def lock() -> None:
        nonlocal times
        times += 1
        with rig.sessions() as session:
            session.execute(LOCK)
            is_long = IS_LONG and times % 10 == 5
            time.sleep(LONGER_THAN_A_STATEMENT_MAY_TAKE_S if is_long else rig.random.uniform(0.3, 2.0))

    rig.attack("F18 a table locked, twice for 35 s", lock, rounds=(2, 20))
    given_up = "canceling statement due to statement timeout" in (rig.folder / "postgres.log").read_text()
    assert given_up or not IS_LONG


@long_only
def test_f18_there_is_no_connection_to_be_had(rig: Rig) -> None:
    """Everybody's connection is cut, and somebody else takes all there are."""

    def crowd_out() -> None:
        with contextlib.ExitStack() as taken:
            first = taken.enter_context(psycopg.connect(rig.url, autocommit=True))
            first.execute(HANG_UP)
            with contextlib.suppress(psycopg.OperationalError):
                while True:
                    taken.enter_context(psycopg.connect(rig.url))
            time.sleep(rig.random.uniform(0.3, 1.5))

    rig.attack("F18 no connection to be had", crowd_out, rounds=(2, 20))
    assert rig.ledger.unavailable, "somebody was told to come again"
