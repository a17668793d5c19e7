"""The people of a case, each in a browser of their own, doing what the office does: take, fill, send, decide, reply."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE_MS, TELEPHONE
from tests.browser.filling import fill

SignIn = Callable[[Page, str], Page]
NewContext = Callable[..., BrowserContext]
IN_THE_FIELD = ("psm", "tksk", "pendamping")


def come_to(page: Page, address: str, *words: str) -> None:
    """Open a list once background work has put a row there that holds all the words, as one who reloads it."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end:
        rows = page.request.get(address).text().split("<li")
        if any(all(word in row for word in words) for row in rows):
            page.goto(address)
            return
    pytest.fail(f"{address} does not show {words}")


def send(page: Page) -> None:
    """Send a task's form."""
    page.get_by_role("button", name="Simpan dan lanjutkan").click()


class Office:
    """Who works on one case; field workers on a telephone."""

    def __init__(self, new_context: NewContext, sign_in: SignIn, **options: Any) -> None:
        self._new_context, self._sign_in, self._options = new_context, sign_in, options
        self._pages: dict[str, Page] = {}
        self.number = ""
        self.address = ""

    def page(self, username: str) -> Page:
        """The worker's page, signed in once."""
        if username not in self._pages:
            options = TELEPHONE if username.startswith(IN_THE_FIELD) else {}
            page = self._new_context(**{**options, **self._options}).new_page()
            self._pages[username] = self._sign_in(page, username)
        return self._pages[username]

    def take(self, username: str, title: str, tab: str = "queue") -> Page:
        """Open the case's task, taking it where it is in the queue."""
        page = self.page(username)
        come_to(page, f"/tasks?tab={tab}", self.number, title)
        row = page.locator("li", has_text=self.number).filter(has_text=title)
        if tab == "queue":
            row.get_by_role("button", name="Ambil").click()
        else:
            row.get_by_role("link", name=title).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        page.wait_for_load_state()
        return page

    def do(self, username: str, title: str, then: str = "", tab: str = "queue", **answers: Any) -> Page:
        """Do a task; `then` is what the case waits for afterwards, as the task's page says."""
        page = self.take(username, title, tab)
        fill(page, **answers)
        send(page)
        expect(page.get_by_text("Tugas ini selesai.")).to_be_visible()
        expect(page.locator("#following")).to_contain_text(then)
        return page

    def decide(self, username: str, title: str, choice: str, **answers: Any) -> Page:
        """Decide from the list of approvals; `choice` is what the button says to the process, such as approve."""
        page = self.page(username)
        come_to(page, "/approvals", self.number, title)
        waiting = page.get_by_role("list", name="Menunggu keputusan")
        waiting.locator("li", has_text=self.number).get_by_role("link", name=title).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        fill(page, **answers)
        page.locator(f"#decision .app-actions button[value={choice}]").click()
        expect(page.get_by_text("Keputusan dikirim.")).to_be_visible()
        return page

    def reply(self, what: str, **answers: Any) -> Page:
        """The operator records what an agency answers."""
        page = self.page("operator01")
        come_to(page, f"/operation/agencies?q={self.number}", what)
        page.get_by_role("link", name=what).click()
        fill(page, **answers)
        page.get_by_role("button", name="Catat dan teruskan kasus").click()
        expect(page.get_by_text("Balasan lembaga dicatat")).to_be_visible()
        return page

    def status(self, username: str, words: str) -> Page:
        """The case's page as a worker sees it, once it says these words."""
        page = self.page(username)
        come_to(page, self.address, words)
        return page


def open_from_receipt(office: Office, page: Page) -> None:
    """The receipt names the number for the reporter and leads to the case."""
    expect(page.get_by_role("heading", name="Laporan tercatat")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Verifikasi laporan")
    office.number = page.locator(".app-receipt__number").inner_text()
    page.get_by_role("link", name="Buka kasus").click()
    page.wait_for_url(re.compile(r"/cases/\d+$"))
    office.address = page.url
