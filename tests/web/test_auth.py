"""Signing in and out, sessions, policies of routes."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from engine import clock
from engine.actors import Actor
from engine.casework import accounts
from engine.permissions import Area
from engine.store import workers
from engine.store.workers import SignIn
from tests.web.conftest import PASSWORD, Browser, MakeWorker
from web import auth


def test_signs_in_goes_on_and_signs_out(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    assert browser.get("/profile").headers["Location"] == "/sign-in?next=/profile"
    answer = browser.post("/sign-in", {"username": "tksk01", "password": PASSWORD, "next": "/profile"}, page="/sign-in")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/profile")
    assert "Sari Contoh" in browser.get("/profile").text
    answer = browser.post("/sign-out")
    assert answer.headers["Location"] == "/sign-in?out=1"
    assert "Clear-Site-Data" in answer.headers
    assert browser.get("/profile").status_code == 303


def test_whose_session_ended_while_typing_signs_in_and_comes_back_to_the_form(
    browser: Browser, make_worker: MakeWorker, session: Session
) -> None:
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    token = browser.token("/profile")
    session.execute(update(SignIn).values(seen_at=clock.now() - accounts.IDLE))
    session.commit()
    answer = browser.client.post("/tasks/7", data={"csrf_token": token, "note": "Sudah ditemui"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/tasks/7&ended=1")
    assert "Sesi Anda sudah berakhir" in browser.get(answer.headers["Location"]).text
    answer = browser.client.post("/tasks/7/claim", data={"csrf_token": token})
    assert answer.headers["Location"] == "/sign-in?ended=1", "no page stands there"
    here = {"HX-Request": "true", "HX-Current-URL": "http://localhost/tasks?tab=queue"}
    answer = browser.client.post("/tasks/7/answers", data={"csrf_token": token}, headers=here)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in?next=/tasks?tab%3Dqueue&ended=1")
    assert browser.client.post("/sign-in", data={"csrf_token": token}).status_code == 403


def test_a_wrong_password_says_neither_which_nor_why(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    known, unknown = browser.sign_in("tksk01", "salah sekali 12"), browser.sign_in("nobody", "salah sekali 12")
    assert known.status_code == unknown.status_code == 422
    assert "tidak cocok" in known.text
    assert known.text.count("tidak cocok") == unknown.text.count("tidak cocok")
    assert 'value="tksk01"' in known.text
    assert "salah sekali" not in known.text


def test_failures_are_kept_and_throttle(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    for _ in range(accounts.MOST_FAILURES):
        browser.sign_in("tksk01", "salah sekali 12")
    answer = browser.sign_in("tksk01")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Terlalu banyak percobaan" in answer.text


@pytest.mark.parametrize("wanted", ["//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example", "x"])
def test_goes_on_to_own_pages_only(browser: Browser, make_worker: MakeWorker, wanted: str) -> None:
    make_worker("tksk01", "tksk")
    answer = browser.post("/sign-in", {"username": "tksk01", "password": PASSWORD, "next": wanted}, page="/sign-in")
    assert answer.headers["Location"] == "/"


def test_the_cookie_is_a_fresh_secret_kept_as_a_hash(
    browser: Browser, make_worker: MakeWorker, session: Session
) -> None:
    make_worker("tksk01", "tksk")
    browser.client.set_cookie("pilar_session", "planted")
    header = next(
        cookie
        for cookie in browser.sign_in("tksk01").headers.getlist("Set-Cookie")
        if cookie.startswith("pilar_session=")
    )
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    token = header.partition("=")[2].partition(";")[0]
    assert token != "planted"
    assert len(token) >= 43
    stored = session.scalars(select(SignIn.token_sha256)).all()
    assert token.encode() not in b"".join(stored)


def test_a_session_ends_when_idle_and_at_last(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    start = clock.now()
    browser.sign_in("tksk01")
    with clock.travel(start + accounts.IDLE + timedelta(minutes=1)):
        assert browser.get("/profile").status_code == 303
    moment = start
    browser.sign_in("tksk01")
    while moment <= start + accounts.ABSOLUTE:
        moment += accounts.IDLE / 2
        with clock.travel(moment):
            status = browser.get("/profile").status_code
    assert status == 303


def test_an_old_cookie_is_worthless_after_sign_out(browser: Browser, app: Flask, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    cookie = browser.client.get_cookie("pilar_session")
    assert cookie is not None
    browser.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("pilar_session", cookie.value)
    assert thief.get("/profile").status_code == 303


def test_own_sessions_can_be_closed_by_their_owner_only(
    browser: Browser, app: Flask, make_worker: MakeWorker, session: Session
) -> None:
    make_worker("tksk01", "tksk")
    make_worker("psm01", "psm", name="Budi Contoh")
    other, stranger = Browser(app.test_client()), Browser(app.test_client())
    other.sign_in("tksk01")
    browser.sign_in("tksk01")
    stranger.sign_in("psm01")
    reference = next(
        row.reference
        for row in accounts.own_sessions(session, _actor(session, "tksk01"), _token(browser))
        if not row.is_current
    )
    assert stranger.post(f"/profile/sessions/{reference}/close").status_code == 404
    assert browser.post(f"/profile/sessions/{reference}/close").status_code == 303
    assert other.get("/profile").status_code == 303
    assert browser.get("/profile").status_code == 200


def test_changes_the_password_and_keeps_this_browser(browser: Browser, app: Flask, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    other = Browser(app.test_client())
    other.sign_in("tksk01")
    browser.sign_in("tksk01")
    new = "sumur angin tembaga"
    wrong = browser.post("/profile/password", {"current": "bukan ini 12345", "new": new, "again": new})
    assert wrong.status_code == 422
    assert "tidak cocok" in wrong.text
    short = browser.post("/profile/password", {"current": PASSWORD, "new": "pendek", "again": "pendek"})
    assert "12 karakter" in short.text
    unequal = browser.post("/profile/password", {"current": PASSWORD, "new": new, "again": new + "x"})
    assert "tidak sama" in unequal.text
    assert browser.post("/profile/password", {"current": PASSWORD, "new": new, "again": new}).status_code == 303
    assert browser.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 303
    assert Browser(app.test_client()).sign_in("tksk01", new).status_code == 303


def test_json_clients_get_a_problem_instead_of_a_form(browser: Browser) -> None:
    answer = browser.get("/profile", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == "sign_in_needed"


def test_htmx_is_led_to_the_sign_in_page(browser: Browser) -> None:
    answer = browser.get("/profile", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


@pytest.mark.own_app
def test_a_route_without_policy_stops_the_start(sessions: sessionmaker[Session], app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "x")
    with pytest.raises(auth.PolicyMissing, match="forgotten"):
        auth.check_policies(app)


def test_every_route_names_its_policy(app: Flask) -> None:
    areas = {auth.policy_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert None not in areas
    public = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (policy := auth.policy_of(app, rule.endpoint)) and policy.area is None
    }
    assert public <= {
        "assets.file",
        "health.alive",
        "health.ready",
        "signin.show",
        "signin.sign_in",
        "signin.choose_language",
    }


@pytest.mark.own_app
def test_pages_of_other_areas_are_refused_with_a_reason(browser: Browser, app: Flask, make_worker: MakeWorker) -> None:
    app.add_url_rule("/only-admins", "only_admins", auth.requires(Area.ADMINISTRATION)(lambda: "secret"))
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    answer = browser.get("/only-admins")
    assert answer.status_code == 403
    assert "peran lain" in answer.text
    assert "secret" not in answer.text


def _actor(session: Session, username: str) -> Actor:
    worker = workers.by_username(session, username)
    assert worker is not None
    return worker.actor()


def _token(browser: Browser) -> str:
    cookie = browser.client.get_cookie("pilar_session")
    assert cookie is not None
    return cookie.value
