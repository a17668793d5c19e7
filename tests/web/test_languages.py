"""Every kind of page in both languages, as every role meets it in the demo: no word of the one on the other's page."""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import Client

from engine.actors import Role
from engine.casework import accounts, batches, demo_data, studio
from engine.casework.selection import Selection
from engine.settings import PROJECT
from engine.store.cases import Case
from engine.store.incidents import Incident
from engine.store.instances import ProcessInstance
from engine.store.session import make_engine
from engine.store.workers import Worker
from engine.stories.demo import load_cases
from tests.web import bilingual
from tests.web.bilingual import Page
from tests.web.conftest import settings
from web import create_app
from web.i18n import COOKIE, LANGUAGES

# The first worker of each role.
WORKERS = {row[2][0]: row[0] for row in reversed(demo_data.WORKERS)}
STARTS = ("/", "/more", "/profile")
# What answers with a file or a part of a page.
NO_PAGES = {
    "assets.file", "cases.diagram", "documents.show", "health.alive", "health.ready", "instances.diagram",
    "studio.draft_file", "studio.version_file",
    "tasks.diagram", "tasks.following",
    "migrations.ask",  # led to once a family has two versions; tests/browser/test_every_page.py looks at it
}  # fmt: skip
# Each step of a case has a page of its own; of these a worker opens this many.
MOST_STEPS = 3
_TAB = re.compile(r"\btab=\w+")
_NUMBER = re.compile(r"\d+")
# What would send the worker away, or the next pages with them.
NOT_SENT = ("signin.sign_out", "signin.choose_language", "profile.save_settings", "studio.open_draft")
CHANGED = "emergency/emergency.bpmn"
Seen = tuple[str, str, Page]
"""Language, address, page."""


@dataclass
class Demo:
    """The demo's office with its cases, and what each worker's browser has as a cookie."""

    app: Flask
    connection: Connection
    tokens: dict[str, str]
    receipt: str
    opened: set[str] = field(default_factory=set)
    looked_at: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)

    def client(self, username: str | None, language: str) -> Client:
        """A browser that reads in a language."""
        client = self.app.test_client()
        client.set_cookie(COOKIE, language)
        if username:
            client.set_cookie("pilar_session", self.tokens[username])
        return client

    def endpoint(self, address: str, method: str = "GET") -> str:
        """What answers at an address of ours."""
        found, _ = self.app.url_map.bind("localhost").match(address.partition("?")[0], method=method)
        return str(found)

    def pages(self, username: str | None) -> Iterator[Seen]:
        """What the worker reaches by links, each kind of page and each of its tabs once; and what the forms on these
        pages answer when they are sent as they stand.

        Of the steps of cases, first one, then such as nobody has looked at: each has a page of its own.
        """
        client = self.client(username, LANGUAGES[0])
        starts = [*STARTS, self.receipt] if username else ["/sign-in"]
        waiting, known, counted = deque(starts), set(starts), Counter[str]()
        while waiting:
            address = waiting.popleft()
            endpoint = self.endpoint(address)
            kind = f"{endpoint} {_TAB.findall(address)}"
            if counted[kind] and (endpoint != "tasks.show" or address in self.looked_at or counted[kind] >= MOST_STEPS):
                continue
            counted[kind] += 1
            self.looked_at.add(address)
            self.opened.add(endpoint)
            answer = client.get(address)
            page = Page(answer.text) if answer.mimetype == "text/html" and not answer.location else None
            if page is not None:
                yield from self.in_all_languages(address, page, username)
                yield from self.answers(address, page, username)
            links = [answer.location] if answer.location else page.links() if page else ()
            fresh = [link for link in links if link not in known]
            known.update(fresh)
            waiting.extend(fresh)

    def in_all_languages(self, address: str, page: Page, username: str | None) -> Iterator[Seen]:
        """The page in the first language; in the others too where it says, but for its numbers, something new."""
        yield LANGUAGES[0], address, page
        said = {_NUMBER.sub("#", text) for text in page.texts()}
        if said <= self.said:
            return
        self.said |= said
        for language in LANGUAGES[1:]:
            yield language, address, Page(self.client(username, language).get(address).text)

    def answers(self, at: str, page: Page, username: str | None) -> Iterator[Seen]:
        """What the page's forms answer; each kind of form once, and nothing of it is kept."""
        for target, fields in page.submissions():
            address = target or at
            endpoint = self.endpoint(address, "POST")
            what = at if endpoint == "tasks.send" else f"{endpoint} {fields.get('_form')}"
            if endpoint in NOT_SENT or what in self.sent:
                continue
            self.sent.add(what)
            for language in LANGUAGES:
                with self.taken_back():
                    answer = self.client(username, language).post(address, data=fields, follow_redirects=True)
                if answer.mimetype == "text/html":
                    yield language, f"POST {address}", Page(answer.text)

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """What happens inside leaves no trace."""
        inner = self.connection.begin_nested()
        try:
            yield
        finally:
            inner.rollback()


@pytest.fixture(scope="module")
def demo(make_demo_db: "Callable[[], str]") -> Iterator[Demo]:
    """The demo in a transaction that is rolled back."""
    engine = make_engine(make_demo_db())
    with engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        with sessions() as session:
            load_cases(session, PROJECT / "workflows")
            tokens = {
                worker.username: accounts.open_session(session, worker, "Firefox · Linux")
                for worker in session.scalars(select(Worker).where(Worker.username.in_(WORKERS.values())))
            }
            _draft(session)
            _stand_still(session)
            session.commit()
            first_case = session.scalars(select(Case.id).order_by(Case.id).limit(1)).one()
        app = create_app(settings(), sessions)
        receipt = app.url_map.bind("localhost").build("register.receipt", {"case_id": first_case})
        yield Demo(app, connection, tokens, receipt)
        outer.rollback()
    engine.dispose()


def _draft(session: Session) -> None:
    """An analyst's draft that changes a diagram."""
    analyst = session.scalars(select(Worker).where(Worker.username == WORKERS[Role.ANALYST])).one().actor()
    draft = studio.open_draft(session, analyst, CHANGED.partition("/")[0])
    body = studio.files(session, draft)[CHANGED].replace(b"PT15M", b"PT20M")
    studio.save_file(session, analyst, draft.id, CHANGED, body, read_rev=draft.rev)


def _stand_still(session: Session) -> None:
    """An incident, for the pages of operators."""
    row = session.scalars(select(ProcessInstance).order_by(ProcessInstance.id).limit(1)).one()
    incident = {"element_id": "VerifyReport", "code": "no_flow", "message": "no_flow"}
    operator = session.scalars(select(Worker).where(Worker.username == WORKERS[Role.OPERATOR])).one().actor()
    batches.order(session, operator, "suspend", Selection(), "99-2026")
    session.add(Incident(instance_id=row.id, case_id=row.case_id, created_at=row.started_at, **incident))


def test_no_word_of_the_other_language(demo: Demo) -> None:
    words, found = bilingual.words(), dict[str, str]()
    judged: dict[str, set[str]] = {language: set() for language in LANGUAGES}
    for role, username in {"nobody": None, **WORKERS}.items():
        for language, address, page in demo.pages(username):
            fresh = page.texts() - judged[language]
            judged[language] |= fresh
            for text in fresh:
                for word in words.strangers(text, language):
                    found.setdefault(f"{language} {word}: {text[:160]}", f"{role} {address}")
    assert not found, "\n".join(f"{what} ({where})" for what, where in sorted(found.items()))
    pages = {rule.endpoint for rule in demo.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - demo.opened - NO_PAGES == set(), "no link of the demo leads to this page"
