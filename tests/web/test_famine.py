"""A web process without memory: a short 503, nothing of it kept, and the process is asked to end."""

import signal
import socket
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import ProgrammingError
from werkzeug.test import Client

from engine.serve.threads import EndingWorker
from web import errors, famine
from web.famine import EndsWithoutMemory


@pytest.fixture
def asked() -> Iterator[list[int]]:
    """The signals that this process got, instead of ending by them."""
    got: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: got.append(number))
    yield got
    signal.signal(signal.SIGTERM, before)


def behind(last: Exception, first: Exception) -> Exception:
    """One that came of another."""
    last.__context__ = first
    return last


# How a connection says that it got no memory on our side.
LIBPQ = psycopg.ProgrammingError("out of memory")
WAYS = [
    MemoryError(),
    SystemError("error return without exception set"),
    behind(ProgrammingError("SELECT 1", {}, LIBPQ), LIBPQ),
    behind(RuntimeError("can't allocate read lock"), MemoryError()),
]


@pytest.mark.parametrize("raised", WAYS)
def test_a_process_without_memory_says_so_and_ends(
    asked: list[int], raised: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is there any memory for a line in the log."""
    app = Flask(__name__)
    errors.init_app(app)

    def spent(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(famine.log, "error", spent)

    @app.get("/large")
    def large() -> str:
        raise raised

    @app.get("/small")
    def small() -> str:
        return "ok"

    client = Client(EndsWithoutMemory(app.wsgi_app))
    assert (client.get("/small").text, asked) == ("ok", [])
    answer = client.get("/large")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "tidak hilang" in answer.text
    assert asked == [signal.SIGTERM]


def test_a_worker_without_memory_for_reading_a_request_says_so_and_ends(asked: list[int]) -> None:
    worker = object.__new__(EndingWorker)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker.handle_error(None, ours, ("127.0.0.1", 1), MemoryError())
        assert theirs.recv(4096).startswith(b"HTTP/1.1 503 ")
    assert asked == [signal.SIGTERM]
