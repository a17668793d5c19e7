"""Signing in and out, sessions, policies."""

from tests.web.conftest import Browser, MakeWorker


def test_signs_in_and_out(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    assert browser.get("/profile").headers["Location"] == "/sign-in?next=/profile"
    answer = browser.sign_in("tksk01")
    assert answer.status_code == 303
    page = browser.get("/profile")
    assert page.status_code == 200
    assert "Sari Contoh" in page.text
    assert browser.post("/sign-out").status_code == 303
    assert browser.get("/profile").status_code == 303
