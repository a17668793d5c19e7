"""Statements of the hot path, sent straight to libpq: SQLAlchemy's way costs several times the statement.

They belong to the session's transaction like all others, are counted like all others and fail like all others
(tests/store/test_straight.py). What they read does not enter the session's identity map.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.generators import execute
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Executable, inspect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CompilerElement

from engine.store.base import Base

T = TypeVar("T", bound=Base)
_DIALECT: Any = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_USUAL: Any = PGDialect_psycopg()  # type: ignore[no-untyped-call]
_PREPARED = "pilar.straight"


class _Prepared(NamedTuple):
    """A statement on one connection: its name there, and what has learned to write its values and read its rows."""

    name: bytes
    transformer: Any


class Straight:
    """A statement that is put into words once, and prepared once for each connection.

    Its parameters are of types that psycopg knows (no enums, no JSON); PostgreSQL must be able to tell their types.
    `sql`: as listeners of the engine's events are told, with named parameters.
    `reads`: it changes nothing and locks nothing, so outside of a transaction it is sent without beginning one.
    """

    def __init__(self, statement: Executable, *, reads: bool = False) -> None:
        assert isinstance(statement, CompilerElement)  # noqa: S101 - all of ours are
        compiled: Any = statement.compile(dialect=_DIALECT)
        self._sql = str(compiled).encode()
        self._reads = reads
        self.sql = str(statement.compile(dialect=_USUAL))
        self._names: tuple[str, ...] = tuple(dict.fromkeys(compiled.positiontup))
        self._fixed: dict[str, Any] = {name: value for name, value in compiled.params.items() if value is not None}

    def first(self, session: Session, parameters: Mapping[str, Any], *, alone: bool = False) -> tuple[Any, ...] | None:
        """The first row, in the order of the statement's columns; None if there is none.

        `alone`: where no transaction has begun, the statement is one of its own: when it returns, it is committed.
        Raises KeyError for a parameter that is missing, else what the session raises.
        """
        session.flush()
        connection = session.connection()
        given = {**self._fixed, **parameters}
        values = [given[name] for name in self._names]
        try:
            for note in connection.dispatch.before_cursor_execute:
                note(connection, None, self.sql, given, None, False)
            return self._send(connection, values, begins=not (self._reads or alone))
        except psycopg.Error as error:
            # What SQLAlchemy does itself: wrap it without the parameters, give up a connection that is gone.
            connection._handle_dbapi_exception(error, self.sql, {}, None, None)  # noqa: SLF001
            raise

    def _send(self, connection: Connection, values: list[Any], *, begins: bool) -> tuple[Any, ...] | None:
        driver: Any = connection.connection.driver_connection
        if begins:
            driver.wait(driver._start_query())  # noqa: SLF001 - sends BEGIN, unless that was done
        prepared = connection.info.setdefault(_PREPARED, {})
        name, transformer = prepared.get(self) or self._prepare(driver, prepared)
        # Bytes go as they are, everything else as text: so it is the statement that says what types it takes.
        formats = [PyFormat.BINARY if type(value) is bytes else PyFormat.TEXT for value in values]
        written = transformer.dump_sequence(values, formats)
        driver.pgconn.send_query_prepared(name, written, transformer.formats)
        result = _only(driver)
        transformer.set_pgresult(result)
        return transformer.load_row(0, tuple) if result.ntuples else None

    def _prepare(self, driver: Any, prepared: dict["Straight", _Prepared]) -> _Prepared:
        name = b"straight_%d" % len(prepared)
        driver.pgconn.send_prepare(name, self._sql)
        _only(driver)
        return prepared.setdefault(self, _Prepared(name, Transformer.from_context(driver)))


def _only(driver: Any) -> Any:
    """The one result of what was sent. Raises psycopg.Error."""
    (result,) = driver.wait(execute(driver.pgconn))
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise psycopg.errors.error_from_result(result, driver.info.encoding)
    return result


def outdate(session: Session, kind: type[T], key: int | None) -> None:
    """Let the session read a row anew when it is asked for, if it holds it: it was changed straight."""
    held = session.identity_map.get(inspect(kind).identity_key_from_primary_key((key,)))
    if held is not None:
        session.expire(held)
