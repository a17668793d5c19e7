"""Moving instances to another version in the browser: a plan to begin with, a trial, an order, and the way back."""

import pytest
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from engine.casework import batches
from engine.store.definitions import Definition
from engine.store.instances import ProcessInstance
from tests import factories
from tests.bpmn import diagrams as d
from tests.web.conftest import Browser
from tests.web.test_cockpit_batches import told

REASON = "Versi 2 memperbaiki nama langkah"


@pytest.fixture
def operator(browser: Browser, session: Session) -> Browser:
    factories.worker(session, "operator11", "operator", at=("99.01",))
    session.commit()
    browser.sign_in("operator11", factories.PASSWORD)
    return browser


def version(session: Session, step: str) -> None:
    body = d.process(d.start(), d.user(step, name="Kunjungan"), d.end(), d.chain("start", step, "end"))
    factories.deploy(session, {"p/p.bpmn": body})


def follow(operator: Browser, path: str, form: dict[str, str], sessions: sessionmaker[Session]) -> str:
    """Send a form, confirm it, let the workers do it; the address of the order's page."""
    sure = operator.post(path, form, page=path if "/batches/" not in path else "/profile")
    assert sure.status_code == 200, told(sure.text)
    again = html.fromstring(sure.text).xpath("//main//form[@method='post']")[0]
    address = operator.post(path, dict(again.fields), page="/profile").location
    while batches.go_on(sessions):
        pass
    return str(address)


def test_instances_move_by_the_proposed_plan_and_back(
    operator: Browser, session: Session, sessions: sessionmaker[Session]
) -> None:
    version(session, "old")
    rows = [factories.start(session, "p") for _ in range(2)]
    version(session, "new")
    session.commit()
    old, new = session.scalars(select(Definition.id).order_by(Definition.number)).all()
    path = f"/operation/versions/{old}/migrate"
    assert f'href="{path}"' in operator.get(f"/operation/versions/{old}").text
    form = html.fromstring(operator.get(path).text).xpath("//main//form[@method='post']")[0]
    asked = {**form.fields, "reason": REASON}
    assert "p/old: new" in asked["plan"]

    bare = operator.post(path, asked | {"plan": ""}, page=path)
    assert "2 proses terhalang: langkahnya tidak ada di versi baru." in told(bare.text)
    for wrong in ({"plan": "rename: ["}, {"plan": "rename: {x: y}"}, {"to": "7"}, {"reason": ""}):
        assert operator.post(path, asked | wrong, page=path).status_code == 422, wrong
    sure = operator.post(path, asked, page=path)
    assert "2 dari 2 yang diperiksa dapat dipindahkan." in told(sure.text)

    order = follow(operator, path, asked, sessions)
    assert "berhasil2" in told(operator.get(order).text)
    assert where(session, rows) == [new, new]
    back = follow(operator, f"{order}/take-back", {"reason": REASON}, sessions)
    assert "berhasil2" in told(operator.get(back).text)
    assert where(session, rows) == [old, old]


def where(session: Session, rows: list[ProcessInstance]) -> list[int]:
    return [session.get_one(ProcessInstance, row.id, populate_existing=True).definition_id for row in rows]
