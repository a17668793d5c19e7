"""Forged requests, headers, cookies over https, errors without traces."""

import re

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session, sessionmaker

from engine.casework import accounts
from engine.errors import Conflict, InvalidForm, NotFound
from tests.web.conftest import PASSWORD, Browser, MakeWorker, settings
from web import create_app
from web.auth import current_actor, public, requires
from web.db import session as request_session

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def _unsafe_routes(app: Flask) -> list[tuple[str, str]]:
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?\w+>", "1", rule.rule)
        found += [(method, path) for method in sorted((rule.methods or set()) & set(UNSAFE))]
    return found


def test_every_change_needs_a_token(app: Flask, browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    routes = _unsafe_routes(app)
    assert len(routes) >= 5
    for method, path in routes:
        assert browser.client.open(path, method=method).status_code == 403, path
        assert browser.client.open(path, method=method, data={"csrf_token": "ab" * 64}).status_code == 403, path


def test_a_token_of_another_session_is_refused(app: Flask, browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    make_worker("psm01", "psm")
    browser.sign_in("tksk01")
    other = Browser(app.test_client())
    other.sign_in("psm01")
    answer = browser.client.post("/sign-out", data={"csrf_token": other.token("/profile")})
    assert answer.status_code == 403
    assert "kedaluwarsa" in answer.text
    assert browser.get("/profile").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_other_sites_are_refused_even_with_a_token(browser: Browser, headers: dict[str, str]) -> None:
    token = browser.token("/sign-in")
    answer = browser.client.post("/language", data={"csrf_token": token, "language": "en"}, headers=headers)
    assert answer.status_code == 403


def test_own_origin_and_the_header_pass(browser: Browser) -> None:
    token = browser.token("/sign-in")
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": token}
    assert browser.client.post("/language", data={"language": "en"}, headers=headers).status_code == 303


def test_tokens_differ_on_every_page_and_all_work(browser: Browser) -> None:
    first, second = browser.token("/sign-in"), browser.token("/sign-in")
    assert first != second
    for token in (first, second):
        assert browser.client.post("/language", data={"csrf_token": token}).status_code == 303


def test_the_headers_of_every_answer(browser: Browser) -> None:
    for path in ("/sign-in", "/profile", "/nowhere", "/static/nothing.css"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Strict-Transport-Security" not in headers


def test_the_nonce_is_new_each_time_and_on_every_script(browser: Browser) -> None:
    nonces = set()
    for _ in range(2):
        answer = browser.get("/sign-in")
        match = re.search(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])
        assert match
        nonces.add(match[1])
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert scripts
        assert all(f'nonce="{match[1]}"' in script for script in scripts)
        assert " style=" not in answer.text
        assert not re.search(r"\son\w+=", answer.text)
    assert len(nonces) == 2


def test_signed_in_pages_are_not_stored(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    assert browser.get("/profile").headers["Cache-Control"] == "no-store"


def test_over_https_cookies_belong_to_this_host_alone(sessions: sessionmaker[Session], make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    app = create_app(settings(public_url="https://pilar.example"), sessions)
    client, there = app.test_client(), "https://pilar.example"
    page = client.get("/sign-in", base_url=there)
    token = re.search(r'name="csrf_token" value="(\w+)"', page.text)
    assert token
    data = {"username": "tksk01", "password": PASSWORD, "csrf_token": token[1]}
    answer = client.post("/sign-in", data=data, base_url=there, headers={"Origin": there})
    assert answer.status_code == 303
    cookies = page.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert "Path=/" in cookie
    assert "max-age" in page.headers["Strict-Transport-Security"]


def _add(app: Flask, path: str, error: Exception) -> None:
    def view() -> str:
        raise error

    app.add_url_rule(path, path.strip("/"), public(view))


@pytest.mark.own_app
def test_errors_become_pages_that_say_what_to_do(app: Flask, browser: Browser) -> None:
    _add(app, "/gone", NotFound("Case 12 of the neighbour"))
    _add(app, "/late", Conflict("Sari was first"))
    _add(app, "/bad", InvalidForm({"nik": ["NIK tidak lengkap."]}))
    expected = {"/gone": (404, "tidak ditemukan"), "/late": (409, "berubah"), "/bad": (422, "NIK tidak lengkap.")}
    for path, (status, words) in expected.items():
        answer = browser.get(path)
        assert (answer.status_code, words in answer.text) == (status, True)
        assert "neighbour" not in answer.text


AWAY = (
    OperationalError("SELECT nik FROM person", {}, psycopg.errors.AdminShutdown("terminating connection")),
    OperationalError("SELECT nik FROM person", {}, psycopg.errors.QueryCanceled("statement timeout")),
    NoConnectionFree("QueuePool limit of size 8 overflow 4 reached"),
)


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(getattr(error, "orig", error)).__name__)
@pytest.mark.own_app
def test_a_database_that_is_away_is_said_without_its_words(app: Flask, browser: Browser, error: Exception) -> None:
    _add(app, "/away", error)
    answer = browser.get("/away")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "tidak dapat dihubungi" in answer.text
    assert not re.search("SELECT|QueuePool|terminating|statement timeout", answer.text)
    assert "Content-Security-Policy" in answer.headers
    assert browser.get("/away", headers={"Accept": "application/json"}).get_json()["code"] == "unavailable"


@pytest.mark.own_app
def test_a_broken_page_tells_a_reference_and_no_secret(
    app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    _add(app, "/broken", RuntimeError("NIK 9901018001400001 of somebody"))
    app.testing = False
    answer = browser.get("/broken")
    assert answer.status_code == 500
    reference = re.search(r"<code>(\w{8})</code>", answer.text)
    assert reference
    assert reference[1] in caplog.text
    assert "9901018001400001" not in answer.text
    problem = browser.get("/broken", headers={"Accept": "application/json"}).get_json()
    assert problem["code"] == "internal_error"
    assert "9901018001400001" not in str(problem)


@pytest.mark.own_app
def test_what_a_failed_request_wrote_is_taken_back(
    app: Flask, browser: Browser, make_worker: MakeWorker, session: Session
) -> None:
    def view() -> str:
        accounts.set_language(request_session(), current_actor(), "en")
        raise Conflict("too late")

    app.add_url_rule("/half", "half", requires()(view))
    worker = make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    assert browser.get("/half").status_code == 409
    session.refresh(worker)
    assert worker.language is None


def test_pages_are_compressed(browser: Browser) -> None:
    for wanted in ("br", "gzip"):
        answer = browser.get("/sign-in", headers={"Accept-Encoding": wanted})
        assert answer.headers["Content-Encoding"] == wanted
        assert "Accept-Encoding" in answer.headers["Vary"]
