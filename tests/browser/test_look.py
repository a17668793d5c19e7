"""The components in a real browser: no sideways scrolling, nothing that hinders, nothing the content policy refuses."""

import json
import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from sqlalchemy.orm import sessionmaker
from werkzeug.serving import make_server

from engine.settings import PROJECT
from tests.browser import gallery
from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE
from tests.web.conftest import settings
from web import create_app

STATIC = PROJECT / "web" / "static"
HEAVIEST_EDITOR = 560 * 1024


@pytest.fixture(scope="module")
def gallery_url(built_assets: None) -> Iterator[str]:
    """A server with the gallery of components; it needs no database."""
    app = create_app(settings(), sessionmaker())
    gallery.add_to(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def _open(browser: Browser, address: str, size: dict[str, int], scheme: str = "light") -> tuple[Page, list[str]]:
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(message.text)

    page = browser.new_context(viewport=size, color_scheme=scheme, locale="id-ID").new_page()  # type: ignore[arg-type]
    page.on("console", note)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    return page, problems


# The product's own pages are looked at in light on both sizes (test_every_page.py).
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["1280 light", "360 dark"])
@pytest.mark.parametrize("name", gallery.PAGES)
def test_components_fit_and_hinder_nobody(
    browser: Browser, gallery_url: str, name: str, size: dict[str, int], scheme: str
) -> None:
    page, problems = _open(browser, f"{gallery_url}/gallery/{name}", size, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert violations(page) == []
    assert problems == []
    page.context.close()


def test_the_sticky_bar_never_hides_a_focused_field(browser: Browser, gallery_url: str) -> None:
    page, _ = _open(browser, f"{gallery_url}/gallery/task", WIDE)
    bar = page.locator(".app-actions--sticky")
    for name in ("income", "wish", "risk", "on"):
        page.focus(f"#{name}")
        field, edge = page.locator(f"#{name}").bounding_box(), bar.bounding_box()
        assert field
        assert edge
        assert field["y"] + field["height"] <= edge["y"] + 1 or field["y"] >= edge["y"] + edge["height"]
    page.context.close()


def test_the_diagram_shows_where_the_case_stands(browser: Browser, gallery_url: str) -> None:
    page, problems = _open(browser, f"{gallery_url}/gallery/task", WIDE)
    page.locator("[data-diagram]").scroll_into_view_if_needed()
    page.wait_for_selector("[data-diagram][data-ready]", timeout=20_000)
    assert page.locator(".pilar-here").count() == 1
    assert page.get_by_text("Anda di sini").count() == 2
    assert violations(page) == []
    assert problems == []
    page.context.close()


def test_the_editor_speaks_indonesian_and_stays_light(browser: Browser, gallery_url: str) -> None:
    page, problems = _open(browser, f"{gallery_url}/gallery/studio", WIDE)
    sizes: list[int] = []
    page.wait_for_selector("[data-editor][data-ready]", timeout=30_000)
    for name in ("studio.js", "studio.css"):
        built = json.loads((STATIC / "manifest.json").read_text())[name]
        sizes.append((STATIC / f"{built}.br").stat().st_size)
    assert sum(sizes) <= HEAVIEST_EDITOR
    page.locator(".djs-palette .entry").last.click()
    menu = page.locator(".djs-popup")
    expect(menu).to_contain_text("Buat unsur")
    expect(menu).to_contain_text("Tugas orang")
    page.keyboard.press("Escape")
    page.locator(".djs-element[data-element-id] > .djs-hit").nth(3).click(force=True)
    page.locator(".bio-properties-panel-group-header").evaluate_all("heads => heads.forEach(head => head.click())")
    said = page.locator(".app-editor").evaluate(
        "box => box.innerText + [...box.querySelectorAll('[title]')].map(one => one.title).join('\\n')"
    )
    english = {"Task", "Create", "Toggle", "Open", "Section", "List", "item", "Click", "value", "General", "listeners"}
    assert english & set(re.findall(r"\w+", said.replace("Powered by bpmn.io", ""))) == set()
    assert problems == []
    page.context.close()
