"""The pages of admins, operators, analysts and the data protection officer: they open, do their work, refuse others."""

import re
from collections.abc import Callable

import pytest
import yaml
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework import office
from engine.settings import PROJECT
from engine.store.messages import Subscription
from engine.store.office import CalendarDay, OfficeSetting
from engine.store.tasks import Task
from engine.store.workers import Worker
from tests import factories
from tests.casework.test_work import WITH_MESSAGE
from tests.small_report import ARRIVED
from tests.web.conftest import Browser
from web.setting_words import SETTINGS

SignIn = Callable[[str], Browser]


@pytest.fixture
def signed_in(browser: Browser, session: Session) -> SignIn:
    def sign_in(role: str) -> Browser:
        factories.worker(session, f"{role}11", role, at=("99.01",))
        session.commit()
        browser.sign_in(f"{role}11", factories.PASSWORD)
        return browser

    return sign_in


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("operator", "/operation"),
        ("operator", "/operation/agencies"),
        ("admin", "/office/workers"),
        ("admin", "/office/workers/new"),
        ("admin", "/office/settings"),
        ("analyst", "/processes"),
        ("dpo", "/access-log"),
        ("dpo", "/access-log/chain"),
    ],
)
def test_a_page_opens_for_its_role_and_for_no_caseworker(signed_in: SignIn, role: str, path: str) -> None:
    assert signed_in(role).get(path).status_code == 200
    signed_in("tksk")
    assert signed_in("psm").get(path).status_code in (403, 404)


def test_an_admin_adds_a_worker_and_sees_the_password_once(signed_in: SignIn, session: Session) -> None:
    browser = signed_in("admin")
    answer = browser.post(
        "/office/workers/new",
        {"username": "tksk77", "name": "Bima Contoh", "roles": ["tksk"], "regions": ["99.01.01"]},
        page="/office/workers/new",
    )
    assert answer.status_code == 200
    worker = session.scalars(select(Worker).where(Worker.username == "tksk77")).one()
    assert [row.role for row in worker.roles] == ["tksk"]

    bad = browser.post("/office/workers/new", {"username": "x y", "name": ""}, page="/office/workers/new")
    assert bad.status_code == 422
    summary = re.findall(r'<li><a href="#(\w+)">([^<]+)</a></li>', bad.text)
    assert [name for name, _ in summary] == ["username", "name", "roles"]
    assert "Pilih sedikitnya satu peran" in dict(summary).values()


def test_an_admin_changes_a_rule_and_the_calendar(signed_in: SignIn, session: Session) -> None:
    browser = signed_in("admin")
    session.add(OfficeSetting(name="pkh_max_desil", value=4, effective_from=office.date(2016, 1, 1)))
    session.commit()
    browser.post(
        "/office/settings",
        {"name": "pkh_max_desil", "value": "5", "effective_from": "2026-01-01"},
        page="/office/settings",
    )
    assert session.scalars(select(OfficeSetting.value).order_by(OfficeSetting.effective_from)).all() == [4, 5]
    wrong = browser.post(
        "/office/settings",
        {"name": "pkh_max_desil", "value": "lima", "effective_from": "2026-01-01"},
        page="/office/settings",
    )
    assert wrong.status_code == 422
    browser.post("/office/calendar", {"on": "2026-07-01", "kind": "off", "name": "Hari jadi"}, page="/office/settings")
    assert session.scalars(select(CalendarDay.name)).all() == ["Hari jadi"]


def test_an_operator_records_an_agency_s_reply_once(signed_in: SignIn, session: Session) -> None:
    browser = signed_in("operator")
    factories.deploy(session, {"q/q.bpmn": WITH_MESSAGE})
    factories.start(session, "q", {"number": "R-9"})
    session.commit()
    waiting = session.scalars(select(Subscription.id)).one()

    page = browser.get("/operation/agencies")
    assert "R-9" in page.text
    first = browser.post(f"/operation/agencies/{waiting}", {"message_id": "m1"}, page=f"/operation/agencies/{waiting}")
    again = browser.post(f"/operation/agencies/{waiting}", {"message_id": "m1"}, page="/profile")

    assert (first.status_code, again.status_code) == (302, 302)
    assert session.scalars(select(Subscription.id)).all() == []


def test_a_report_from_an_agency_begins_a_process_once(signed_in: SignIn, session: Session) -> None:
    browser = signed_in("fo")
    factories.deploy(session, ARRIVED)
    session.commit()
    assert "BPBD melaporkan bencana" in browser.get("/reports").text
    answers = {"hazard": "banjir", "event_kind": "alam", "event_time-date": "2026-03-01", "event_time-time": "07:30"}

    bad = browser.post("/reports/laporan_bpbd", {**answers, "message_id": "r1"}, page="/reports/laporan_bpbd")
    far = {**answers, "village_code": "99.02.01.2001", "message_id": "r1"}
    outside = browser.post("/reports/laporan_bpbd", far, page="/reports/laporan_bpbd")
    good = {**answers, "village_code": "99.01.01.2001", "message_id": "r1"}
    for _ in range(2):
        assert browser.post("/reports/laporan_bpbd", good, page="/reports/laporan_bpbd").status_code == 302

    assert (bad.status_code, outside.status_code) == (422, 422)
    assert "Pilih desa." in bad.text
    assert session.scalars(select(Task.element_id)).all() == ["FirstReport"]


def test_every_shipped_rule_value_has_words() -> None:
    shipped = yaml.safe_load((PROJECT / "workflows" / "settings.yaml").read_text(encoding="utf-8"))

    assert {entry["name"] for entry in shipped} <= set(SETTINGS)


def test_a_worker_keeps_the_restricted_duty_when_saved_as_the_page_sends_it(
    signed_in: SignIn, session: Session
) -> None:
    browser = signed_in("admin")
    named = factories.worker(session, "peksos11", "peksos", restricted_duty=True)
    session.commit()
    path = f"/office/workers/{named.id}"
    boxes = html.fromstring(browser.get(path).text).xpath("//input[@name='restricted_duty'][@type='checkbox']")
    assert [box.get("checked") is not None for box in boxes] == [True]
    sent = {"name": "Ratna Contoh", "roles": ["peksos"], "regions": ["99.01.01"]}
    browser.post(path, sent | {"restricted_duty": boxes[0].get("value")}, page=path)
    worker = session.get_one(Worker, named.id, populate_existing=True)
    assert (worker.name, worker.restricted_duty) == ("Ratna Contoh", True)
    browser.post(path, sent, page=path)
    assert session.get_one(Worker, named.id, populate_existing=True).restricted_duty is False
