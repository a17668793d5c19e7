"""A whole Pilar under load, on servers of its own, that scenarios hurt: real processes, kept alive by a keeper."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import TextClause
from sqlalchemy.orm import Session

from engine.actors import SYSTEM
from engine.casework import fsck, messages, operation
from engine.errors import Conflict
from engine.serve.migrations import migrate
from engine.serve.postgres import Postgres
from engine.serve.processes import free_port
from engine.serve.valkey import Valkey
from engine.serve.web import answers
from engine.settings import Keys
from engine.store.session import make_engine, make_sessions, unit_of_work
from tests import factories
from tests.casework.moving import FORM
from tests.faults.clients import Browser
from tests.faults.families import DIAGRAM, RACED
from tests.faults.keeper import Keeper
from tests.faults.ledger import Ledger, Row, keep
from tests.faults.load import Load
from tests.faults.outside import Outside
from tests.faults.running import children, slowness, until

IS_LONG = os.environ.get("FAULTS", "") == "long"
IS_SHORT = os.environ.get("FAULTS", "") == "short"
"""A few injections of each scenario, for whoever works on one."""
SEED = int(os.environ.get("FAULTS_SEED") or time.time())
long_only = pytest.mark.skipif(not (IS_LONG or IS_SHORT), reason="takes long: `make faults` does it")
LEASE_S = 5 if IS_LONG else 3
CLIENTS = 4
PASSWORD = "faults"
# Each process of a test run has ports of its own: the web's is chosen long before it is bound.
PORTS = 20_000 + os.getpid() % 500 * 20
DISK = "700m"
LETTER = 5_000
"""Bytes that nothing makes smaller; a state of 2 KB is large."""


class Rig:
    """The running system, its servers, its clients and its rows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.random = random.Random(SEED)  # noqa: S311 - chance that can be repeated
        self.outside = Outside(seconds=0.02)
        self.has_own_disk = _mount(folder / "disk")
        self.postgres = Postgres(
            folder / "disk" / "postgres", PASSWORD, folder / "postgres.log", wanted_port=PORTS,
            options=("max_wal_size=64MB", "min_wal_size=32MB"),
        )  # fmt: skip
        self.valkey = Valkey(folder / "valkey", PASSWORD, folder / "valkey.log", wanted_port=PORTS + 5)
        self.postgres.start()
        self.valkey.start()
        self.postgres.create_database("pilar")
        self.url = self.postgres.url("pilar")
        migrate(self.url.replace("postgresql://", "postgresql+psycopg://", 1))
        self.engine = make_engine(self.url)
        self.sessions = make_sessions(self.engine)
        self.port = free_port("127.0.0.1", PORTS + 10)
        self.keeper = Keeper(folder, self._environment())
        self.browsers: list[Browser] = []
        self.rows: list[Row] = []
        self.begun: list[int] = []
        self._begun = 0
        self.numbers: dict[int, str] = {}
        self.ledger = Ledger()

    def _environment(self) -> dict[str, str]:
        keys = self.folder / "keys"
        Keys(encryption={1: bytes(range(32))}, current=1, lookup=bytes(32)).write(keys)
        return {
            "DATABASE_URL": self.url, "REDIS_URL": self.valkey.url, "PORT": str(self.port), "PILAR_DEMO": "no",
            "PILAR_DATA": str(self.folder), "PILAR_SECRET": "s" * 40, "PILAR_KEYS": str(keys),
            "PILAR_WEB_WORKERS": "2", "PILAR_LOG": "warning", "FAULTS_OUTSIDE": self.outside.url,
            "FAULTS_LEASE": str(LEASE_S), "FAULTS_JOB_MOST": "8", "FAULTS_STUCK": "12",
        }  # fmt: skip

    def begin(self) -> None:
        """Start the processes and let the clients sign in."""
        self.keeper.start()
        for name in ("web", "worker", "worker-2", "scheduler"):
            self.keeper.want(name)
        with unit_of_work(self.sessions) as session:
            for number in range(CLIENTS):
                factories.worker(session, f"tksk{number:02}", "tksk")
            factories.deploy(session, {"p/p.bpmn": DIAGRAM, "p/F.form": FORM})
            factories.deploy(session, {"raced/raced.bpmn": RACED, "raced/F.form": FORM})
            self.operator = factories.worker(session, "operator01", "operator")
        until(lambda: answers(f"{self.address}/readyz"), 60 * slowness())
        for number in range(CLIENTS):
            self.browsers.append(Browser(self.port, self.ledger))
            self.browsers[-1].sign_in(f"tksk{number:02}")

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """End everything."""
        for browser in self.browsers:
            browser.close()
        self.outside.close()
        if self.keeper.is_alive():
            self.keeper.stop()
        self.engine.dispose()
        self.valkey.stop()
        self.postgres.stop()
        if self.has_own_disk:
            subprocess.run(["umount", "-l", str(self.folder / "disk")], check=False)

    def pid(self, name: str) -> int:
        """The process NAME."""
        return self.keeper.processes[name].pid

    def web_workers(self) -> list[int]:
        """Gunicorn's worker processes."""
        return children(self.pid("web"))

    def supply(self, count: int) -> list[int]:
        """New instances, each waiting for its visit."""
        with unit_of_work(self.sessions) as session:
            return [self._begin(session, "p") for _ in range(count)]

    def supply_raced(self, count: int) -> list[int]:
        """New instances whose visit a timer, a message and an operator may end."""
        with unit_of_work(self.sessions) as session:
            return [self._begin(session, "raced") for _ in range(count)]

    def _begin(self, session: Session, process_id: str) -> int:
        """A new instance, with a number that no other one has ever had: the outside knows it by that.

        Every other one has so many facts that its state is written as what differs from an earlier one.
        """
        self._begun += 1
        more = {"letter": self.random.randbytes(LETTER).hex()} if self._begun % 2 else {}
        row = factories.start(session, process_id, {"number": f"N{self._begun}", **more})
        self.numbers[row.id] = f"N{self._begun}"
        return row.id

    def send_news(self, instance_id: int) -> None:
        """The message that ends the visit."""
        key = self.numbers[instance_id]
        with unit_of_work(self.sessions) as session:
            messages.receive(session, SYSTEM, "msg", key, {}, source="faults", message_id=key)

    def cancel(self, instance_id: int) -> None:
        """An operator ends the instance, unless it has ended."""
        with contextlib.suppress(Conflict), unit_of_work(self.sessions) as session:
            operation.end(session, self.operator, instance_id, "Salah catat")

    def execute(self, statement: TextClause, **values: object) -> None:
        """Do something to the rows."""
        with unit_of_work(self.sessions) as session:
            session.execute(statement, values)

    def settle(self, scenario: str, instances: list[int], injected: int, note: str = "") -> Row:
        """Work goes on until everything has ended; what came of it, kept and checked."""
        seconds = self.work_off(instances)
        with self.sessions() as session:
            row = self.ledger.row(scenario, session, instances, self._doubled(instances), injected, seconds)
        return self.keep(row, note)

    def calm_p95(self) -> float:
        """Seconds within which nineteen of twenty answers come while nothing is wrong."""
        self.ledger = Ledger()
        self.work_off(self.supply(40))
        return self.ledger.p95()

    def work_off(self, instances: list[int]) -> float:
        """People work until all of them have ended (or a good while longer); the seconds that it took."""
        over = time.monotonic()
        with self._load(instances) as load:
            load.begun = list(instances)
            load.stop_beginning()
            load.wait()
            return time.monotonic() - over

    def stop_postgres(self) -> None:
        """As `pg_ctl stop -m immediate`."""
        process = self.postgres.process
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        process.wait()
        self.engine.dispose()

    def start_postgres(self) -> None:
        """On the port that everybody knows."""
        self.postgres.wanted_port = self.postgres.port
        self.postgres.start()

    def revive_postgres(self) -> None:
        """Start it anew if it has ended by itself, as its supervisor does."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self.postgres.process is not None:
                self.postgres.process.wait(1)
                self.start_postgres()

    def restart_web(self, **more: str) -> None:
        """With other settings; nobody of the old ones answers any more."""
        orphans = self.web_workers()
        self.keeper.unwant("web")
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.keeper.want("web", **more)
        until(lambda: answers(f"{self.address}/readyz"), 60 * slowness())

    def attack(
        self,
        scenario: str,
        inject: Callable[[], None],
        *,
        rounds: tuple[int, int],
        pause_s: tuple[float, float] = (0.3, 0.9),
        check: bool = True,
        note: Callable[[], str] = str,
    ) -> Row:
        """Hurt the system `rounds` (short, long) times while clients work; what came of it, kept and checked."""
        count = rounds[1] if IS_LONG else rounds[0]
        self.ledger = Ledger()
        seconds = count * sum(pause_s) / 2
        with self._load(self.supply(int(seconds * 8) + 20)) as load:
            time.sleep(0.5)
            for _ in range(count):
                inject()
                time.sleep(self.random.uniform(*pause_s))
            meanwhile = self.ledger.acknowledged
            load.stop_beginning()
            over = time.monotonic()
            load.wait()
            recovery = time.monotonic() - over
        with self.sessions() as session:
            row = self.ledger.row(scenario, session, load.begun, self._doubled(load.begun), count, recovery)
        self.begun = load.begun
        assert meanwhile >= count, "people were at work all the while"
        return self.keep(row, note(), check=check)

    def _doubled(self, instances: Sequence[int]) -> int:
        """How many instances had an effect outside twice."""
        return self.outside.doubled({self.numbers[instance] for instance in instances})

    def keep(self, row: Row, note: str = "", *, check: bool = True) -> Row:
        """Write a line down, and look everything through (`check`: the promises too)."""
        row = replace(row, note=note or row.note)
        keep(row)
        self.rows.append(row)
        if check:
            self.check()
        assert self.ledger.odd == [], self.ledger.odd[:5]
        assert self.ledger.bodies_with_sql == 0
        assert row.is_clean(), row
        return row

    def check(self) -> None:
        """Every promise is kept."""
        with self.sessions() as session:
            assert fsck.check(session) == []

    @contextmanager
    def _load(self, instances: list[int]) -> "Iterator[Load]":
        for browser in self.browsers:
            browser.ledger = self.ledger
        load = Load(self.sessions, self.browsers, instances, SEED)
        load.start()
        try:
            yield load
        finally:
            load.stop()


def _mount(folder: Path) -> bool:
    """A small disk in memory for the database, where we may mount one; else an ordinary folder."""
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(folder)]
    return subprocess.run(mount, check=False, capture_output=True).returncode == 0
