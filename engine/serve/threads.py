"""Gunicorn's worker of threads, which here does not go on once it had no memory."""

import contextlib
import os
import signal
import socket
from typing import Any

import psycopg
from gunicorn.workers.gthread import ThreadWorker

# What the interpreter says of C code that got no memory, and did not say so itself.
SPENT = (MemoryError, SystemError)
# Made beforehand: who has no memory cannot make an answer.
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def had_no_memory(error: BaseException | None) -> bool:
    """Whether it failed for want of memory, or something did on the way to it: locks, threads and logs fail next."""
    while error is not None:
        # libpq tells it as an error of the program, without a code of the server's.
        is_libpq = isinstance(error, psycopg.Error) and error.sqlstate is None and "out of memory" in str(error)
        if is_libpq or isinstance(error, SPENT):
            return True
        error = error.__cause__ or error.__context__
    return False


class EndingWorker(ThreadWorker):  # type: ignore[misc]
    """It may have no memory already for reading a request, before the application: that would go on for ever."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """As gunicorn does; without memory 503, and the process ends once its other threads have answered."""
        if not had_no_memory(exc):
            super().handle_error(req, client, addr, exc)
            return
        os.kill(os.getpid(), signal.SIGTERM)
        with contextlib.suppress(OSError, *SPENT):
            client.sendall(_FULL)
