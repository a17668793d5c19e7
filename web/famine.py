"""A web process that has no memory left: it says so, and ends, so that the server starts a new one in its place."""

import contextlib
import logging
import os
import signal
from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from engine.serve.threads import SPENT, had_no_memory

# Made beforehand: who has no memory cannot make a page.
_STATUS = f"{HTTPStatus.SERVICE_UNAVAILABLE.value} {HTTPStatus.SERVICE_UNAVAILABLE.phrase}"
_HEADERS = [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1"), ("Connection", "close")]
_BODY = [b"Sistem sedang penuh. Kirim lagi sebentar lagi; isian Anda tidak hilang.\n"
         b"The system is full. Send it again in a moment; nothing that you typed is lost.\n"]  # fmt: skip

log = logging.getLogger(__name__)


class EndsWithoutMemory:
    """The application, in a process that does not go on after a MemoryError: what failed once would fail for ever.

    Nothing of the request is kept, or all of it: whoever sends the same form again gets the first answer.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The application's answer, or 503."""
        try:
            return self._app(environ, start_response)
        except Exception as error:  # the process's edge: what fails for want of memory has many names
            if not had_no_memory(error):
                raise
            os.kill(os.getpid(), signal.SIGTERM)  # gunicorn's worker finishes the requests of its other threads
            start_response(_STATUS, _HEADERS)
            with contextlib.suppress(*SPENT, RuntimeError):  # a line in the log needs memory, too
                log.error("out_of_memory")
            return _BODY
