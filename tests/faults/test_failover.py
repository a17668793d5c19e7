"""The primary dies and its follower takes over: processes find it by themselves, nothing acknowledged is lost."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from engine.serve.migrations import migrate
from engine.serve.postgres import Postgres, binaries
from engine.store.session import make_engine
from tests.faults.rig import long_only
from tests.faults.running import until
from tests.platform.rolling import PEOPLE, Office, Person, Visits, at_work, check, status, work_on

PASSWORD = "failover"


@pytest.fixture
def primary(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "primary", PASSWORD, tmp_path / "primary.log", wanted_port=56000)
    server.start()
    server.create_database("pilar")
    yield server
    server.stop()


@pytest.fixture
def follower(primary: Postgres, tmp_path: Path) -> Iterator[Postgres]:
    """It has what the primary has: a commit is answered once both have written it."""
    folder = tmp_path / "follower"
    words = [binaries() / "pg_basebackup", "--pgdata", folder, "--write-recovery-conf", "--checkpoint=fast"]
    subprocess.run([*words, "--dbname", primary.url()], check=True, capture_output=True)
    owner = primary.folder.stat()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    server = Postgres(folder, PASSWORD, tmp_path / "follower.log", wanted_port=56050)
    server.start()
    with psycopg.connect(primary.url(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        connection.execute("SELECT pg_reload_conf()")
        asked = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        until(lambda: connection.execute(asked).fetchone() == (1,), 30)
    yield server
    server.stop()


@long_only
def test_the_primary_dies_and_its_follower_takes_over(
    primary: Postgres, follower: Postgres, tmp_path: Path, built_assets: None
) -> None:
    hosts = "&".join(f"host=127.0.0.1:{server.port}" for server in (primary, follower))
    url = f"postgresql+psycopg://pilar:{PASSWORD}@/pilar?{hosts}&target_session_attrs=read-write"
    migrate(url)
    engine = make_engine(url)
    visits, office = Visits(engine), Office(tmp_path, url)
    visits.begin()
    people = [Person(office, f"tksk{number:02}", iter(visits)) for number in range(PEOPLE)]
    try:
        port = office.run_web("web", 18800)
        office.run("worker", "worker")
        office.run("scheduler", "scheduler")
        with at_work(people):
            work_on(people)
            assert primary.process is not None
            primary.process.kill()
            until(lambda: status(port, "/readyz") == 503)
            assert status(port, "/healthz") == 200
            with psycopg.connect(follower.url(), autocommit=True) as connection:
                connection.execute("SELECT pg_promote()")
            work_on(people)
        assert sum(person.unavailable for person in people), "somebody was told to come again"
        check(people, visits)
        assert all(process.poll() is None for process in office.processes.values()), "nobody had to be started anew"
    finally:
        office.close()
        engine.dispose()
