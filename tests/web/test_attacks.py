"""An attacker at the door: forged requests, stolen and old sessions, guessing, redirects, hostile input."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM
from engine.casework import accounts, workers
from engine.casework.workers import Profile
from engine.store.base import Base
from engine.store.workers import SignInFailure, Worker
from tests.web.conftest import PASSWORD, Browser, MakeWorker
from tests.web.expected import EXPECTED
from tests.web.test_matrix import JSON, address, thing
from tests.web.world import World

UNSAFE = sorted(key for key in EXPECTED if key[0] != "GET")
PAGES = sorted(key for key in EXPECTED if key[0] == "GET")
HOSTILE = (
    "'", '"><script>alert(1)</script>', "1; DROP TABLE worker--", "' OR 1=1 --", "\x00", "9" * 40, "-1", "²", "%", "\\",
    "{{7*7}}", "../../etc/passwd", "2026-01-01T00:00:00+00:00_" + "9" * 30, "_" * 300, "😀", "\u202e", "NaN", "[" * 500,
)  # fmt: skip
PARAMETERS = (
    "q", "find", "state", "status", "priority", "region", "after", "before", "tab", "process", "element", "due", "sort",
    "worker", "step", "person", "show", "next", "who", "role", "row", "mark", "out",
)  # fmt: skip
FIELDS = (
    "q", "body", "kind", "reason", "worker", "event", "case_no", "_person", "_form", "_key", "_shown", "name",
    "username", "password", "current", "new", "again", "language", "time_zone", "next", "to", "select", "value",
    "effective_from", "on", "rev", "comment", "message_id", "decision", "wish", "house", "photo", "client_name", "nik",
    "village_code", "kk_no",
    "roles", "regions", "unit", "active", "tab", "status", "members-0-member_name", "members", "alike",
)  # fmt: skip
TELLTALE = re.compile(r"psycopg|sqlalchemy|Traceback|SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|relation \"|File \"/")


def insider(key: tuple[str, str]) -> str | None:
    """Somebody whom the route lets in; None where nobody needs to be signed in."""
    roles = EXPECTED[key].roles
    if roles is None:
        return None
    return "kabid" if "kabid" in roles else "tksk" if "tksk" in roles else sorted(roles)[0]


def path_of(world: World, key: tuple[str, str]) -> str:
    return address(world, key, thing(world, EXPECTED[key], "normal") or "0" * 24)


# --- forged requests


@pytest.mark.parametrize("key", UNSAFE, ids=" ".join)
def test_a_forged_change_is_refused(world: World, key: tuple[str, str]) -> None:
    who, path = insider(key), path_of(world, key)
    client = world.client(who)
    good = world.csrf(who) if who else re.findall(r'name="csrf_token" value="(\w+)"', client.get("/sign-in").text)[0]
    foreign = world.csrf("dpo" if who != "dpo" else "admin")
    attacks: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, {}),
        ({"csrf_token": ""}, {}),
        ({"csrf_token": "zz" * 64}, {}),
        ({"csrf_token": "00" * 64}, {}),
        ({"csrf_token": foreign}, {}),
        ({"csrf_token": good[:-2] + ("00" if good[-2:] != "00" else "11")}, {}),
        ({"csrf_token": good}, {"Origin": "https://elsewhere.example"}),
        ({"csrf_token": good}, {"Origin": "null"}),
        ({"csrf_token": good}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"X-CSRF-Token": foreign}),
    ]
    for form, headers in attacks:
        with world.taken_back():
            answer = client.open(path, method=key[0], data={**EXPECTED[key].form, **form}, headers={**JSON, **headers})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "forged_request"), (form, headers)


def test_a_token_in_the_address_does_not_count(world: World) -> None:
    answer = world.client("tksk").post(f"/sign-out?csrf_token={world.csrf('tksk')}", headers=JSON)
    assert answer.status_code == 403


def fingerprint(world: World) -> dict[str, tuple[int, int]]:
    """Rows and content of every table, the access log and when a browser was last seen apart."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name != "access_log":
            content = "coalesce(sum(hashtext((to_jsonb(t) - 'seen_at')::text)::bigint), 0)"
            query = text(f'SELECT count(*), {content} FROM "{table.name}" AS t')  # noqa: S608
            rows, total = world.connection.execute(query).one()
            found[table.name] = (rows, int(total))
    return found


def test_looking_changes_nothing(world: World) -> None:
    """No GET does anything but write the access log: a link or picture elsewhere can trigger nothing."""
    with world.taken_back():
        before = fingerprint(world)
        for key in PAGES:
            world.ask(insider(key), "GET", path_of(world, key))
        assert fingerprint(world) == before


@pytest.mark.parametrize("key", PAGES, ids=" ".join)
def test_other_methods_are_refused_and_cannot_be_smuggled(world: World, key: tuple[str, str]) -> None:
    who, path = insider(key), path_of(world, key)
    client = world.client(who)
    token = {"X-CSRF-Token": world.csrf(who)} if who else {}
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        with world.taken_back():
            assert client.open(path, method=method, headers=token, buffered=True).status_code in (403, 405), method
    with world.taken_back():
        plain = client.get(path, headers=JSON, buffered=True)
        override = {
            **JSON,
            **token,
            "X-HTTP-Method-Override": "DELETE",
            "X-HTTP-Method": "POST",
            "X-Method-Override": "PUT",
        }
        smuggled = client.get(f"{path}?_method=DELETE", headers=override, buffered=True)
    assert smuggled.status_code == plain.status_code


# --- hostile input


@pytest.mark.parametrize("key", PAGES, ids=" ".join)
def test_hostile_parameters_break_nothing_and_tell_nothing(world: World, key: tuple[str, str]) -> None:
    who, path = insider(key), path_of(world, key)
    client = world.client(who)
    for value in HOSTILE:
        with world.taken_back():
            answer = client.get(path, query_string=dict.fromkeys(PARAMETERS, value), buffered=True)
        assert answer.status_code < 500, repr(value)
        if answer.mimetype == "text/html":
            assert not TELLTALE.search(answer.text), repr(value)
            assert "<script>alert(1)" not in answer.text


@pytest.mark.parametrize("key", UNSAFE, ids=" ".join)
def test_hostile_forms_break_nothing_and_tell_nothing(world: World, key: tuple[str, str]) -> None:
    """Every field of every form filled with the same nonsense, and buttons that name rows which are not there."""
    who, path = insider(key), path_of(world, key)
    hashes = key[1] in ("signin.sign_in", "profile.change_password", "workers.reset", "workers.add")
    forms = [dict.fromkeys(FIELDS, value) for value in (HOSTILE[4:5] if hashes else HOSTILE[:10])]
    if key[1] in ("register.send", "tasks.send", "approvals.decide"):
        forms += [
            {"_form": button + value} for button in ("use:", "add:", "remove:members:") for value in HOSTILE[4:10]
        ]
    for form in forms:
        answer = world.ask_and_take_back(who, key[0], path, form)
        assert answer.status_code < 500, form
        assert not TELLTALE.search(answer.get_data().decode(errors="replace")), form


# --- sessions


def test_a_session_that_was_not_begun_here_is_worth_nothing(app: Flask, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    for planted in ("", "x", "0" * 43, "../x", "\u00e9"):
        client = app.test_client()
        client.set_cookie("pilar_session", planted)
        assert client.get("/profile").status_code == 303
    assert app.test_client().get("/profile?pilar_session=x").status_code == 303


def test_signing_in_again_ends_the_session_before(app: Flask, browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    old = browser.client.get_cookie("pilar_session")
    assert old is not None
    browser.client.post(
        "/sign-in", data={"username": "tksk01", "password": PASSWORD, "csrf_token": browser.token("/profile")}
    )
    new = browser.client.get_cookie("pilar_session")
    assert new is not None
    assert new.value != old.value
    thief = app.test_client()
    thief.set_cookie("pilar_session", old.value)
    assert thief.get("/profile").status_code == 303


def test_a_token_from_before_signing_in_is_worth_nothing_after(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    before = browser.token("/sign-in")
    browser.sign_in("tksk01")
    assert browser.client.post("/sign-out", data={"csrf_token": before}).status_code == 403


@pytest.mark.parametrize("change", ["role", "region", "closed", "password", "duty"])
def test_a_change_of_the_account_ends_its_sessions(
    browser: Browser, make_worker: MakeWorker, session: Session, change: str
) -> None:
    worker = make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    assert browser.get("/tasks").status_code == 200
    session.expire_all()
    profile = {"name": "Sari Contoh", "roles": ["tksk"], "regions": ["99.01.01"]}
    if change == "closed":
        workers.set_active(session, SYSTEM, worker.id, is_active=False)
    elif change == "password":
        workers.reset_password(session, SYSTEM, worker.id)
    else:
        changed = {"role": {"roles": ["camat"]}, "region": {"regions": []}, "duty": {"restricted_duty": True}}[change]
        workers.change(session, SYSTEM, worker.id, Profile(**{**profile, **changed}))
    session.commit()
    assert browser.get("/tasks").status_code == 303


def test_a_closed_account_cannot_sign_in_and_is_told_nothing(
    browser: Browser, make_worker: MakeWorker, session: Session
) -> None:
    worker = make_worker("tksk01", "tksk")
    workers.set_active(session, SYSTEM, worker.id, is_active=False)
    session.commit()
    closed, unknown = browser.sign_in("tksk01"), browser.sign_in("nobody")
    assert closed.status_code == unknown.status_code == 422
    assert "ditutup" not in closed.text


# --- guessing


def fail(browser: Browser, username: str, times: int, **options: object) -> int:
    status = 0
    for _ in range(times):
        data = {"username": username, "password": "salah sekali 12"}
        status = browser.post("/sign-in", data, page="/sign-in", **options).status_code
    return status


def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting is under test here, not argon2: a check of a wrong password is told at once."""
    monkeypatch.setattr(accounts, "_verify", lambda stored, password: password == PASSWORD)


def test_one_address_that_tries_many_accounts_is_stopped(
    browser: Browser, make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_worker("tksk01", "tksk")
    cheap_hashes(monkeypatch)
    for number in range(accounts.MOST_FAILURES):
        assert fail(browser, f"user{number}", 1) == 422
    assert browser.sign_in("tksk01").status_code == 429
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    assert fail(browser, "tksk01", 1, headers=forged) == 429, "no proxy is trusted that was not set up"


def test_an_account_tried_from_many_addresses_is_stopped_for_a_while(
    app: Flask, browser: Browser, make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_worker("tksk01", "tksk")
    make_worker("psm01", "psm")
    cheap_hashes(monkeypatch)
    for number in range(accounts.MOST_FAILURES):
        fail(browser, "TKSK01 ", 1, environ_base={"REMOTE_ADDR": f"203.0.113.{number}"})
    elsewhere = {"environ_base": {"REMOTE_ADDR": "198.51.100.1"}}
    assert fail(browser, "tksk01", 1, **elsewhere) == 429
    assert Browser(app.test_client()).sign_in("psm01").status_code == 303
    with clock.travel(clock.now() + accounts.WINDOW + timedelta(seconds=1)):
        assert browser.sign_in("tksk01").status_code == 303


def test_who_guesses_is_counted_under_a_keyed_hash(browser: Browser, make_worker: MakeWorker, session: Session) -> None:
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01", "salah sekali 12")
    subjects = b"".join(bytes(subject) for subject in session.scalars(select(SignInFailure.subject)))
    assert subjects
    assert b"tksk01" not in subjects
    assert b"127.0.0.1" not in subjects


def test_passwords_are_kept_as_argon2id(costly_passwords: None, make_worker: MakeWorker, session: Session) -> None:
    make_worker("tksk01", "tksk")
    assert session.scalars(select(Worker.password_hash)).one().startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert not accounts._hasher.check_needs_rehash(accounts._NOBODY), "an unknown name is known by its quick answer"


# --- redirects


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/", "//elsewhere.example", "///elsewhere.example", "/\\elsewhere.example",
        "\\\\elsewhere.example", "/\t/elsewhere.example", "/\n/elsewhere.example", "http:elsewhere.example",
        "javascript:alert(1)", "data:text/html,x", "@elsewhere.example", "elsewhere.example", " //elsewhere.example",
        "/%2f%2felsewhere.example\r\nSet-Cookie: x=1",
    ],
)  # fmt: skip
def test_no_redirect_leads_away(world: World, wanted: str) -> None:
    for method, path in (
        ("POST", "/language"),
        ("GET", "/sign-in"),
        ("POST", f"/tasks/{world.ids['task', 'normal']}/claim"),
    ):
        query = {"query_string": {"next": wanted}} if method == "GET" else {}
        answer = world.ask_and_take_back("tksk", method, path, {"next": wanted, "language": "id"}, **query)
        assert answer.status_code in (302, 303)
        assert re.match(r"/(?![/\\])", answer.location), answer.location
        assert "elsewhere" not in answer.location.partition("?")[0].partition("%2f%2f")[0]
        assert "x=1" not in str(answer.headers.getlist("Set-Cookie"))
