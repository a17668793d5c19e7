"""The database's schema: where it stands, and how it is brought forward or back (Alembic without an ini file)."""

import random
import time
from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool, text
from sqlalchemy.exc import OperationalError

from engine.serve.progress import StepFailed
from engine.settings import PROJECT

MOST_TRIES = 10
_LOCKED = frozenset({"40P01", "55P03"})  # deadlock_detected, lock_not_available


def _config(url: str) -> Config:
    config = Config(attributes={"url": url})
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the schema forward to a revision; nothing happens if it is there already. People may be at work."""
    patiently(lambda: command.upgrade(_config(url), revision))


def patiently(change: Callable[[], None]) -> None:
    """Change a schema that others work with: what gets no lock, or stands crosswise with them, is tried anew.

    Raises StepFailed when it still has no lock after MOST_TRIES times; what was not finished is as it was.
    """
    for last in (*[False] * (MOST_TRIES - 1), True):
        try:
            change()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") not in _LOCKED:
                raise
            if last:
                reason = "Others hold locks on what the migration changes."
                raise StepFailed("try again when fewer people work, or end what runs so long.", reason) from error
            time.sleep(random.uniform(0.1, 1.0))  # noqa: S311 - so that two do not meet again
        else:
            return


def migrate_back(url: str, revision: str) -> None:
    """Bring the schema back to a revision (`base`: to nothing)."""
    command.downgrade(_config(url), revision)


def heads() -> list[str]:
    """Revisions that no other one follows; the house has exactly one."""
    return ScriptDirectory.from_config(_config("")).get_heads()


def current(url: str) -> str | None:
    """Revision that a database stands at, None for an empty one."""
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def difference(url: str) -> list[object]:
    """What the models have and the migrated database has not, or the other way round; empty if they agree."""
    from alembic.autogenerate import compare_metadata

    import engine.store  # noqa: F401 - every model must be known to the metadata
    from engine.store.base import Base

    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        parts = set(connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition")))
        opts = {"compare_type": True, "include_name": lambda name, kind, _: kind != "table" or name not in parts}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, Base.metadata))
