"""An operator's order in the browser: say why, read what will happen, then do it; nothing happens before."""

import pytest
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.incidents import Incident, IncidentState
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.tasks import Task, TaskState
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.moving import FORM
from tests.casework.test_orders import ROW, standing
from tests.web.conftest import Browser

REASON = "Salah cabang sejak awal"


@pytest.fixture
def operator(browser: Browser, session: Session) -> Browser:
    factories.worker(session, "operator11", "operator", at=("99.01",))
    factories.deploy(session, {"p/p.bpmn": d.process(*ROW), "p/F.form": FORM})
    session.commit()
    browser.sign_in("operator11", factories.PASSWORD)
    return browser


def begin(session: Session, **facts: object) -> int:
    row = factories.start(session, "p", facts)
    session.commit()
    return row.id


def confirm(operator: Browser, path: str, page: str) -> int:
    """Send the form of the second page as it stands."""
    form = html.fromstring(page).xpath("//main//form[@method='post']")[0]
    return operator.post(path, dict(form.fields), page=path).status_code


def state(session: Session, instance_id: int) -> InstanceState:
    return session.get_one(ProcessInstance, instance_id, populate_existing=True).state


def test_hold_resume_and_cancel_in_two_steps(operator: Browser, session: Session) -> None:
    instance_id = begin(session)
    for action, wanted in (("suspend", "suspended"), ("resume", "active"), ("cancel", "cancelled")):
        path, before = f"/operation/instances/{instance_id}/orders/{action}", state(session, instance_id)
        assert f'href="{path}"' in operator.get(f"/operation/instances/{instance_id}").text
        bare = operator.post(path, {"reason": ""}, page=path)
        assert (bare.status_code, "sedikitnya lima huruf" in bare.text) == (422, True)
        sure = operator.post(path, {"reason": REASON}, page=path)
        assert (sure.status_code, state(session, instance_id)) == (200, before)
        assert REASON in sure.text
        assert confirm(operator, path, sure.text) == 303
        assert state(session, instance_id).value == wanted


def test_a_token_is_moved_after_reading_what_ends_and_begins(operator: Browser, session: Session) -> None:
    instance_id = begin(session)
    path = f"/operation/instances/{instance_id}/orders/move"
    asked = html.fromstring(operator.get(path).text)
    assert asked.xpath("//select[@name='to']/option/@value") == ["", "s", "b", "end", "e2"]
    token = asked.xpath("//input[@name='token']/@value")[0]
    assert operator.post(path, {"token": token, "to": "", "reason": REASON}, page=path).status_code == 422

    sure = operator.post(path, {"token": token, "to": "b", "reason": REASON}, page=path)

    told = html.fromstring(sure.text).xpath("//main")[0].text_content()
    assert "Tidak lagi ditunggu: late, a." in told
    assert "Mulai ditunggu: b." in told
    assert standing(session, instance_id) == ["a"]
    assert confirm(operator, path, sure.text) == 303
    assert standing(session, instance_id) == ["b"]
    wrong = operator.post(path, {"token": token, "to": "b", "reason": REASON}, page="/profile")
    assert wrong.status_code == 409


def test_a_timer_is_fired_from_the_page_after_reading_what_begins(operator: Browser, session: Session) -> None:
    instance_id = begin(session)
    page = html.fromstring(operator.get(f"/operation/instances/{instance_id}").text)
    (path,) = page.xpath("//a[contains(@href, '/orders/fire')]/@href")
    asked = html.fromstring(operator.get(path).text).xpath("//main//form[@method='post']")[0]
    assert operator.post(asked.action, {"timer": "", "reason": REASON}, page=path).status_code == 422
    sure = operator.post(asked.action, {**dict(asked.fields), "reason": REASON}, page=path)
    assert "Tidak lagi ditunggu: late." in html.fromstring(sure.text).text_content()
    assert confirm(operator, asked.action, sure.text) == 303
    assert REASON in operator.get(f"/operation/instances/{instance_id}/history").text
    assert "/orders/fire" not in operator.get(f"/operation/instances/{instance_id}").text


def test_a_fact_is_corrected_after_reading_old_and_new(operator: Browser, session: Session) -> None:
    instance_id = begin(session, desil=3)
    path = f"/operation/instances/{instance_id}/orders/correct"
    asked = {"scope_name": "|desil", "reason": REASON}
    for value, text in (("", "Tuliskan nilai barunya"), ('"x"', "tetap sama"), ("(", "tidak dapat dibaca")):
        answer = operator.post(path, {**asked, "value": value}, page=path)
        assert (answer.status_code, text in answer.text) == (422, True), value
    sure = operator.post(path, {**asked, "value": "4"}, page=path)
    assert "Fakta desil: dari 3 menjadi 4." in html.fromstring(sure.text).text_content()
    assert confirm(operator, path, sure.text) == 303
    past = operator.get(f"/operation/instances/{instance_id}/history").text
    assert "Fakta diperbaiki" in past
    assert REASON in past


def test_what_is_no_order_has_no_page(operator: Browser, session: Session) -> None:
    assert operator.get(f"/operation/instances/{begin(session)}/orders/delete").status_code == 404


def test_incidents_are_tried_again_with_a_reason(operator: Browser, session: Session) -> None:
    factories.deploy(session, {"q/q.bpmn": d.process(
        d.start(), d.user("a"), d.gateway("exclusive", "g"), d.user("b"), d.end(), d.chain("start", "a", "g"),
        d.flow("g", "b", "=n > 1"), d.flow("b", "end"), id="q",
    )})  # fmt: skip
    rows = [factories.start(session, "q", {"n": 0}) for _ in range(2)]
    boss = factories.worker(session, "operator12", "operator")
    from engine.casework import orders
    from engine.casework.orders import Order

    for row in rows:
        (token, _place), *_rest = orders.tokens(session, boss, row.id)
        orders.do(session, boss, Order("move", row.id, {"token": token, "to": "g"}), REASON)
        orders.do(session, boss, Order("correct", row.id, {"scope": "", "name": "n", "value": "2"}), REASON)
    session.commit()
    first = session.scalars(select(Incident.id).order_by(Incident.id)).first()
    path = f"/operation/incidents/{first}/retry"
    assert f'href="{path}"' in operator.get("/operation").text
    sure = operator.post(path, {"reason": REASON, "alike": "1"}, page=path)
    assert "2 insiden dicoba lagi: tidak ada jalan yang cocok." in sure.text
    assert confirm(operator, path, sure.text) == 303
    assert session.scalars(select(Incident.state)).all() == [IncidentState.RESOLVED] * 2
    assert session.scalars(select(Task.element_id).where(Task.state == TaskState.OPEN)).all() == ["b", "b"]
    assert operator.get(path).status_code == 409
