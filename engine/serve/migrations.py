"""The database's schema: where it stands, and how it is brought forward or back (Alembic without an ini file)."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

from engine.settings import PROJECT


def _config(url: str) -> Config:
    config = Config(attributes={"url": url})
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the schema forward to a revision; nothing happens if it is there already."""
    command.upgrade(_config(url), revision)


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
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))
