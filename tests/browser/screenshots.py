"""The README's pictures, taken from a running demo by `make screenshots`; its name keeps it out of the suite."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page

from engine.settings import PROJECT
from tests.browser.conftest import TELEPHONE

PICTURES = PROJECT / "docs" / "pictures"
SignIn = Callable[[Page, str], Page]
NewContext = Callable[..., BrowserContext]


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Saves what a page shows, with few colours so that the repository stays small."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    def save(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        path = PICTURES / f"{name}.png"
        page.screenshot(path=str(path), animations="disabled")
        _fewer_colours(path)

    return save


def _fewer_colours(path: Path) -> None:
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(128).save(path, optimize=True)


def follow(page: Page, pattern: str) -> None:
    """Open the first link of the page's main part whose address matches."""
    found = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.getAttribute('href'))")
    page.goto(next(address for address in found if re.fullmatch(pattern, address.partition("?")[0])))


def test_a_caseworker(page: Page, sign_in: SignIn, picture: Callable[[Page, str], None]) -> None:
    sign_in(page, "tksk01")
    page.goto("/tasks?tab=queue")
    picture(page, "inbox")
    follow(page, r"/tasks/\d+")
    picture(page, "task")
    page.goto("/cases")
    follow(page, r"/cases/\d+")
    picture(page, "case")


def test_a_division_head(page: Page, sign_in: SignIn, picture: Callable[[Page, str], None]) -> None:
    sign_in(page, "kb_rehsos")
    page.goto("/approvals")
    page.get_by_role("link", name="Setujui rencana").first.click()
    page.wait_for_url("**/approvals/*")
    picture(page, "approval")


def test_an_analyst(page: Page, sign_in: SignIn, picture: Callable[[Page, str], None]) -> None:
    sign_in(page, "analis01")
    page.goto("/processes/case")
    follow(page, r"/processes/versions/\d+")
    page.get_by_role("button", name="Ubah proses ini").click()
    page.locator("a[href$='/edit/case/case.bpmn']").first.click()
    page.wait_for_selector("[data-editor][data-ready]", timeout=60_000)
    page.locator("[data-element-id=Triage] > .djs-hit").click()
    page.locator(".bio-properties-panel-group-header", has_text="Umum").click()
    picture(page, "process")


def test_a_telephone(new_context: NewContext, sign_in: SignIn, picture: Callable[[Page, str], None]) -> None:
    page = sign_in(new_context(**TELEPHONE).new_page(), "tksk01")
    page.goto("/tasks?tab=queue")
    picture(page, "telephone")
