"""People at work while faults happen: they sign in over HTTP, claim, complete, and repeat until they are answered."""

import http.client
import queue
import random
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests import factories
from tests.faults.ledger import Ledger

TIMEOUT_S = 10.0
GIVE_UP_S = 90.0
SQL = re.compile(r"SELECT |UPDATE |psycopg|sqlalchemy|Traceback", re.IGNORECASE)
FORM = {"note": "Ibu Contoh", "n": "3"}
Answer = tuple[int, str, dict[str, str]]


@dataclass
class Browser:
    """One signed-in worker over one kept connection."""

    port: int
    ledger: Ledger
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    _connection: http.client.HTTPConnection | None = None

    def sign_in(self, username: str) -> None:
        """Sign in through the form, however often that takes."""
        page = self.until_answered("GET", "/sign-in")
        fields = {"username": username, "password": factories.PASSWORD, "csrf_token": _token(page[1])}
        assert self.until_answered("POST", "/sign-in", fields)[0] == 303
        self.read_token()

    def read_token(self) -> None:
        """For who was signed in without the form."""
        self.token = _token(self.until_answered("GET", "/profile")[1])

    def until_answered(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        """Send, and send again after a cut connection, silence or a 5xx, with the same fields: with the same key."""
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            answer = self.once(method, path, fields)
            if answer is not None and answer[0] < 500:
                return answer
            assert time.monotonic() < deadline, f"{method} {path}: {answer and answer[0]}"
            time.sleep(0.1)

    def once(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer | None:
        """One try; None if no answer came."""
        begin = time.monotonic()
        try:
            answer = self._send(method, path, fields)
        except (http.client.HTTPException, OSError):
            self.close()
            return None
        self.ledger.note_time(time.monotonic() - begin)
        if answer[0] >= 500:
            self._note_refusal(answer)
        return answer

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _send(self, method: str, path: str, fields: dict[str, str] | None) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields if "csrf_token" in fields else {**fields, "csrf_token": self.token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: part.value for name, part in SimpleCookie(header).items()}
        return answer.status, text, dict(answer.headers)

    def _note_refusal(self, answer: Answer) -> None:
        status, body, headers = answer
        self.ledger.bodies_with_sql += bool(SQL.search(body))
        if status == 503 and headers.get("Retry-After"):
            self.ledger.unavailable += 1
        else:
            self.ledger.odd.append(f"{status} {body[:80]!r}")


class Worker(threading.Thread):
    """Takes tasks from a queue until it is closed (None): claims each, completes it, notes what was acknowledged."""

    def __init__(self, browser: Browser, tasks: "queue.Queue[int | None]", seed: int, pause_s: float) -> None:
        super().__init__(daemon=True)
        self.browser, self.tasks, self.pause_s = browser, tasks, pause_s
        self.random = random.Random(seed)  # noqa: S311 - chance that can be repeated
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Work until there is no more."""
        try:
            while (task_id := self.tasks.get()) is not None:
                self._do(task_id)
                time.sleep(self.random.uniform(0, 2 * self.pause_s))
        except BaseException as error:  # said by the rig, in the test's own thread
            self.failure = error
        finally:
            self.browser.close()

    def _do(self, task_id: int) -> None:
        ledger, key = self.browser.ledger, f"faults-{task_id}"
        if self._is_done(f"/tasks/{task_id}/claim", {}):
            ledger.claimed.append(task_id)
        if self._is_done(f"/tasks/{task_id}", {**FORM, "_key": key}):
            ledger.completed[key] = task_id

    def _is_done(self, path: str, fields: dict[str, str]) -> bool:
        ledger = self.browser.ledger
        ledger.note_sent()
        status, body, _ = self.browser.until_answered("POST", path, fields)
        if status == 303:
            ledger.note_done()
        else:
            ledger.odd.append(f"{path}: {status} {body[:80]!r}")
        return status == 303


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', page)
    assert found, "the page has no form"
    return found[1]
