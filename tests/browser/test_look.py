"""The components in a real browser: no sideways scrolling, nothing that hinders, nothing the content policy refuses."""

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from sqlalchemy.orm import sessionmaker
from werkzeug.serving import make_server

from tests.browser import gallery
from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE
from tests.web.conftest import settings
from web import create_app


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
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


def test_the_editor_opens_checks_and_saves_the_diagram(browser: Browser, gallery_url: str) -> None:
    page, problems = _open(browser, f"{gallery_url}/gallery/studio", WIDE)
    page.wait_for_selector("[data-editor][data-ready]", timeout=30_000)
    findings, state = page.locator("[data-editor-findings]"), page.locator("[data-editor-state]")
    expect(findings).to_contain_text("Salah Tindak lanjuti Alasan.")
    findings.get_by_role("button").click()
    page.locator(".bio-properties-panel-group-header", has_text="Umum").click()
    page.locator(".bio-properties-panel textarea[name=name]").fill("Nama yang diubah")
    expect(state).to_have_text("Belum disimpan")
    expect(findings).to_have_text("Tidak ada temuan.")
    with page.expect_request(lambda request: request.url.endswith("/save")) as sent:
        page.get_by_role("button", name="Simpan").click()
    assert "Nama yang diubah" in parse_qs(sent.value.post_data or "")["body"][0]
    expect(state).to_have_text("Tersimpan")
    assert violations(page) == []
    assert problems == []
    page.get_by_role("button", name="Simpan").click()
    expect(state).to_contain_text("Tidak tersimpan.")
    expect(state.get_by_role("link")).to_have_attribute("download", "diagram.bpmn")
    page.context.close()
