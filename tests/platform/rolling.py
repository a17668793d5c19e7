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

from engine.serve.processes import start
from engine.settings import PROJECT, Keys
from tests import factories

FIELDS = {"note": "Ibu Contoh", "n": "3"}
TIMEOUT_S = 15
PAUSE_S = 0.05


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

    def ask_to_end(self, *names: str) -> float:
        """SIGTERM to all of them at once; the seconds until the last one has ended, each of them in order."""
        begin = time.monotonic()
        for name in names:
            self.processes[name].send_signal(signal.SIGTERM)
        for name in names:
            assert self.processes.pop(name).wait(20) == 0, name
        return time.monotonic() - begin

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
                return self._send(port, method, path, fields)
            except (http.client.HTTPException, OSError):
                self.repeats += 1
                assert time.monotonic() < deadline, path

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
