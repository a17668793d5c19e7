"""A real browser on the real application: gunicorn, worker and scheduler on a demo database of their own."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Response,
    expect,
    sync_playwright,
)
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from engine.casework import accounts
from engine.serve.postgres import Postgres
from engine.serve.processes import free_port, start, stop
from engine.serve.valkey import Valkey
from engine.serve.web import answers
from engine.settings import PROJECT, Keys
from engine.store import crypto
from engine.store.cases import Case
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job, JobKind, JobState
from engine.store.session import make_engine, make_sessions, unit_of_work
from engine.store.workers import by_username
from engine.stories.demo import load_case, load_cases
from tests.browser import chromium
from tests.conftest import make_template

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 740}
TELEPHONE: dict[str, Any] = {"viewport": NARROW, "has_touch": True, "is_mobile": True}
LIVE_TEMPLATE = "pilar_live_template"
# Beside the demo's own cases: one that waits for an agency, one whose file is reviewed, one that is closed.
_REVIEWED = {"client_name": "Sumini Contoh", "client_nik": "9901014107860051", "birth_date": "1986-07-01"}
_REFUSED = {"client_name": "Warsini Contoh", "client_nik": "9901014107860041", "birth_date": "1986-07-01"}
MORE_CASES: tuple[dict[str, Any], ...] = (
    {"story": "pkh/handed_over", "ago": "P3D", "steps": 4},
    {"story": "case/plan_rejected", "ago": "P4D", "steps": 5, "answers": _REVIEWED},
    {"story": "case/plan_rejected", "ago": "P9D", "steps": 9, "answers": _REFUSED},
)
# How each process is told to end at once: what it holds is thrown away with its database.
PROCESSES = {"web": signal.SIGQUIT, "worker": signal.SIGTERM, "scheduler": signal.SIGTERM}
PASSWORD = "contoh-pilar-2026"
# A busy machine is slow, not broken: waiting long costs nothing where all is well.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test, also without saying so."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class LiveServer:
    """The running application; `sessions` writes to its database for a test's beginnings."""

    url: str
    sessions: sessionmaker[Session]
    logs: Path

    def let_time_pass(self, case_no: str, element_id: str) -> None:
        """Make the timer at which a case waits due now, as if its time had passed; the worker does the rest."""
        case = select(Case.id).where(Case.case_no == case_no).scalar_subquery()
        instances = select(ProcessInstance.id).where(ProcessInstance.case_id == case)
        waiting = (Job.kind == JobKind.TIMER, Job.state == JobState.READY, Job.element_id == element_id)
        with unit_of_work(self.sessions) as session:
            changed = session.execute(
                update(Job).where(Job.instance_id.in_(instances), *waiting).values(due_at=func.now()).returning(Job.id)
            )
            assert changed.all(), f"{case_no} does not wait for {element_id}"


@pytest.fixture(scope="session")
def live_template(postgres: Postgres, demo_template: str) -> str:
    """Name of a database with the cases that the demo begins with, at every stage; made once per run."""

    def load(session: Session) -> None:
        load_cases(session, PROJECT / "workflows")
        for entry in MORE_CASES:
            load_case(session, PROJECT / "workflows", entry)

    make_template(postgres, LIVE_TEMPLATE, demo_template, load)
    return LIVE_TEMPLATE


@pytest.fixture(scope="session")
def live_server(
    live_template: str,
    make_copy: Callable[[str], str],
    valkey_server: Valkey,
    tmp_path_factory: pytest.TempPathFactory,
    built_assets: None,
) -> Iterator[LiveServer]:
    """Web, worker and scheduler on a database with the demo's data and cases."""
    folder = tmp_path_factory.mktemp("live")
    # Each process of a test run has ports of its own: this one is chosen long before it is bound.
    database_url, port = make_copy(live_template), free_port("127.0.0.1", 10_000 + os.getpid() % 500 * 20)
    # A keyspace of its own: tests that count bells share the server with these processes.
    bells = urlsplit(valkey_server.url)._replace(path="/1").geturl()
    environment = {**os.environ, **_settings(folder, database_url, port), "REDIS_URL": bells}
    processes = {
        name: start(
            [sys.executable, "-m", "engine.cli", name],
            log=folder / f"{name}.log",
            environment=environment,
            cwd=PROJECT,
        )
        for name in PROCESSES
    }
    engine = make_engine(database_url)
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz", folder / "web.log")
        yield LiveServer(f"http://127.0.0.1:{port}", make_sessions(engine), folder)
    finally:
        for name, process in processes.items():
            process.send_signal(PROCESSES[name])
        for name, process in processes.items():
            stop(process, PROCESSES[name], patience=10)
        engine.dispose()


@pytest.fixture
def told(live_server: LiveServer) -> Callable[..., str]:
    """Tells a shipped story up to a step, about somebody else (`answers` of its report); the case's number."""

    def tell(story: str, steps: int, **answers: str) -> str:
        with unit_of_work(live_server.sessions) as session:
            load_case(
                session, PROJECT / "workflows", {"story": story, "ago": "P2D", "steps": steps, "answers": answers}
            )
            return session.scalars(select(Case.case_no).order_by(Case.id.desc()).limit(1)).one()

    return tell


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One headless Chromium for the run."""
    found = chromium.unpack()
    environment = {**os.environ, **found.environment}
    opened = playwright.chromium.launch(
        executable_path=str(found.executable), args=list(chromium.FLAGS), env=environment
    )
    yield opened
    opened.close()


@pytest.fixture
def new_context(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser of its own (cookies apart) for each person in a test.

    Errors of scripts, of the content policy or of the server on any page fail the test.
    """
    opened: list[BrowserContext] = []
    problems: list[str] = []

    def make(**options: object) -> BrowserContext:
        given: dict[str, Any] = {"viewport": WIDE, "locale": "id-ID", **options}
        context = browser.new_context(base_url=live_server.url, **given)
        context.set_default_timeout(PATIENCE_MS)
        _watch(context, problems)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()
    assert problems == []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page of 1280 px."""
    return new_context(viewport=WIDE).new_page()


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Page:
    """A page of 360 px with touch."""
    return new_context(**TELEPHONE).new_page()


@pytest.fixture(params=[WIDE, NARROW], ids=["1280", "360"])
def any_page(request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext]) -> Page:
    """The test runs twice: on 1280 px and on 360 px."""
    return new_context(viewport=request.param).new_page()


@pytest.fixture
def sign_in() -> Callable[[Page, str], Page]:
    """Signs a demo worker in on a page."""

    def enter(page: Page, username: str) -> Page:
        page.goto("/sign-in")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    return enter


@pytest.fixture
def come_in(live_server: LiveServer) -> Callable[[BrowserContext, str], None]:
    """Lets a browser in as a demo worker at once; the door itself has its own tests."""

    def enter(context: BrowserContext, username: str) -> None:
        with unit_of_work(live_server.sessions) as session:
            worker = by_username(session, username)
            assert worker is not None, username
            token = accounts.open_session(session, worker, "Chromium")
        context.add_cookies([{"name": "pilar_session", "value": token, "url": live_server.url}])

    return enter


def _watch(context: BrowserContext, problems: list[str]) -> None:
    def note(message: ConsoleMessage) -> None:
        # An answer such as 422 is logged by the browser too; tests look at answers themselves.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            problems.append(message.text)

    def judge(answer: Response) -> None:
        if answer.status >= 500:
            problems.append(f"{answer.status} {answer.request.method} {answer.url}")

    context.on("console", note)
    context.on("weberror", lambda failure: problems.append(str(failure.error)))
    context.on("response", judge)


def _settings(folder: Path, database_url: str, port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "PILAR_SECRET": "s" * 40,
        "PILAR_KEYS": str(_keys(folder)),
        "PILAR_DATA": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PILAR_WEB_WORKERS": "1",
        "PILAR_DEMO": "yes",
    }


def _keys(folder: Path) -> Path:
    """The tests' own key ring as a file, so that what a test writes the server can read."""
    path, ring = folder / "keys", crypto.ring()
    Keys(encryption=ring.keys, current=ring.current, lookup=ring.index_key).write(path)
    return path


def _wait_for(address: str, log: Path, patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if answers(address):
            return
        time.sleep(0.1)
    pytest.fail(f"The live server did not start:\n{log.read_text()[-3000:]}")
