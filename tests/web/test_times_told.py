"""What a clock did, in words: when a process starts by itself, and what passed while nobody heard it."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engine import clock
from engine.casework import cases, work
from engine.store.workers import Worker
from tests import factories, small_case
from tests.bpmn import diagrams as d
from tests.web.conftest import Browser

REMINDED = d.process(
    d.start(),
    d.user("RegisterReport", small_case.groups("tksk", "RegisterReport"), name="Catat laporan"),
    d.user("AssessNeeds", small_case.groups("tksk"), name="Asesmen"),
    d.element(
        "boundaryEvent", "Weekly", d.timer("R/P7D", "timeCycle"),
        attachedToRef="AssessNeeds", cancelActivity="false", name="Sepekan berlalu",
    ),
    d.end(),
    d.end("reminded"),
    d.chain("start", "RegisterReport", "AssessNeeds", "end"),
    d.chain("Weekly", "reminded"),
    id="case",
)  # fmt: skip
ROUND = d.process(
    d.start("Monthly", d.timer("R/P1M", "timeCycle"), d.properties(region="99.01"), name="Awal bulan"),
    d.user("Look", small_case.groups("tksk"), name="Periksa"),
    d.end(),
    d.chain("Monthly", "Look", "end"),
    id="round",
)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("id", "Tiba waktunya: Sepekan berlalu (terlewat 3 kali lagi selagi Pilar berhenti, dijalankan sekali)"),
        ("en", "Its time came: Sepekan berlalu (missed 3 more times while Pilar was down, done once)"),
    ],
)
def test_the_history_says_how_often_a_timer_was_missed(
    browser: Browser, session: Session, language: str, told: str
) -> None:
    factories.places(session)
    worker = _sign_in(browser, session, "tksk71", "tksk", language)
    factories.deploy(session, {**small_case.FILES, "case/case.bpmn": REMINDED})
    case_id = cases.register(
        session, worker.actor(), {"client_name": "Rukmini Contoh", "village_code": factories.VILLAGE}
    ).case_id
    with clock.travel(clock.now() + timedelta(days=30)):
        assert work.run_due(session, {}) == 1
    session.commit()
    assert told in browser.get(f"/cases/{case_id}/history").text


def test_a_family_says_when_it_starts_by_itself(browser: Browser, session: Session) -> None:
    factories.places(session)
    _sign_in(browser, session, "analis71", "analyst", "id")
    factories.deploy(session, {"round/round.bpmn": ROUND})
    session.commit()
    page = browser.get("/processes/round").text
    assert "Mulai sendiri" in page
    assert "Awal bulan: <b>" in page


def _sign_in(browser: Browser, session: Session, name: str, role: str, language: str) -> Worker:
    worker = session.get_one(Worker, factories.worker(session, name, role).id)
    worker.language = language
    session.commit()
    browser.sign_in(name, factories.PASSWORD)
    return worker
