"""Connections: one engine per process, sessions from it, and the unit of work of everything but the web."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from psycopg._preparing import PrepareManager
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker

from engine import clock

# A frozen worker must not hold its rows for ever: after a minute and a half without a word it loses them.
# A server or a network that has gone silent is given up after some seconds, not after the kernel's quarter of an hour.
_NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 35_000,
}
# The server does the same: a host that is cut off between a statement and its commit holds its rows for half a minute.
_OPTIONS = (
    "-c timezone=UTC -c jit=off -c idle_in_transaction_session_timeout=90s"
    " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000"
)
Sessions = Callable[[], Session]


def _dumps(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def make_engine(url: str, *, pool_size: int = 8, statement_timeout_ms: int = 30_000) -> Engine:
    """A pooled engine on PostgreSQL (psycopg 3). Connections answer in UTC and give up on runaway statements."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=4,
        # What people typed must not reach a log by way of an error's text.
        hide_parameters=True,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        connect_args={"options": f"{_OPTIONS} -c statement_timeout={statement_timeout_ms}", **_NETWORK},
    )
    event.listen(engine, "connect", _keep_prepared)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ping_if_rested)
    return engine


class _PreparedForLife(PrepareManager):
    """psycopg forgets all prepared statements at a ROLLBACK, which is how every read of ours ends.

    PostgreSQL keeps them: they belong to the connection, not to the transaction. Planning anew is half of what a short
    statement costs (tests/store/test_session.py fails when psycopg changes this).
    """

    def clear(self) -> bool:
        """Nothing is forgotten."""
        return False


def _keep_prepared(connection: Any, _record: Any) -> None:
    connection._prepared = _PreparedForLife()  # noqa: SLF001 - see the class
    _ask_the_time(connection)


def _ask_the_time(connection: Any) -> None:
    """Every process goes by the database's clock, whatever its own says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        clock.follow(cursor.fetchone()[0])
    connection.rollback()


RESTED = 1.0
"""Seconds after which a pooled connection is asked whether it still lives; a ping each time costs a round trip."""


def _note_use(_connection: object, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ping_if_rested(connection: Any, record: Any, _proxy: object) -> None:
    """A connection that lay idle may have lost its server: find out before work is put on it."""
    if time.monotonic() - record.info.get("used_at", 0.0) < RESTED and not clock.is_stale():
        return
    try:
        _ask_the_time(connection)
    except psycopg.Error as error:
        raise DisconnectionError("The server went away.") from error


BELLS = "pilar.bells"
"""Key in `Session.info`: ids of jobs to ring for once the transaction is committed."""


def make_sessions(engine: Engine, ring: Callable[[list[int]], None] | None = None) -> sessionmaker[Session]:
    """Sessions that keep their objects readable after commit, and then ring for the jobs that were written."""
    sessions = sessionmaker(engine, expire_on_commit=False)

    def after_commit(session: Session) -> None:
        bells = session.info.pop(BELLS, None)
        if bells and ring is not None:
            ring(bells)

    def after_rollback(session: Session) -> None:
        session.info.pop(BELLS, None)

    event.listen(sessions, "after_commit", after_commit)
    event.listen(sessions, "after_rollback", after_rollback)
    return sessions


def _know_the_time(session: Session) -> None:
    """Connect before anybody asks `clock` in a process that has not heard the database's clock, or not for long."""
    if clock.is_stale():
        session.connection()


@contextmanager
def unit_of_work(sessions: Sessions) -> Iterator[Session]:
    """One transaction: commits at the end of the block, rolls back if it raises."""
    with sessions() as session:
        try:
            _know_the_time(session)
            yield session
        except BaseException:
            session.rollback()
            raise
        session.commit()
