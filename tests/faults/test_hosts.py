"""Worker, scheduler and web on several hosts: one is cut off, the others go on; it comes back, nothing twice."""

import http.client
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from sqlalchemy import text

from engine.casework import fsck
from engine.serve.migrations import migrate
from engine.serve.postgres import Postgres
from engine.serve.valkey import Valkey
from engine.settings import Keys
from engine.store.session import Sessions, make_engine, make_sessions, unit_of_work
from tests import factories
from tests.bpmn import diagrams as d
from tests.faults import hosts
from tests.faults.hosts import Host
from tests.faults.rig import long_only
from tests.faults.running import until

ASKING = d.process(
    d.start(), d.service("ask", "ask-provider"), d.catch("rest", d.timer("PT1S")), d.end(),
    d.chain("start", "ask", "rest", "end"),
)  # fmt: skip
WEB_PORT = 18700
# Takes a row and never lets go of it: what a host does that is cut off between UPDATE and COMMIT.
HOLDER = """
import sys, threading
from pathlib import Path
from sqlalchemy import text
from engine.store.session import make_engine
with make_engine(sys.argv[1]).connect() as connection:
    connection.execute(text("SELECT id FROM process_instance WHERE id = :id FOR UPDATE"), {"id": int(sys.argv[2])})
    Path(sys.argv[3]).touch()
    threading.Event().wait()
"""


@dataclass
class Site:
    """Two hosts, and the servers between them."""

    folder: Path
    hosts: tuple[Host, Host]
    postgres: Postgres
    valkey: Valkey
    sessions: Sessions

    def database_of(self, host: Host) -> str:
        return self.postgres.url("pilar").replace("127.0.0.1", host.near)

    def start_worker(self, host: Host) -> None:
        """A worker with a scheduler beside it; what it does to the outside is in a ledger of its own."""
        url = self.valkey.url.replace("127.0.0.1", host.near)
        words = (self.database_of(host), url, str(self.ledger(host)), "")
        host.run([sys.executable, "-m", "tests.faults.worker_process", *words], self.folder / f"{host.name}.log")
        until(lambda: self.ledger(host).with_suffix(".ready").exists(), 60)

    def start_web(self, host: Host) -> None:
        Keys(encryption={1: bytes(range(32))}, current=1, lookup=bytes(32)).write(self.folder / "keys")
        host.run(
            [sys.executable, "-m", "engine.cli", "web"], self.folder / "web.log",
            DATABASE_URL=self.database_of(host), REDIS_URL="", PILAR_KEYS=str(self.folder / "keys"), HOST=host.far,
            PORT=str(WEB_PORT), PILAR_SECRET="s" * 40, PILAR_DATA=str(self.folder / "web"), PILAR_WEB_WORKERS="1",
        )  # fmt: skip

    def ledger(self, host: Host) -> Path:
        return self.folder / f"{host.name}.txt"

    def effects(self, host: Host) -> list[str]:
        """The keys under which this host asked, in order."""
        path = self.ledger(host)
        return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []

    def begin(self, count: int) -> list[int]:
        with unit_of_work(self.sessions) as session:
            return [factories.start(session, "p", {"number": "N"}).id for _ in range(count)]

    def are_done(self, instances: list[int]) -> bool:
        query = text("SELECT count(*) FROM process_instance WHERE id = ANY(:ids) AND state = 'completed'")
        with self.sessions() as session:
            return session.execute(query, {"ids": instances}).scalar_one() == len(instances)


@pytest.fixture
def site(tmp_path: Path, built_assets: None) -> Iterator[Site]:
    if reason := hosts.missing():
        pytest.skip(f"no hosts to cut off: {reason}")
    first, second = Host(0), Host(1)
    listening = f"127.0.0.1,{first.near},{second.near}"
    postgres = Postgres(
        tmp_path / "postgres", "hosts", tmp_path / "postgres.log", 55800, (f"listen_addresses={listening}",)
    )
    valkey = Valkey(tmp_path / "valkey", "hosts", tmp_path / "valkey.log", wanted_port=55900)
    try:
        postgres.start()
        valkey.start()
        with redis.Redis.from_url(valkey.url) as client:
            client.config_set("bind", listening.replace(",", " "))
        with (tmp_path / "postgres" / "pg_hba.conf").open("a") as file:
            file.write("host all all 198.18.0.0/16 scram-sha-256\n")
        postgres.create_database("pilar")
        url = postgres.url("pilar").replace("postgresql:", "postgresql+psycopg:")
        migrate(url)
        engine = make_engine(url)
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_reload_conf()"))
        yield Site(tmp_path, (first, second), postgres, valkey, make_sessions(engine))
        engine.dispose()
    finally:
        first.close()
        second.close()
        valkey.stop()
        postgres.stop()


def web_answers(host: Host) -> bool:
    connection = http.client.HTTPConnection(host.far, WEB_PORT, timeout=3)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@long_only
def test_a_host_is_cut_off_and_comes_back(site: Site) -> None:
    cut, other = site.hosts
    with unit_of_work(site.sessions) as session:
        factories.places(session)
        factories.deploy(session, {"p/p.bpmn": ASKING})
    site.start_web(other)
    for host in site.hosts:
        site.start_worker(host)
    begun = list[int]()

    def has_worked(host: Host, before: int) -> bool:
        begun.extend(site.begin(2))
        return len(site.effects(host)) > before

    for host in site.hosts:
        until(lambda host=host: has_worked(host, 0), 30)  # type: ignore[misc]
    begun += site.begin(8)
    cut.cut()
    begun += site.begin(12)
    until(lambda: site.are_done(begun), 60)
    until(lambda: web_answers(other))
    before = len(site.effects(cut))
    cut.mend()
    until(lambda: has_worked(cut, before), 60)
    until(lambda: site.are_done(begun), 60)
    asked = Counter(site.effects(cut) + site.effects(other))
    assert len(asked) == len(begun), "one key for each, whoever asked, however often"
    with site.sessions() as session:
        done = text("SELECT count(*), count(DISTINCT instance_id) FROM history WHERE kind = :kind")
        for kind in ("job.done", "timer.fired"):
            assert tuple(session.execute(done, {"kind": kind}).one()) == (len(begun), len(begun)), kind
    with site.sessions() as session:
        assert fsck.check(session) == []


@long_only
def test_a_host_that_is_cut_off_loses_the_rows_it_holds(site: Site, tmp_path: Path) -> None:
    """PostgreSQL finds out by itself that nobody is there any more, long before an idle transaction's limit."""
    cut, _ = site.hosts
    with unit_of_work(site.sessions) as session:
        factories.places(session)
        factories.deploy(session, {"p/p.bpmn": ASKING})
    (instance,) = site.begin(1)
    words = (site.database_of(cut), str(instance), str(tmp_path / "held"))
    cut.run([sys.executable, "-c", HOLDER, *words], tmp_path / "holder.log")
    until((tmp_path / "held").exists, 30)
    cut.cut()
    with site.sessions() as session:
        session.execute(text("SET LOCAL lock_timeout = '45s'"))
        session.execute(text("SET LOCAL statement_timeout = '45s'"))
        session.execute(text("SELECT id FROM process_instance WHERE id = :id FOR UPDATE"), {"id": instance})
