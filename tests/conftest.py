"""Real servers for the tests: one PostgreSQL per run, a migrated template, one rolled-back transaction per test."""

import fcntl
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine.actors import SYSTEM
from engine.casework import accounts
from engine.serve import prepare
from engine.serve.migrations import migrate
from engine.serve.postgres import Postgres, end_leftover
from engine.serve.valkey import Valkey
from engine.settings import PROJECT
from engine.store import crypto
from engine.store.session import make_engine, make_sessions, unit_of_work
from tests.locks import alone

TEMPLATE = "pilar_template"
DEMO_TEMPLATE = "pilar_demo_template"
PASSWORD = "tests"
SHIPPED_HASHER, SHIPPED_NOBODY = accounts._hasher, accounts._NOBODY
SERVERS = PROJECT / "var" / "test"
# Folders whose files take longest. They begin first, so that no worker ends a run alone with one of them.
LONGEST = ("faults", "browser", "stories")

# Thousands of collected tests live as long as the run: the garbage collector seldom looks, and never at them.
gc.set_threshold(100_000, 20, 100)


def pytest_collection_finish() -> None:
    """What was collected stays."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; within a file the order stays."""
    items.sort(key=lambda item: _rank(item.path))


def _rank(path: Path) -> int:
    folder = path.relative_to(PROJECT / "tests").parts[0]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)


@pytest.fixture(scope="session", autouse=True)
def _key_ring() -> None:
    """Personal fields are encrypted in tests too, under a key that everybody knows."""
    crypto.configure(crypto.KeyRing(keys={1: bytes(range(32))}, current=1, index_key=bytes(32)))


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Passwords are hashed by argon2 in tests too, at a cost that thousands of workers can bear."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(accounts, "_hasher", hasher)
        patch.setattr(accounts, "_NOBODY", hasher.hash("nobody"))
        yield


@pytest.fixture
def costly_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed at the cost that is shipped."""
    monkeypatch.setattr(accounts, "_hasher", SHIPPED_HASHER)
    monkeypatch.setattr(accounts, "_NOBODY", SHIPPED_NOBODY)


@pytest.fixture(scope="session")
def server_options() -> tuple[str, ...]:
    """A test's rows need not outlive the machine; servers that are measured or killed do wait for their disk."""
    return ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@pytest.fixture(scope="session")
def postgres(worker_id: str, server_options: tuple[str, ...]) -> Iterator[Postgres]:
    """The run's PostgreSQL with a migrated template database; all pytest-xdist workers share it.

    Whoever needs it first starts it, and stops it when the others need it no more.
    """
    name = f"postgres-run-{os.getpid() if worker_id == 'master' else os.getppid()}"
    options = ("max_connections=200", *server_options)
    server = Postgres(SERVERS / name, PASSWORD, SERVERS / "log" / f"{name}.log", wanted_port=54330, options=options)
    found = SERVERS / f"{name}.port"
    SERVERS.mkdir(parents=True, exist_ok=True)  # a fresh clone has none
    _sweep_old_servers()
    with (SERVERS / f"{name}.users").open("w") as users:
        with alone(SERVERS / f"{name}.lock"):
            if is_ours := not found.exists():
                server.start()
                server.create_database(TEMPLATE)
                migrate(_sqlalchemy_url(server, TEMPLATE))
                found.write_text(str(server.port))
            server.port = int(found.read_text())
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield server
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            if is_ours:
                with alone(SERVERS / f"{name}.lock"):
                    fcntl.flock(users, fcntl.LOCK_EX)
                    server.stop()
                    _remove(server.folder)
                    _forget(name)


@pytest.fixture(scope="session")
def database_url(postgres: Postgres) -> Iterator[str]:
    """A migrated database that every test of this process shares, each in a transaction rolled back."""
    name = f"shared_{uuid4().hex[:8]}"
    postgres.create_database(name, TEMPLATE)
    yield _sqlalchemy_url(postgres, name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def database(database_url: str) -> Iterator[Engine]:
    """The engine of the shared database."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """A session whose commits are savepoints of one transaction that is rolled back after the test."""
    with database.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as open_session:
            yield open_session
        outer.rollback()


@pytest.fixture
def committed_db(postgres: Postgres) -> Iterator[str]:
    """Address of a fresh migrated database for tests with several processes or real commits."""
    name = f"own_{uuid4().hex[:8]}"
    postgres.create_database(name, TEMPLATE)
    yield _sqlalchemy_url(postgres, name)
    postgres.drop_database(name)


@pytest.fixture
def engine(committed_db: str) -> Iterator[Engine]:
    """The engine of a database of the test's own."""
    engine = make_engine(committed_db)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def demo_template(postgres: Postgres) -> str:
    """Name of a database with the shipped processes deployed and the demo's data loaded; made once per run."""

    def load(session: Session) -> None:
        # Imported here: tests that need no process start in a second.
        from engine.casework import demo
        from engine.casework.definitions import deploy_folder

        deploy_folder(session, SYSTEM, PROJECT / "workflows")
        demo.load(session)

    make_template(postgres, DEMO_TEMPLATE, TEMPLATE, load)
    return DEMO_TEMPLATE


def make_template(postgres: Postgres, name: str, beginning: str, load: Callable[[Session], None]) -> None:
    """A database to copy, with what `load` puts into it; the run's processes make it once between them."""
    made = SERVERS / f"{postgres.folder.name}.{name}"
    with alone(made.with_name(f"{made.name}.lock")):
        if made.exists():
            return
        postgres.create_database(name, beginning)
        engine = make_engine(_sqlalchemy_url(postgres, name))
        try:
            with unit_of_work(make_sessions(engine)) as session:
                load(session)
        finally:
            engine.dispose()
        made.touch()


@pytest.fixture(scope="session")
def make_copy(postgres: Postgres) -> Iterator[Callable[[str], str]]:
    """Makes databases that are a template's copies, each for whoever commits; their addresses."""
    made: list[str] = []

    def make(template: str) -> str:
        made.append(f"copy_{uuid4().hex[:8]}")
        postgres.create_database(made[-1], template)
        return _sqlalchemy_url(postgres, made[-1])

    yield make
    for name in made:
        postgres.drop_database(name)


@pytest.fixture(scope="session")
def make_demo_db(make_copy: Callable[[str], str], demo_template: str) -> Callable[[], str]:
    """Makes databases with deployed processes and the demo's people, but no case yet."""
    return lambda: make_copy(demo_template)


@pytest.fixture(scope="session")
def built_assets() -> None:
    """web/static is built and up to date."""
    prepare.assets()


@pytest.fixture
def empty_db(postgres: Postgres) -> Iterator[str]:
    """Address of a database without any table."""
    name = f"empty_{uuid4().hex[:8]}"
    postgres.create_database(name)
    yield _sqlalchemy_url(postgres, name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def valkey_server(worker_id: str) -> Iterator[Valkey]:
    """The run's Valkey."""
    name = f"valkey-{worker_id}-{os.getpid()}"
    server = Valkey(SERVERS / name, PASSWORD, SERVERS / "log" / f"{name}.log", wanted_port=54380)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        _remove(server.folder)


@pytest.fixture
def valkey(valkey_server: Valkey) -> str:
    """Address of a real, empty Valkey."""
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server.url


def _sqlalchemy_url(server: Postgres, database: str) -> str:
    return server.url(database).replace("postgresql://", "postgresql+psycopg://", 1)


def _sweep_old_servers() -> None:
    """Remove what test runs left that were killed: their folders carry the pid."""
    for folder in SERVERS.glob("*-*-*"):
        pid = folder.name.rpartition("-")[2]
        if folder.is_dir() and pid.isdigit() and not Path(f"/proc/{pid}").exists():
            end_leftover(folder)
            _remove(folder)
            _forget(folder.name)


def _forget(server: str) -> None:
    """Remove what its processes told each other in files beside its folder."""
    for left in SERVERS.glob(f"{server}.*"):
        left.unlink()


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
