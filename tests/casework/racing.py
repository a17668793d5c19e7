"""Two at once on a real database: one stops between its read and its write until the other is done."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from engine.store.session import make_engine, make_sessions, unit_of_work

T = TypeVar("T")
WRITE = "UPDATE process_instance SET body"
PATIENCE = 20.0


class Racer:
    """One participant with connections of its own, as another process has. It stops once before `at`, if told to."""

    def __init__(self, url: str, pool: ThreadPoolExecutor) -> None:
        self.engine: Engine = make_engine(url)
        self.sessions = make_sessions(self.engine)
        self._pool = pool
        self._stop_at = ""
        self._reached = threading.Event()
        self._go_on = threading.Event()
        event.listen(self.engine, "before_cursor_execute", self._before)

    def _before(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self._stop_at and self._stop_at in statement:
            self._stop_at = ""
            self._reached.set()
            assert self._go_on.wait(PATIENCE), "nobody said go on"

    def start(self, act: Callable[[Session], T], *, stop_before: str = "") -> "Future[T]":
        """Do `act` in a transaction of a thread; returns when it has stopped (or begun, if it is not to stop)."""
        self._stop_at = stop_before
        self._reached.clear()
        self._go_on.clear()
        future = self._pool.submit(self.do, act)
        if stop_before:
            while not self._reached.wait(0.05):
                assert not future.done(), f"it never came to that statement: {future.exception()!r}"
        return future

    def watch(self, statement: str) -> threading.Event:
        """Set whenever such a statement is about to be sent."""
        seen = threading.Event()

        def look(_connection: Any, _cursor: Any, sent: str, *_: Any) -> None:
            if statement in sent:
                seen.set()

        event.listen(self.engine, "before_cursor_execute", look)
        return seen

    def wait_until_blocked(self) -> None:
        """Until another connection waits for a lock of this database."""
        query = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        deadline = time.monotonic() + PATIENCE
        while not self.do(lambda session: session.scalar(query)):
            assert time.monotonic() < deadline, "nobody waits for a lock"

    def go_on(self) -> None:
        """Let it write."""
        self._go_on.set()

    def do(self, act: Callable[[Session], T]) -> T:
        """Do `act` in a transaction, here and now."""
        with unit_of_work(self.sessions) as session:
            return act(session)


@contextmanager
def racers(url: str, count: int = 2) -> Iterator[list[Racer]]:
    """Participants on one database."""
    with ThreadPoolExecutor(count) as pool:
        found = [Racer(url, pool) for _ in range(count)]
        try:
            yield found
        finally:
            for racer in found:
                racer.go_on()
    for racer in found:
        racer.engine.dispose()
