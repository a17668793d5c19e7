"""Statements of the hot path, sent straight through the driver: SQLAlchemy's way costs several times the statement.

They belong to the session's transaction like all others, are counted like all others and fail like all others
(tests/store/test_straight.py). What they read does not enter the session's identity map.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Executable, inspect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CompilerElement

from engine.store.base import Base

T = TypeVar("T", bound=Base)
_DIALECT: Any = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_USUAL: Any = PGDialect_psycopg()  # type: ignore[no-untyped-call]


class Straight:
    """A statement that is put into words once. Its parameters are of types that psycopg knows: no enums, no JSON.

    `sql`: as listeners of the engine's events are told, with named parameters.
    """

    def __init__(self, statement: Executable) -> None:
        assert isinstance(statement, CompilerElement)  # noqa: S101 - all of ours are
        compiled: Any = statement.compile(dialect=_DIALECT)
        self._sql = str(compiled)
        self.sql = str(statement.compile(dialect=_USUAL))
        self._names: tuple[str, ...] = tuple(dict.fromkeys(compiled.positiontup))
        self._fixed: dict[str, Any] = {name: value for name, value in compiled.params.items() if value is not None}

    def first(self, session: Session, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row, in the order of the statement's columns; None if there is none.

        Raises KeyError for a parameter that is missing, else what the session raises.
        """
        session.flush()
        connection = session.connection()
        cursor: Any = psycopg.RawCursor(connection.connection.driver_connection)  # type: ignore[arg-type]
        given = {**self._fixed, **parameters}
        values = [given[name] for name in self._names]
        try:
            for note in connection.dispatch.before_cursor_execute:
                note(connection, cursor, self.sql, given, None, False)
            row: tuple[Any, ...] | None = cursor.execute(self._sql, values).fetchone()
        except psycopg.Error as error:
            # What SQLAlchemy does itself: wrap it without the parameters, give up a connection that is gone.
            connection._handle_dbapi_exception(error, self.sql, {}, cursor, None)  # noqa: SLF001
        return row


def outdate(session: Session, kind: type[T], key: int | None) -> None:
    """Let the session read a row anew when it is asked for, if it holds it: it was changed straight."""
    held = session.identity_map.get(inspect(kind).identity_key_from_primary_key((key,)))
    if held is not None:
        session.expire(held)
