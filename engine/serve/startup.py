"""What a process that works with the database opens first: keys, connections, bell."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from engine.bpmn import write_whole
from engine.jobs import Bell
from engine.metrics import measured
from engine.settings import Settings
from engine.store import crypto
from engine.store.session import make_engine, make_sessions


def open_store(settings: Settings, name: str) -> sessionmaker[Session]:
    """Sessions on the configured database that ring the bell after each commit.

    `name` (web, worker, scheduler…) is seen in PostgreSQL's list of connections.
    """
    os.environ.setdefault("PGAPPNAME", f"pilar-{name}")
    keys = settings.keys
    crypto.configure(crypto.KeyRing(keys=keys.encryption, current=keys.current, index_key=keys.lookup))
    write_whole(settings.whole_states)
    engine = make_engine(settings.database_url)
    measured.count_statements(engine)
    return make_sessions(engine, ring=Bell(settings.redis_url).ring)


@contextmanager
def opened_store(settings: Settings, name: str) -> Iterator[sessionmaker[Session]]:
    """The same for a command that ends: its connections are closed behind the block."""
    sessions = open_store(settings, name)
    try:
        yield sessions
    finally:
        bound = sessions.kw["bind"]
        if isinstance(bound, Engine):
            bound.dispose()
