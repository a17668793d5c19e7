"""The application on the test's own transaction, workers of province 99, and a browser-like client."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from engine.actors import SYSTEM
from engine.casework import workers
from engine.casework.workers import Profile
from engine.settings import Keys, Settings
from engine.store.regions import Region, RegionClosure, prefixes
from engine.store.session import make_engine
from engine.store.workers import Worker
from tests.conftest import TEMPLATE
from web import create_app

if TYPE_CHECKING:
    from tests.web.world import World

PASSWORD = "kuda laut ungu 7"
VILLAGE = "99.01.01.2001"

MakeWorker = Callable[..., Worker]


class CompiledTemplates(BytecodeCache):
    """Templates as the first application of this process compiled them, for the next ones."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja; the bucket knows whether its source is still the same."""
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja after compiling."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def _compile_templates_once() -> Iterator[None]:
    """Each test has an application of its own; compiling its templates would take most of the test's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", CompiledTemplates())
        yield


class Browser:
    """A client that reads a page's token before it posts, as a browser does."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET with no redirects followed."""
        return self.client.get(path, **options)

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, page: str = "/profile", **options: Any
    ) -> TestResponse:
        """POST with the token of `page` (where the form stands)."""
        return self.client.post(path, data={"csrf_token": self.token(page), **(data or {})}, **options)

    def token(self, page: str) -> str:
        """The token in the forms of `page`."""
        found = re.search(r'name="csrf_token" value="(\w+)"', self.client.get(page, follow_redirects=True).text)
        assert found, f"{page} has no form"
        return found[1]

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        """Sign in through the form."""
        return self.post("/sign-in", {"username": username, "password": password}, page="/sign-in")


def settings(**changes: Any) -> Settings:
    """Settings of a small office for tests."""
    values: dict[str, Any] = {
        "database_url": "postgresql://unused", "redis_url": None, "secret": "t" * 48,
        "keys": Keys(encryption={1: bytes(32)}, current=1, lookup=bytes(32)), "data": Path("var"), "host": "127.0.0.1",
        "port": 8000, "public_url": "http://localhost", "trusted_proxies": 0, "web_workers": 1,
        "office_timezone": ZoneInfo("Asia/Jakarta"), "mail_url": None, "mail_from": "pilar@localhost",
        "log_level": "info", "demo": True,
    }  # fmt: skip
    return Settings(**(values | changes))


@pytest.fixture
def sessions(session: Session) -> sessionmaker[Session]:
    """Sessions on the test's connection: what a request commits is rolled back after the test."""
    return sessionmaker(session.connection(), join_transaction_mode="create_savepoint", expire_on_commit=False)


@pytest.fixture(scope="session")
def app_of_the_run() -> Flask:
    """The application as it runs over plain http: making one takes longer than most tests."""
    return create_app(settings(), sessionmaker())


@pytest.fixture
def app(request: pytest.FixtureRequest, app_of_the_run: Flask, sessions: sessionmaker[Session]) -> Flask:
    """The application on the test's connection; one of its own for tests marked `own_app`, which change it."""
    if request.node.get_closest_marker("own_app"):
        return create_app(settings(), sessions)
    app_of_the_run.extensions["pilar_sessions"] = sessions
    return app_of_the_run


@pytest.fixture
def browser(app: Flask) -> Browser:
    """One browser, nobody signed in."""
    return Browser(app.test_client())


@pytest.fixture
def make_worker(session: Session) -> MakeWorker:
    """`make_worker("tksk01", "tksk")`: a worker with roles in the test's village."""

    def make(username: str, *roles: str, name: str = "Sari Contoh", unit: str | None = None) -> Worker:
        _add_regions(session)
        profile = Profile(name=name, roles=roles or ("tksk",), regions=[prefixes(VILLAGE)[2]], unit=unit)
        worker, _ = workers.add(session, SYSTEM, username, profile, PASSWORD)
        session.commit()
        return worker

    return make


def _add_regions(session: Session) -> None:
    codes = prefixes(VILLAGE)
    if session.get(Region, VILLAGE) is not None:
        return
    for level, code in enumerate(codes):
        if session.get(Region, code) is None:
            parent = codes[level - 1] if level else None
            session.add(Region(code=code, name=f"Contoh {code}", level=level + 1, parent_code=parent))
            session.flush()
            session.add_all(RegionClosure(ancestor=above, descendant=code) for above in codes[: level + 1])
    session.flush()


@pytest.fixture(scope="session")
def office_url(make_copy: Callable[[str], str]) -> str:
    """Address of the office's database."""
    return make_copy(TEMPLATE)


@pytest.fixture(scope="session")
def office(office_url: str) -> "Iterator[Callable[[Connection], World]]":
    """Opens the office of tests/web/world.py, committed in a database of its own, on a connection."""
    from tests.web import world

    engine = make_engine(office_url)
    yield world.build(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def world(office_url: str, office: "Callable[[Connection], World]") -> "Iterator[World]":
    """The office, in a transaction that is rolled back after the module's tests."""
    engine = make_engine(office_url)
    with engine.connect() as connection:
        outer = connection.begin()
        yield office(connection)
        outer.rollback()
    engine.dispose()
