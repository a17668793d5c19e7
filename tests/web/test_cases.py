"""The list of cases and the case page: what is shown, masked, recorded and refused."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.casework import cases, tasks
from engine.store.audit import AccessLog
from engine.store.cases import Case
from engine.store.messages import InboundMessage
from engine.store.referrals import Referral
from tests import deciding_case, factories
from tests.forms.builders import component
from tests.small_case import YES_NO, form_file
from tests.web.conftest import Browser


@pytest.fixture
def sari(session: Session) -> Actor:
    deciding_case.deploy(session)
    actor = factories.worker(session, "tksk61", "tksk")
    session.commit()
    return actor


@pytest.fixture
def case_id(session: Session, sari: Actor) -> int:
    found = deciding_case.register(session, sari, client_nik=deciding_case.NIK, address="Jl. Melati 3")
    session.commit()
    return found


@pytest.fixture
def page(browser: Browser, sari: Actor) -> Browser:
    browser.sign_in("tksk61", factories.PASSWORD)
    return browser


def actions(session: Session, case_id: int) -> list[str]:
    return list(session.scalars(select(AccessLog.action).where(AccessLog.case_id == case_id).order_by(AccessLog.id)))


def test_the_list_names_nobody_and_says_what_each_case_waits_for(page: Browser, case_id: int) -> None:
    html = page.get("/cases").text
    assert "Ny. R., " in html
    assert "Rukmini" not in html
    assert "Susun rencana · belum diambil" in html


def test_the_list_is_filtered_and_paged_by_keys(page: Browser, session: Session, sari: Actor) -> None:
    for number in range(27):
        deciding_case.register(session, sari, f"Orang Contoh {chr(65 + number % 26)}", village_code="99.01.01.2002")
    deciding_case.register(session, sari, "Karno Contoh")
    session.commit()
    html = page.get("/cases").text
    assert html.count('class="app-row ') == 25
    following = re.search(r'rel="next" href="([^"]+)"', html)
    assert following is not None
    second = page.get(following[1].replace("&amp;", "&")).text
    assert second.count('class="app-row ') == 3
    assert 'rel="prev"' in second
    assert page.get("/cases?q=karno").text.count('class="app-row ') == 1
    assert page.get("/cases?region=99.01.01.2002&status=draft").text.count('class="app-row ') == 25
    assert "Tidak ada kasus yang cocok" in page.get("/cases?priority=P1").text
    assert "Belum ada kasus yang ditutup" in page.get("/cases?state=closed").text


def test_the_overview_shows_the_client_with_masked_numbers_and_is_recorded(
    page: Browser, case_id: int, session: Session
) -> None:
    html = page.get(f"/cases/{case_id}").text
    for part in ("Rukmini Contoh", "9901••••••••0001", "Jl. Melati 3", "Susun rencana", "Kasus dicatat", "TKSK"):
        assert part in html
    assert deciding_case.NIK not in html
    assert actions(session, case_id) == ["read"]


def test_a_programme_is_waited_for_with_status_and_clock_and_a_disaster_is_named(
    page: Browser, case_id: int, session: Session
) -> None:
    case = session.get_one(Case, case_id)
    case.event_no = "B-99.01.01-2026-0007"
    row = Referral(
        case_id=case_id, referral_no=f"{case.case_no}/R1", process_id="pkh", path="PKH", status="requested",
        opened_at=clock.now(), sent_at=clock.now(), reply_due_at=clock.now() + timedelta(days=180),
    )  # fmt: skip
    session.add(row)
    session.commit()
    html = page.get(f"/cases/{case_id}").text
    for part in ("Program Keluarga Harapan (PKH)", "Menunggu jawaban", "jawaban ditunggu", row.referral_no):
        assert part in html
    assert "B-99.01.01-2026-0007" in html
    row.status = "accepted"
    session.commit()
    assert "jawaban ditunggu" not in page.get(f"/cases/{case_id}").text


def test_numbers_are_shown_for_a_reason_that_is_kept(page: Browser, case_id: int, session: Session) -> None:
    here = f"/cases/{case_id}"
    refused = page.post(f"{here}/numbers", {"reason": " "}, page=here)
    assert refused.status_code == 422
    assert "Tulis untuk apa nomor ini diperlukan." in refused.text
    shown = page.post(f"{here}/numbers", {"reason": "mencocokkan kartu"}, page=here).text
    assert deciding_case.NIK in shown
    row = session.scalars(select(AccessLog).where(AccessLog.action == "unmask")).one()
    assert (row.case_id, row.reason) == (case_id, "mencocokkan kartu")
    assert deciding_case.NIK not in page.get(here).text


def test_history_tells_who_did_what(page: Browser, case_id: int, session: Session, sari: Actor) -> None:
    tasks.claim(session, sari, deciding_case.open_task(session, case_id, "PlanIntervention").id)
    session.commit()
    html = page.get(f"/cases/{case_id}/history").text
    assert "Susun rencana diambil" in html
    assert "Lalu: Susun rencana" in html
    assert "Petugas tksk61" in html


def test_answers_and_flow_show_the_way_so_far(page: Browser, case_id: int, session: Session, sari: Actor) -> None:
    deciding_case.do(session, sari, case_id, "PlanIntervention", goals="Makan teratur", budget="350000")
    session.commit()
    html = page.get(f"/cases/{case_id}/answers").text
    assert "Makan teratur" in html
    assert "Rp" in html
    assert deciding_case.NIK not in html
    html = page.get(f"/cases/{case_id}/flow").text
    assert 'data-here="ApprovePlan"' in html
    assert "kasus ada di sini" in html
    xml = page.get(f"/cases/{case_id}/flow/case.bpmn")
    assert xml.mimetype == "application/xml"
    assert "ApprovePlan" in xml.text
    assert page.get(f"/cases/{case_id}/flow/other.bpmn").status_code == 404


def test_a_note_needs_words(page: Browser, case_id: int) -> None:
    here = f"/cases/{case_id}"
    assert page.post(f"{here}/notes", {"body": "  "}, page=here).status_code == 422
    assert page.post(f"{here}/notes", {"body": "Tetangga membantu"}, page=here).location == f"{here}#notes"
    assert "Tetangga membantu" in page.get(here).text


def test_an_event_from_outside_reaches_the_process(page: Browser, case_id: int, session: Session) -> None:
    here = f"/cases/{case_id}/events"
    refused = page.post(here, {"event": "new_danger", "body": ""}, page=here)
    assert refused.status_code == 422
    assert 'value="new_danger" checked' in refused.text
    answer = page.post(here, {"event": "new_danger", "body": "Suami pulang", "_key": "k1"}, page=here)
    assert answer.status_code == 303
    message = session.scalars(select(InboundMessage)).one()
    assert (message.name, message.variables) == ("new_danger", {})
    page.post(here, {"event": "new_danger", "body": "Suami pulang", "_key": "k1"}, page=here)
    assert len(session.scalars(select(InboundMessage)).all()) == 1


MOVED = form_file(
    "client_moved",
    component(
        "radio", "moved_far", "Ke luar kabupaten?", values=YES_NO, validate={"required": True},
        properties={"fact": "true", "error": "Jawab ya atau tidak."},
    ),
    title="Klien pindah",
)  # fmt: skip


def test_an_event_with_a_form_of_its_own_asks_it(page: Browser, session: Session, sari: Actor) -> None:
    factories.deploy(session, deciding_case.FILES | {"case/client_moved.form": MOVED})
    case_id = deciding_case.register(session, sari)
    session.commit()
    here = f"/cases/{case_id}/events"
    assert "Ke luar kabupaten?" not in page.get(here).text
    asked = page.client.post(
        here,
        data={"event": "client_moved"},
        headers={
            "X-CSRF-Token": page.token(here),
            "HX-Request": "true",
            "HX-Request-Type": "partial",
            "HX-Target": "div#answers",
        },
    ).text
    assert "Ke luar kabupaten?" in asked
    assert "<html" not in asked
    typed = {"event": "client_moved", "body": "Ikut anak", "_key": "k2"}
    missing = page.post(here, typed, page=here)
    assert missing.status_code == 422
    assert "Ke luar kabupaten? Jawab ya atau tidak." in missing.text
    for _ in range(2):
        assert page.post(here, {**typed, "moved_far": "true"}, page=here).status_code == 303
    message = session.scalars(select(InboundMessage)).one()
    assert (message.name, message.variables) == ("client_moved", {"moved_far": True})
    assert page.get(f"/cases/{case_id}").text.count("Ikut anak") == 1, "told once, noted once"


def test_what_one_may_not_see_does_not_exist(browser: Browser, case_id: int, session: Session) -> None:
    factories.worker(session, "tksk62", "tksk", at=("99.01.02",))
    session.commit()
    browser.sign_in("tksk62", factories.PASSWORD)
    for path in ("", "/answers", "/history", "/flow", "/flow/case.bpmn", "/events"):
        assert browser.get(f"/cases/{case_id}{path}").status_code == 404
    for path in ("/notes", "/documents", "/numbers", "/events"):
        assert browser.post(f"/cases/{case_id}{path}", {"body": "x", "event": "new_danger"}).status_code in (404, 422)
    assert "99.01.01-" not in browser.get("/cases?q=rukmini").text


@pytest.fixture
def restricted(session: Session, sari: Actor) -> Case:
    on_duty = factories.worker(session, "peksos61", "peksos", restricted_duty=True)
    found = deciding_case.register(session, on_duty, "Melati Contoh", restricted="true")
    session.commit()
    return session.get_one(Case, found)


def test_a_restricted_case_opens_in_an_emergency_for_two_hours(
    page: Browser, restricted: Case, session: Session
) -> None:
    assert page.get(f"/cases/{restricted.id}").status_code == 404
    here = "/cases/emergency"
    short = page.post(here, {"case_no": restricted.case_no, "reason": "bahaya"}, page=here)
    assert short.status_code == 422
    assert restricted.case_no in short.text
    unknown = page.post(here, {"case_no": "99.01.01-2026-999999", "reason": "anak dalam bahaya"}, page=here)
    assert "Tidak ada kasus terbatas dengan nomor ini" in unknown.text
    typed = {"case_no": restricted.case_no, "reason": "anak dalam bahaya sekarang"}
    for _ in range(2):
        assert page.post(here, typed, page=here).location == f"/cases/{restricted.id}"
    assert "Melati Contoh" in page.get(f"/cases/{restricted.id}").text
    assert "break_glass" in actions(session, restricted.id)


def test_a_supervisor_names_somebody_for_a_restricted_case(
    browser: Browser, restricted: Case, session: Session, sari: Actor
) -> None:
    factories.worker(session, "kb61", "kabid", restricted_duty=True)
    session.commit()
    browser.sign_in("kb61", factories.PASSWORD)
    here = f"/cases/{restricted.id}"
    assert "Siapa yang dapat membaca" in browser.get(here).text
    assert browser.post(f"{here}/access", {}, page=here).status_code == 422
    browser.post(f"{here}/access", {"worker": sari.id}, page=here)
    assert "ditunjuk atasan" in browser.get(here).text
    assert cases.find(session, sari, restricted.id).id == restricted.id


def test_pages_take_few_statements(page: Browser, case_id: int, session: Session, sari: Actor) -> None:
    page.get(f"/cases/{case_id}")
    for path, most in (("/cases", 10), (f"/cases/{case_id}", 26), (f"/cases/{case_id}/history", 12)):
        statements: list[str] = []

        def note(_c: object, _k: object, statement: str, *_rest: object, kept: list[str] = statements) -> None:
            kept.append(statement)

        engine = session.connection().engine
        event.listen(engine, "before_cursor_execute", note)
        page.get(path)
        event.remove(engine, "before_cursor_execute", note)
        asked = [
            statement for statement in statements if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))
        ]
        assert len(asked) <= most, (path, len(asked), "\n".join(asked))
