"""Approvals: the list, the evidence beside the decision, reasons per field, four eyes, what a choice leads to."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import tasks
from engine.queries import approvals
from engine.store.tasks import Task, TaskState
from tests import deciding_case, factories
from tests.web.conftest import Browser


@pytest.fixture
def sari(session: Session) -> Actor:
    deciding_case.deploy(session)
    return factories.worker(session, "tksk91", "tksk")


@pytest.fixture
def hadi(session: Session, sari: Actor) -> Actor:
    return factories.worker(session, "kb91", "kabid")


@pytest.fixture
def case_id(session: Session, sari: Actor, hadi: Actor) -> int:
    found = deciding_case.register(session, sari)
    deciding_case.do(session, sari, found, "PlanIntervention", goals="Makan teratur", budget="350000")
    session.commit()
    return found


@pytest.fixture
def task(session: Session, case_id: int) -> Task:
    return deciding_case.open_task(session, case_id, "ApprovePlan")


@pytest.fixture
def page(browser: Browser, task: Task) -> Browser:
    browser.sign_in("kb91", factories.PASSWORD)
    return browser


def decide(page: Browser, task: Task, **fields: str) -> tuple[int, str]:
    here = f"/approvals/{task.id}"
    answer = page.post(here, dict(fields), page=here)
    return answer.status_code, answer.text


def test_the_list_says_what_waits_and_who_sent_it(page: Browser, task: Task) -> None:
    html = page.get("/approvals").text
    for part in ("Setujui rencana", "Ny. R., ", "diajukan Petugas tksk91", "Perlu mata kedua."):
        assert part in html
    assert "Rukmini" not in html
    assert "pengajuan ke-2" not in html


def test_evidence_stands_beside_the_decision_with_what_each_choice_leads_to(page: Browser, task: Task) -> None:
    html = page.get(f"/approvals/{task.id}").text
    shown = ("Makan teratur", "Rp", "Diputuskan orang kedua")
    for part in (*shown, "Bila “Setujui”:", "Dampingi klien", "Tulis surat penolakan"):
        assert part in html
    buttons = re.findall(r'<button class="app-button[^"]*"[^>]*name="decision" value="(\w+)"', html)
    assert buttons == ["approve", "return", "reject"]
    assert 'type="radio"' not in html


def test_approving_moves_the_case_on(page: Browser, task: Task, session: Session, case_id: int) -> None:
    assert decide(page, task, decision="approve")[0] == 303
    assert deciding_case.open_task(session, case_id, "Accompany").state is TaskState.OPEN
    html = page.get("/approvals").text
    assert "Tidak ada yang menunggu keputusan Anda" in html
    assert '<strong class="app-tag app-tag--green">Disetujui</strong>' in html.partition("Baru diputuskan")[2]


def test_a_refusal_without_a_reason_is_asked_again_with_every_word(page: Browser, task: Task, session: Session) -> None:
    status, html = decide(
        page,
        task,
        decision="return",
        **{"corrections-0-field": "PlanIntervention.goals", "corrections-0-comment": "Rinci"},
    )
    assert status == 422
    assert '<a href="#reason">Tuliskan alasannya.</a>' in html
    assert "Rinci" in html
    assert '<option value="PlanIntervention.goals" selected>Rencana: Tujuan</option>' in html
    session.refresh(task)
    assert task.state is TaskState.OPEN


def test_a_return_pins_its_reasons_to_the_fields_and_shows_what_changed(
    page: Browser, task: Task, session: Session, case_id: int, sari: Actor
) -> None:
    fields = {"corrections-0-field": "PlanIntervention.goals", "corrections-0-comment": "Sebutkan siapa mengantar"}
    assert decide(page, task, decision="return", reason="Belum lengkap", **fields)[0] == 303
    assert [(pin.field, pin.comment) for pin in approvals.pins(session, sari, case_id)] == [
        ("", "Belum lengkap"),
        ("PlanIntervention.goals", "Sebutkan siapa mengantar"),
    ]
    assert [pin.label for pin in approvals.pins(session, sari, case_id)] == ["", "Tujuan"]
    deciding_case.do(session, sari, case_id, "PlanIntervention", goals="Makan teratur, diantar PSM", budget="350000")
    session.commit()
    again = deciding_case.open_task(session, case_id, "ApprovePlan")
    assert "pengajuan ke-2" in page.get("/approvals").text
    html = page.get(f"/approvals/{again.id}").text
    for part in (
        "Yang berubah sejak dikembalikan",
        "<del>Makan teratur</del>",
        "<ins>Makan teratur, diantar PSM</ins>",
    ):
        assert part in html
    for part in (
        "Sebutkan siapa mengantar",
        "dijawab",
        "Belum lengkap",
        "pengajuan ke-2",
        "Setujui rencana: Dikembalikan",
    ):
        assert part in html
    assert "<del>350" not in html, "what did not change is not shown as changed"
    decide(page, again, decision="approve")
    assert approvals.pins(session, sari, case_id) == []


def test_who_worked_on_the_case_is_told_why_they_cannot_decide(browser: Browser, session: Session, sari: Actor) -> None:
    both = factories.worker(session, "kb92", "kabid", "tksk")
    case_id = deciding_case.register(session, sari)
    deciding_case.do(session, both, case_id, "PlanIntervention", goals="Makan teratur")
    session.commit()
    task = deciding_case.open_task(session, case_id, "ApprovePlan")
    browser.sign_in("kb92", factories.PASSWORD)
    assert "perlu orang lain" in browser.get("/approvals").text
    html = browser.get(f"/approvals/{task.id}").text
    assert "perlu orang kedua: rekan lain yang berwenang" in html
    assert 'name="decision"' not in html
    assert browser.post(f"/approvals/{task.id}", {"decision": "approve"}).status_code == 403


def test_somebody_elses_decision_is_shown_but_not_taken(page: Browser, task: Task, session: Session) -> None:
    tasks.claim(session, factories.worker(session, "kb93", "kabid"), task.id)
    session.commit()
    assert "Sedang diputuskan oleh Petugas kb93" in page.get(f"/approvals/{task.id}").text
    status, html = decide(page, task, decision="reject", reason="Alasan saya yang panjang")
    assert status == 409
    assert "Alasan saya yang panjang" in html


def test_the_draft_is_the_first_button_so_that_enter_decides_nothing(
    page: Browser, task: Task, session: Session
) -> None:
    html = page.get(f"/approvals/{task.id}").text
    form = html[html.index(f'action="/approvals/{task.id}"') :]
    assert re.search(r'<button[^>]*value="(\w+)"', form)[1] == "draft"  # type: ignore[index]
    assert decide(page, task, _form="draft", reason="Sebentar")[0] == 303
    assert "Sebentar" in page.get(f"/approvals/{task.id}").text
    session.refresh(task)
    assert task.state is TaskState.OPEN


def test_the_preview_writes_nothing(page: Browser, task: Task, session: Session) -> None:
    before = len(session.scalars(select(Task)).all())
    page.get(f"/approvals/{task.id}")
    session.expire_all()
    assert len(session.scalars(select(Task)).all()) == before


def test_only_supervisors_come_here(browser: Browser, task: Task) -> None:
    browser.sign_in("tksk91", factories.PASSWORD)
    assert browser.get("/approvals").status_code == 403
    assert browser.get(f"/approvals/{task.id}").status_code == 403


def test_who_mends_the_plan_sees_the_reasons(browser: Browser, session: Session, case_id: int, hadi: Actor) -> None:
    corrections = [{"field": "PlanIntervention.goals", "comment": "Sebutkan siapa mengantar"}]
    answers = {"decision": "return", "reason": "Belum lengkap", "corrections": corrections}
    deciding_case.do(session, hadi, case_id, "ApprovePlan", **answers)
    session.commit()
    browser.sign_in("tksk91", factories.PASSWORD)
    html = browser.get(f"/tasks/{deciding_case.open_task(session, case_id, 'PlanIntervention').id}").text
    for part in ("Dikembalikan untuk diperbaiki", "Belum lengkap", "Tujuan: Sebutkan siapa mengantar"):
        assert part in html
