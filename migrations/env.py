"""How a migration runs: one at a time over all hosts, each in a transaction, never waiting long for a lock."""

import time

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

import engine.store  # noqa: F401 - every model must be known to the metadata
from engine.store.base import Base

ADVISORY_LOCK = 99_01_2026
POLL_S = 0.2


def run(connection: Connection) -> None:
    """Migrate over one connection; a second migrator waits here and then finds nothing to do."""
    # Asked again and again: who waits inside a statement would hold up an index that is built while people work.
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_LOCK}):
        connection.rollback()
        time.sleep(POLL_S)
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})
        connection.commit()


with create_engine(context.config.attributes["url"], poolclass=pool.NullPool).connect() as bound:
    run(bound)
