"""The frame of the pages: navigation per role, fragments for htmx, icons, notices."""

import re

import pytest
from flask import Flask, flash, g

from engine.actors import Actor, Role
from engine.settings import PROJECT
from tests.web.conftest import Browser, MakeWorker
from web import navigation, pages, ui
from web.auth import may_open

TEMPLATES = PROJECT / "web" / "templates"
SPRITE = PROJECT / "web" / "assets" / "icons.svg"


def _keys(app: Flask, *roles: Role) -> list[str]:
    with app.test_request_context("/"):
        g.actor = Actor(id=1, username="x", name="X", roles=frozenset(roles))
        return [item.key for item in navigation.navigation()]


def test_each_role_sees_its_own_pages(app: Flask) -> None:
    assert _keys(app, Role.TKSK)[0] == "tasks"
    assert "approvals" not in _keys(app, Role.TKSK)
    assert {"approvals", "team"} <= set(_keys(app, Role.DIVISION_HEAD))
    assert _keys(app, Role.ADMIN) == ["workers"]
    assert _keys(app, Role.OPERATOR)[0] == "operator"
    assert _keys(app, Role.ANALYST) == ["processes"]


@pytest.mark.parametrize("role", list(Role))
def test_the_phone_bar_has_at_most_four_places_and_more_the_rest(app: Flask, role: Role) -> None:
    with app.test_request_context("/"):
        g.actor = Actor(id=1, username="x", name="X", roles=frozenset({role}))
        shown = [item.key for item in navigation.phone_navigation()]
        assert len(shown) <= 4
        assert set(shown) <= {item.key for item in navigation.everything()}
        if may_open("register.search"):
            assert shown[2] == "register"


def test_every_item_leads_to_a_page(app: Flask) -> None:
    assert [item.endpoint for item in navigation.ITEMS if item.endpoint not in app.view_functions] == []


def test_the_first_page_is_the_workers_own(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    make_worker("admin01", "admin", name="Intan Contoh")
    browser.sign_in("tksk01")
    assert browser.get("/").headers["Location"] == "/tasks"
    browser.post("/sign-out")
    browser.sign_in("admin01")
    assert browser.get("/").headers["Location"] == "/office/workers"


def test_a_signed_in_person_does_not_sign_in_twice(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    assert browser.get("/sign-in").status_code == 302


def test_the_phones_more_page_holds_profile_and_sign_out(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    page = browser.get("/more").text
    assert "Profil dan pengaturan" in page
    assert 'action="/sign-out"' in page


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ({"HX-Request-Type": "partial", "HX-Target": "div#rows"}, "rows"),
        ({"HX-Request-Type": "full", "HX-Target": "body"}, None),
        ({}, None),
    ],
)
def test_htmx_names_the_part_it_wants(app: Flask, headers: dict[str, str], target: str | None) -> None:
    with app.test_request_context("/", headers=headers):
        assert pages.htmx_target() == target


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", True),
        ("application/problem+json", True),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_who_wants_json(app: Flask, accept: str, expected: bool) -> None:
    with app.test_request_context("/", headers={"Accept": accept} if accept else {}):
        assert pages.wants_json() is expected


def test_notices_show_once_with_their_tone(app: Flask) -> None:
    with app.test_request_context("/"):
        g.actor = None
        flash("Tugas diambil.", "success")
        page = pages.render("auth/sign_in.html", wanted="/")
        assert "app-notice--success" in page
        assert "Tugas diambil." in page


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'symbol id="([\w-]+)"', SPRITE.read_text(encoding="utf-8")))
    sources = [path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")]
    named = {name for text in sources for name in re.findall(r'icon(?:=|\()"([\w-]+)"', text)}
    named |= {item.icon for item in navigation.ITEMS}
    assert named - drawn == set()


def test_no_template_carries_styles_or_handlers() -> None:
    refused = re.compile(r'\sstyle="|\son(?:click|change|submit|input|load)=|<style|\|\s*safe\b|hx-on')
    guilty = [str(path) for path in TEMPLATES.rglob("*.html") if refused.search(path.read_text(encoding="utf-8"))]
    assert guilty == []


def test_every_macro_name_exists_once(app: Flask) -> None:
    vocabulary = app.jinja_env.globals["ui"]
    assert isinstance(vocabulary, ui.Macros)
    assert callable(vocabulary.button)
    with pytest.raises(AttributeError, match="no macro nothing"):
        _ = vocabulary.nothing


def test_a_page_escapes_what_people_typed(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk", name="<script>alert(1)</script>")
    browser.sign_in("tksk01")
    page = browser.get("/profile").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_first_load_is_small(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    headers = {"Accept-Encoding": "br"}
    page = browser.get("/profile")
    names = set(re.findall(r"/static/[\w.-]+", page.text))
    sizes = {}
    for name in names:
        with browser.get(name, headers=headers) as answer:
            sizes[name] = len(answer.data)
    assert len(names) <= 6
    assert sum(sizes.values()) + len(browser.get("/profile", headers=headers).data) <= 60_000
    assert sum(size for name, size in sizes.items() if name.endswith(".js")) <= 25_000
    assert sum(size for name, size in sizes.items() if name.endswith(".css")) <= 20_000
