"""An office at work while Pilar is rolled out: processes to start and stop, and people who repeat until answered."""

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine, TextClause, text
from sqlalchemy.exc import DBAPIError

from engine.casework import fsck
from engine.serve.processes import free_port, start
from engine.settings import PROJECT, Keys
from engine.store.session import make_sessions, unit_of_work
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.moving import FORM, groups
from tests.faults.running import slowness, until

DIAGRAM = d.process(
    d.start(), d.user("visit", groups()), d.catch("rest", d.timer("PT1S")), d.end(),
    d.chain("start", "visit", "rest", "end"),
)  # fmt: skip
FIELDS = {"note": "Ibu Contoh", "n": "3"}
TIMEOUT_S = 30
PEOPLE = 3
PAUSE_S = 0.05


@dataclass
class Visits:
    """Visits to be paid, one after another: `paid` has task -> instance."""

    engine: Engine
    paid: dict[int, int] = field(default_factory=dict)

    def begin(self) -> None:
        with unit_of_work(make_sessions(self.engine)) as session:
            for number in range(PEOPLE):
                factories.worker(session, f"tksk{number:02}", "tksk")
            factories.deploy(session, {"p/p.bpmn": DIAGRAM, "p/F.form": FORM})

    def __iter__(self) -> Iterator[int]:
        while True:
            try:
                with unit_of_work(make_sessions(self.engine)) as session:
                    instance = factories.start(session, "p", {"number": "N1"}).id
                    task = session.scalars(text("SELECT id FROM task WHERE instance_id = :id"), {"id": instance}).one()
            except DBAPIError:
                continue  # the database is away; nobody waits for this visit yet
            self.paid[task] = instance
            yield task


@dataclass
class Office:
    """Where processes are started: `live` holds the ports that a balancer would send people to."""

    folder: Path
    database_url: str
    live: list[int] = field(default_factory=list)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def run(self, name: str, word: str, **more: str) -> None:
        """Start `pilar WORD` and call it NAME."""
        keys = self.folder / "keys"
        if not keys.exists():
            Keys(encryption={1: bytes(range(32))}, current=1, lookup=bytes(32)).write(keys)
        own = {
            "DATABASE_URL": self.database_url, "REDIS_URL": "", "PILAR_DATA": str(self.folder / name),
            "PILAR_SECRET": "s" * 40, "PILAR_KEYS": str(keys), "PILAR_WEB_WORKERS": "2", "PILAR_LOG": "warning",
        }  # fmt: skip
        command = [sys.executable, "-m", "engine.cli", word]
        environment = {**os.environ, **own, **more}
        self.processes[name] = start(command, log=self.folder / f"{name}.log", environment=environment, cwd=PROJECT)

    def run_web(self, name: str, wanted: int) -> int:
        """Start a web process and send it people once it is ready; its port."""
        port = free_port("127.0.0.1", wanted)
        self.run(name, "web", PORT=str(port))
        until(lambda: status(port, "/readyz") == 200, 60 * slowness())
        self.live.append(port)
        return port

    def ask_to_end(self, *names: str) -> None:
        """SIGTERM to all of them at once; each ends in order."""
        for name in names:
            self.processes[name].send_signal(signal.SIGTERM)
        for name in names:
            assert self.processes.pop(name).wait(20) == 0, name

    def close(self) -> None:
        """Kill what still runs."""
        for process in self.processes.values():
            process.kill()
            process.wait()


@dataclass
class Person(threading.Thread):
    """Claims and completes tasks one after another; repeats each command with the same key until it is answered."""

    office: Office
    username: str
    tasks: Iterator[int]
    acknowledged: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    repeats: int = 0
    unavailable: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    _cookies: dict[str, str] = field(default_factory=dict)
    _token: str = ""

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def sign_in(self) -> None:
        """Through the form."""
        fields = {"username": self.username, "password": factories.PASSWORD}
        self._token = token(self._answered("GET", "/sign-in")[1])
        assert self._answered("POST", "/sign-in", fields)[0] == 303
        self._token = token(self._answered("GET", "/profile")[1])

    def run(self) -> None:
        """Until told to stop, or until there is nothing left."""
        for task in self.tasks:
            told = [
                self._answered("POST", f"/tasks/{task}/claim", {}),
                self._answered("POST", f"/tasks/{task}", {**FIELDS, "_key": f"rolling-{task}"}),
            ]
            self.refused += [f"{status} {body[:80]}" for status, body in told if status != 303]
            self.acknowledged.append(task)
            if self.over.wait(PAUSE_S):
                return

    def _answered(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            # The balancer's turn: now this one, now that one, and another one at a repeat.
            port = self.office.live[(len(self.acknowledged) + self.repeats) % len(self.office.live)]
            try:
                answer = self._send(port, method, path, fields)
            except (http.client.HTTPException, OSError):
                answer = None
            if answer is not None and answer[0] != 503:
                return answer
            self.unavailable += answer is not None
            self.repeats += 1
            assert time.monotonic() < deadline, path
            self.over.wait(PAUSE_S)

    def _send(self, port: int, method: str, path: str, fields: dict[str, str] | None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        body = None
        if fields is not None:
            body = urlencode({**fields, "csrf_token": self._token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def token(page: str) -> str:
    """What a form must send back."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


def status(port: int, path: str) -> int:
    """The answer's status; 0 if nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@contextmanager
def at_work(people: list[Person]) -> Iterator[None]:
    """They work while the block runs, and finish what they have in hand."""
    for person in people:
        person.sign_in()
        person.start()
    try:
        yield
    finally:
        for person in people:
            person.over.set()
        for person in people:
            person.join(TIMEOUT_S)


def work_on(people: list[Person], more: int = 6) -> None:
    """Until this many more commands were acknowledged."""
    wanted = acknowledged(people) + more
    until(lambda: acknowledged(people) >= wanted, 60)


def acknowledged(people: list[Person]) -> int:
    """How many visits are done, as far as people know."""
    return sum(len(person.acknowledged) for person in people)


def check(people: list[Person], visits: Visits) -> None:
    """Everything acknowledged is there, once; every case went on to its end by itself; every promise is kept."""
    done = [task for person in people for task in person.acknowledged]
    values = {"tasks": done, "instances": [visits.paid[task] for task in done]}
    ended = text("SELECT count(*) FROM process_instance WHERE id = ANY(:instances) AND state = 'completed'")
    once = text("SELECT count(*) FROM history WHERE kind = 'task.completed' AND task_id = ANY(:tasks)")
    assert [person.refused for person in people] == [[]] * len(people)

    def counted(query: TextClause) -> int:
        with visits.engine.connect() as connection:
            return int(connection.execute(query, values).scalar_one())

    until(lambda: counted(ended) == len(done), 60)
    assert counted(once) == len(done)
    with make_sessions(visits.engine)() as session:
        assert fsck.check(session) == []
