"""The frame of the pages on the running application: signing in, language, own page, phones, no JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations, violations_of_styles
from tests.browser.conftest import NARROW, PASSWORD

SignIn = Callable[[Page, str], Page]


def test_signing_in_and_the_own_page(any_page: Page, sign_in: SignIn) -> None:
    sign_in(any_page, "tksk01")
    any_page.goto("/profile")
    expect(any_page.get_by_role("heading", level=1)).to_be_visible()


def test_a_wrong_password_moves_to_the_summary(any_page: Page) -> None:
    any_page.goto("/sign-in")
    any_page.fill("#username", "tksk01")
    any_page.fill("#password", "bukan ini 12345")
    any_page.click("#sign-in")
    expect(any_page.locator(".govuk-error-summary")).to_be_focused()
    expect(any_page.locator("#username")).to_have_value("tksk01")


def test_the_password_can_be_shown(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.locator("#password")).to_have_attribute("type", "text")


def test_the_language_switch_stays(page: Page, sign_in: SignIn) -> None:
    page.goto("/sign-in")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    sign_in(page, "psm01")
    page.goto("/profile")
    page.get_by_role("button", name="Indonesia").click()
    expect(page.locator("html")).to_have_attribute("lang", "id")
    page.goto("/profile")
    expect(page.locator("html")).to_have_attribute("lang", "id")


def test_the_menu_opens_and_closes_with_the_keyboard(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "tksk01")
    page.goto("/profile")
    button = page.locator(".app-menu__button")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".app-menu__box")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".app-menu__box")).to_be_hidden()
    expect(button).to_be_focused()


def test_a_telephone_may_be_held_either_way(phone: Page) -> None:
    phone.goto("/sign-in")
    assert violations_of_styles(phone) == []
    turned = "@media (orientation: portrait) { body { transform: rotate(90deg) } }"
    phone.evaluate("rule => document.styleSheets[0].insertRule(rule)", turned)
    assert len(violations_of_styles(phone)) == 1


def test_the_phone_reaches_the_rest_through_more(phone: Page, sign_in: SignIn) -> None:
    sign_in(phone, "tksk01")
    phone.locator(".app-bottom").get_by_text("Lainnya").click()
    expect(phone.get_by_role("heading", name="Lainnya")).to_be_visible()
    phone.get_by_text("Profil dan pengaturan").last.click()
    phone.wait_for_url("**/profile")


@pytest.mark.parametrize("path", ["/nowhere", "/static/none.css"])
def test_error_pages_hinder_nobody(new_context: Callable[..., BrowserContext], path: str) -> None:
    page = new_context(viewport=NARROW).new_page()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert violations(page) == []


def test_everything_of_the_frame_works_without_javascript(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/sign-in?next=/profile")
    page.fill("input[name=username]", "tksk02")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/profile")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".app-menu__button").click()
    page.locator(".app-menu__box button").click()
    page.wait_for_url("**/sign-in**")


def test_a_list_follows_the_search_in_place(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "tksk01")
    page.goto("/tasks")
    page.evaluate("window.sameDocument = true")
    with page.expect_response(lambda answer: "find=" in answer.url) as answered:
        page.locator("#main input[type=search]").press_sequentially("contoh")
    assert answered.value.request.all_headers()["hx-request-type"] == "partial"
    assert "<html" not in answered.value.text()
    page.wait_for_url("**find=**")
    assert "contoh" not in page.url, "names stand in no address"
    assert page.evaluate("window.sameDocument")
