"""Orders for many instances in the browser: counted first, confirmed, followed to the end; workers and their signs."""

import pytest
from lxml import html
from sqlalchemy.orm import Session, sessionmaker

from engine.casework import batches, signs
from engine.store.instances import InstanceState, ProcessInstance
from tests import factories
from tests.casework.test_batches import SIMPLE
from tests.web.conftest import Browser

REASON = "Versi ini keliru"


@pytest.fixture
def operator(browser: Browser, session: Session) -> Browser:
    factories.worker(session, "operator11", "operator", at=("99.01",))
    factories.deploy(session, {"p/p.bpmn": SIMPLE})
    session.commit()
    browser.sign_in("operator11", factories.PASSWORD)
    return browser


def told(text: str) -> str:
    return " ".join(html.fromstring(text).xpath("string(//main)").split())


def test_an_order_is_counted_confirmed_and_followed(
    operator: Browser, session: Session, sessions: sessionmaker[Session]
) -> None:
    rows = [factories.start(session, "p") for _ in range(3)]
    session.commit()
    path = f"/operation/versions/{rows[0].definition_id}/batch"
    assert "3 proses" in operator.get(f"{path}?element=a").text
    empty = operator.post(path, {"what": "resume", "reason": REASON}, page=path)
    assert (empty.status_code, "Tidak ada proses yang cocok" in empty.text) == (422, True)
    assert operator.post(path, {"what": "suspend", "reason": ""}, page=path).status_code == 422

    sure = operator.post(path, {"what": "suspend", "reason": REASON, "element": "a"}, page=path)
    assert "3 proses: Tahan." in told(sure.text)
    form = dict(html.fromstring(sure.text).xpath("//main//form[@method='post']")[0].fields)
    answers = [operator.post(path, form, page=path) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1, "a double click is one order"

    page = operator.get(answers[0].location).text
    assert "0 dari 3" in told(page)
    assert "Hentikan sisanya" in page
    batches.go_on(sessions)
    part = operator.get(answers[0].location, headers={"HX-Request-Type": "partial", "HX-Target": "div#progress"})
    assert ("1 dari 3" in told(f"<main>{part.text}</main>"), "<html" in part.text) == (True, False)
    assert operator.post(f"{answers[0].location}/stop", page=answers[0].location).status_code == 303
    assert "tidak dikerjakan2" in told(operator.get(answers[0].location).text)
    states = [session.get_one(ProcessInstance, row.id, populate_existing=True).state for row in rows]
    assert states.count(InstanceState.SUSPENDED) == 1
    assert "1 dari 3" not in told(operator.get("/operation/batches").text), "stopped: nothing waits any more"


def test_the_queues_tell_backlog_lateness_and_who_is_there(operator: Browser, sessions: sessionmaker[Session]) -> None:
    assert "Belum ada pekerja yang hidup" in operator.get("/operation/queues").text
    signs.Signing(sessions, "worker")()
    page = told(operator.get("/operation/queues").text)
    for text in ("Pengatur waktu", "Keterlambatan", "Jatuh waktu terlama", "Pekerja", "bekerja"):
        assert text in page, text
