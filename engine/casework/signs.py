"""Signs of life of workers and schedulers, in PostgreSQL: known also where there is no Redis."""

import os
import socket
import time

from engine import clock
from engine.store import process_signs
from engine.store.session import Sessions, unit_of_work

EVERY_S = 10.0


class Signing:
    """Called in a process's loop: writes that it is there, every EVERY_S seconds at most."""

    def __init__(self, sessions: Sessions, kind: str) -> None:
        self._sessions = sessions
        self._kind = kind
        self._began_at = clock.now()
        self._next = 0.0

    def __call__(self) -> None:
        """Write the sign if it is time."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_S
        with unit_of_work(self._sessions) as session:
            process_signs.sign(session, self._kind, socket.gethostname(), os.getpid(), self._began_at)
