"""Signing in, on both sizes and without JavaScript; the page is small and hinders nobody."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from tests.browser.axe import violations

SignIn = Callable[[Page, str], Page]


def test_the_sign_in_page_hinders_nobody(any_page: Page) -> None:
    any_page.goto("/sign-in")
    assert violations(any_page) == []


def test_a_worker_signs_in_and_out(any_page: Page, sign_in: SignIn) -> None:
    sign_in(any_page, "tksk01")
    assert any_page.locator("h1").count() == 1


def test_it_works_without_javascript(new_context: Callable[..., BrowserContext], sign_in: SignIn) -> None:
    page = sign_in(new_context(java_script_enabled=False).new_page(), "tksk01")
    assert page.locator("h1").count() == 1


def test_a_wrong_password_says_so_and_keeps_the_name(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("input[name=username]", "tksk01")
    page.fill("input[name=password]", "salah-sama-sekali")
    page.click("main button[type=submit]")
    assert page.input_value("input[name=username]") == "tksk01"
    assert page.locator("[role=alert], .govuk-error-summary").count() >= 1
