"""Every page and every error state, on both sizes and in both languages: nothing hinders, overflows or fails."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Request, Response, expect
from sqlalchemy import update
from werkzeug.routing import MapAdapter

from engine.store.session import unit_of_work
from engine.store.workers import Worker
from tests.browser import things
from tests.browser.axe import carry, violations
from tests.browser.conftest import NARROW, WIDE, LiveServer
from tests.browser.pages import ANSWERS, LEADS_BACK, MISTAKES, NOT_PAGES, PAGES, Sending, Visit
from tests.web.conftest import settings
from web import create_app

NewContext = Callable[..., BrowserContext]
ComeIn = Callable[[BrowserContext, str], None]
# A diagram comes when it nears the screen; here it stays away, so that a page is the same at each visit.
_NEVER_NEAR = "window.IntersectionObserver = class { observe() {} unobserve() {} disconnect() {} }"
FIRST_LOAD, MOST_REQUESTS = 60 * 1024, 8
FIRST_PAGES = {
    "psm01": "/tasks",
    "tksk01": "/tasks",
    "pendamping01": "/tasks",
    "tagana01": "/tasks",
    "peksos01": "/tasks",
    "fo01": "/tasks",
    "bo01": "/tasks",
    "kb_rehsos": "/tasks",
    "kd01": "/tasks",
    "camat01": "/tasks",
    "analis01": "/processes",
    "operator01": "/operation",
    "admin01": "/office/workers",
    "dpo01": "/access-log",
}
# Each page once by day and once by night.
LOOKS = [
    pytest.param(NARROW, "id-ID", "light", id="360 id light"),
    pytest.param(WIDE, "en-US", "dark", id="1280 en dark"),
]


@pytest.fixture(scope="module")
def app() -> Flask:
    """The application, for its addresses only."""
    return create_app(settings(), None)  # type: ignore[arg-type]  # no request is made


@pytest.fixture(scope="module")
def ids(live_server: LiveServer) -> things.Ids:
    """What the pages are about."""
    with unit_of_work(live_server.sessions) as session:
        return things.find(session)


@pytest.fixture(scope="module")
def address(app: Flask, ids: things.Ids) -> Callable[[Visit | str], str]:
    """The path of a visit, or of an endpoint about the same thing."""
    adapter = app.url_map.bind("127.0.0.1")

    def build(visit: Visit, endpoint: str = "") -> str:
        return path(adapter, visit, ids, endpoint)

    return build


def path(adapter: MapAdapter, visit: Visit, ids: things.Ids, endpoint: str = "") -> str:
    """An endpoint's path with the visit's thing and values in it."""
    method = "POST" if endpoint else "GET"
    wanted = endpoint or visit.endpoint
    rule = next(rule for rule in adapter.map.iter_rules(wanted) if method in (rule.methods or ()))
    named = {name: ids[visit.thing] for name in rule.arguments if name.endswith("_id") and visit.thing}
    return adapter.build(wanted, {**visit.values, **named}, method=method)


def test_no_page_is_forgotten(app: Flask) -> None:
    gets = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert gets == {visit.endpoint for visit in PAGES} | NOT_PAGES, "add the new page to tests/browser/pages.py"
    sent = {sending.endpoint for sending in (*MISTAKES, *ANSWERS)}
    assert posts == sent | LEADS_BACK, "add the new form to tests/browser/pages.py"
    assert not sent & LEADS_BACK


class Look:
    """One person's browser going from page to page, noting what is wrong."""

    def __init__(self, context: BrowserContext, size: dict[str, int], language: str, *, again: bool) -> None:
        self.context, self.size, self.language, self.again = context, size, language, again
        self.problems, self.where = list[str](), ""
        carry(context)
        context.on("response", self._judge)
        context.on("requestfailed", self._regret)
        self.quiet = context.new_page()
        self.quiet.add_init_script(_NEVER_NEAR)

    def _judge(self, answer: Response) -> None:
        # What a form with a mistake answers is the page's own business; a part of a page has to be there.
        if answer.status >= 400 and not answer.request.is_navigation_request():
            self.problems.append(f"{self.where}: {answer.status} {answer.url}")

    def _regret(self, request: Request) -> None:
        # Leaving a page ends what it still asked for.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"{self.where}: {request.failure} {request.url}")

    def visit(self, visit: Visit, address: str) -> None:
        """Open a page and look at it."""
        self.where = visit.name
        page = self.context.new_page() if visit.ready else self.quiet
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == visit.status, f"{visit.name}: {answer.status}"
        if visit.ready:
            page.evaluate("document.querySelector('[data-diagram]')?.scrollIntoView()")
            page.locator(visit.ready).first.wait_for()
        self.judge(page)
        if visit.ready:
            page.close()

    def judge(self, page: Page) -> None:
        """What hinders on the page as it stands now, on this size and how it lies on the other."""
        found = violations(page, again=self.again)
        if page.locator(f"html[lang={self.language}]").count() != 1:
            found.append("it speaks another language")
        if page.locator("h1").count() != 1:
            found.append("it has not one heading")
        for size in (self.size, WIDE if self.size == NARROW else NARROW):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            if wide := page.evaluate(_TOO_WIDE):
                found.append(f"runs off the screen of {size['width']}: {wide}")
        page.set_viewport_size(self.size)  # type: ignore[arg-type]
        self.problems += [f"{self.where}: {problem}" for problem in found]


# Something that runs off the screen, or off a box that hides what does not fit (other than one made to be moved in).
_TOO_WIDE = """() => {
  const root = document.documentElement;
  const apart = ".govuk-visually-hidden, [data-canvas], [data-editor]";
  const isHidden = (one) => one.closest(apart) || !one.checkVisibility({ visibilityProperty: true });
  const hides = (box) => ["hidden", "clip"].includes(getComputedStyle(box).overflowX);
  const moves = (box) => ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
  const said = "a, button, input, select, textarea, summary, h1, h2, h3, p, li, dd, td";
  for (const one of document.querySelectorAll(said)) {
    if (isHidden(one)) continue;
    for (let box = one.parentElement; box && !moves(box); box = box.parentElement) {
      const edge = box === root ? root.clientWidth : hides(box) ? box.getBoundingClientRect().right : Infinity;
      if (one.getBoundingClientRect().right > edge + 1) return one.outerHTML.slice(0, 160);
    }
  }
  return root.scrollWidth > root.clientWidth ? "the page" : "";
}"""


@pytest.fixture
def look(new_context: NewContext, come_in: ComeIn, live_server: LiveServer) -> Callable[..., Look]:
    """Opens a person's browser; it alone says which language they read."""
    with unit_of_work(live_server.sessions) as session:
        session.execute(update(Worker).values(language=None))

    def begin(who: str, size: dict[str, int], locale: str, scheme: str, *, again: bool = False) -> Look:
        context = new_context(viewport=size, locale=locale, color_scheme=scheme)
        if who:
            come_in(context, who)
        return Look(context, size, locale[:2], again=again)

    return begin


@pytest.mark.parametrize(("size", "locale", "scheme"), LOOKS)
def test_every_page(
    look: Callable[..., Look], address: Callable[..., str], size: dict[str, int], locale: str, scheme: str
) -> None:
    problems: list[str] = []
    for who, visits in by_person(PAGES):
        eyes = look(who, size, locale, scheme, again=size == WIDE)
        for visit in visits:
            eyes.visit(visit, address(visit))
        problems += eyes.problems
        eyes.context.close()
    assert problems == []


def test_every_error_state(look: Callable[..., Look], address: Callable[..., str]) -> None:
    problems: list[str] = []
    for who, sendings in by_person(MISTAKES):
        eyes = look(who, NARROW, "id-ID", "dark")
        for sending in sendings:
            page = send(eyes, sending, address)
            expect(page.locator(".govuk-error-summary"), sending.name).to_be_focused()
            eyes.judge(page)
        problems += eyes.problems
        eyes.context.close()
    assert problems == []


def test_every_answer(look: Callable[..., Look], address: Callable[..., str]) -> None:
    problems: list[str] = []
    for who, sendings in by_person(ANSWERS):
        eyes = look(who, NARROW, "id-ID", "light")
        for sending in sendings:
            eyes.judge(send(eyes, sending, address))
        problems += eyes.problems
        eyes.context.close()
    assert problems == []


@pytest.mark.parametrize("who", FIRST_PAGES)
def test_each_role_begins_where_its_work_is(new_context: NewContext, come_in: ComeIn, who: str) -> None:
    context = new_context(viewport=NARROW)
    come_in(context, who)
    page = context.new_page()
    page.goto("/")
    expect(page.locator(".app-bottom [aria-current=page]")).to_have_attribute("href", FIRST_PAGES[who])
    assert page.evaluate(_TOO_WIDE) == ""


@pytest.mark.parametrize("endpoint", ["inbox.index", "tasks.show", "cases.show"])
def test_the_first_load_is_small(
    new_context: NewContext, come_in: ComeIn, address: Callable[..., str], endpoint: str
) -> None:
    context = new_context()
    come_in(context, "tksk01")
    page = context.new_page()
    cable = context.new_cdp_session(page)
    cable.send("Network.enable")
    cable.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    inline: set[str] = set()  # pictures that the style sheet holds: nothing is asked for them

    def ask(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("data:"):
            inline.add(event["requestId"])

    def come(event: dict[str, Any]) -> None:
        if event["requestId"] not in inline:
            sizes.append(event["encodedDataLength"])

    cable.on("Network.requestWillBeSent", ask)
    cable.on("Network.loadingFinished", come)
    page.goto(address(next(visit for visit in PAGES if visit.endpoint == endpoint)), wait_until="load")
    assert len(sizes) <= MOST_REQUESTS
    assert sum(sizes) <= FIRST_LOAD, sizes


def by_person(rows: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Rows (visits or what is sent) of each person, so that one browser serves them all."""
    found = defaultdict(list)
    for row in rows:
        found[(row.visit if isinstance(row, Sending) else row).who].append(row)
    yield from found.items()


_SEND = """([action, typed, choice]) => {
  const forms = [...document.querySelectorAll("main form[method=post]")];
  const form = forms.find((one) => new URL(one.action).pathname === action);
  for (const [name, value] of Object.entries(typed)) form.querySelector(`[name="${name}"]`).value = value;
  // Past htmx, so that a whole page comes; a button that says something can only be pressed.
  if (choice) form.requestSubmit(form.querySelector(`button[value="${choice}"]`));
  else form.submit();
}"""


def send(eyes: Look, sending: Sending, address: Callable[..., str]) -> Page:
    """Open a page, fill its form and send it; the page that comes."""
    eyes.where, page = sending.name, eyes.quiet
    page.goto(address(sending.visit))
    action = address(sending.visit, sending.endpoint)
    with page.expect_navigation():
        page.evaluate(_SEND, [action, dict(sending.typed), sending.choice])
    return page
