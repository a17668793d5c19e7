"""A web process without memory: a short 503, nothing of it kept, and the process is asked to end."""

import signal
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import Client

from web import errors
from web.famine import EndsWithoutMemory


@pytest.fixture
def asked() -> Iterator[list[int]]:
    """The signals that this process got, instead of ending by them."""
    got: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: got.append(number))
    yield got
    signal.signal(signal.SIGTERM, before)


def test_a_process_without_memory_says_so_and_ends(asked: list[int]) -> None:
    app = Flask(__name__)
    errors.init_app(app)

    @app.get("/large")
    def large() -> str:
        raise MemoryError

    @app.get("/small")
    def small() -> str:
        return "ok"

    client = Client(EndsWithoutMemory(app.wsgi_app))
    assert (client.get("/small").text, asked) == ("ok", [])
    answer = client.get("/large")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "tidak hilang" in answer.text
    assert asked == [signal.SIGTERM]
