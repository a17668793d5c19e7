"""Registering a case through the browser's eyes: search first, duplicates, nothing lost, the receipt."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.store.audit import AccessLog, first_break
from engine.store.cases import Case
from engine.store.documents import Document
from engine.store.people import Person
from tests import deciding_case, factories
from tests.web.conftest import Browser

FORM = {key: value for key, value in deciding_case.report().items() if key != "birth_date"} | {
    "birth_date-day": "4", "birth_date-month": "3", "birth_date-year": "1952",
}  # fmt: skip


@pytest.fixture
def sari(session: Session) -> Actor:
    deciding_case.deploy(session)
    actor = factories.worker(session, "tksk51", "tksk")
    session.commit()
    return actor


@pytest.fixture
def page(browser: Browser, sari: Actor) -> Browser:
    browser.sign_in("tksk51", factories.PASSWORD)
    return browser


def cases_of(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Case)) or 0


def test_search_finds_by_name_however_it_is_spelled_and_by_nik(page: Browser, session: Session, sari: Actor) -> None:
    deciding_case.register(session, sari, "Djoemiati Contoh", client_nik=deciding_case.NIK)
    session.commit()
    for text in ("jumiati", "9901 0144 0352 0001"):
        html = page.post("/cases/new", {"q": text}, page="/cases/new").text
        assert "Djoemiati Contoh" in html
        assert "9901••••••••0001" in html
        assert deciding_case.NIK not in html
    found = session.scalars(select(AccessLog).where(AccessLog.action == "found")).all()
    assert len(found) == 2
    assert first_break(session) is None


def test_somebody_unknown_goes_on_into_the_form(page: Browser) -> None:
    html = page.post("/cases/new", {"q": "Karno"}, page="/cases/new").text
    assert "Tidak ada yang cocok" in html
    html = page.post("/cases/new/report", {"_form": "begin", "q": "Karno"}, page="/cases/new").text
    assert 'value="Karno"' in html


def test_a_report_becomes_a_case_and_the_receipt_says_what_comes_next(page: Browser, session: Session) -> None:
    answer = page.post("/cases/new/report", {"_form": "register", **FORM}, page="/cases/new/report")
    assert answer.status_code == 303
    html = page.get(answer.location).text
    assert "Laporan tercatat" in html
    assert re.search(r"99\.01\.01-\d{4}-000001", html)
    assert "Susun rencana" in html
    assert "Rukmini" not in html, "a receipt may be shown around"


def test_errors_lead_to_their_fields_and_nothing_is_lost(page: Browser, session: Session) -> None:
    typed = {"_form": "register", "client_nik": "123", "address": "Jl. Melati"}
    answer = page.post("/cases/new/report", typed, page="/cases/new/report")
    assert answer.status_code == 422
    assert '<a href="#client_name">Tuliskan nama klien</a>' in answer.text
    assert 'value="123"' in answer.text
    assert 'value="Jl. Melati"' in answer.text
    assert cases_of(session) == 0


def test_the_same_person_is_noticed_before_the_case_is_made(page: Browser, session: Session, sari: Actor) -> None:
    deciding_case.register(session, sari)
    session.commit()
    answer = page.post("/cases/new/report", {"_form": "register", **FORM}, page="/cases/new/report")
    assert "Mungkin orang ini sudah tercatat" in answer.text
    assert "tanggal lahir sama" in answer.text
    assert cases_of(session) == 1
    person_id = session.scalar(select(Person.id))
    chosen = page.post("/cases/new/report", {"_form": f"use:{person_id}", **FORM}, page="/cases/new/report")
    assert "Orang yang sudah dikenal" in chosen.text
    done = page.post("/cases/new/report", {"_form": "register", "_person": person_id, **FORM}, page="/cases/new/report")
    assert done.status_code == 303
    assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_it_may_still_be_somebody_new(page: Browser, session: Session, sari: Actor) -> None:
    deciding_case.register(session, sari)
    session.commit()
    answer = page.post("/cases/new/report", {"_form": "new", **FORM}, page="/cases/new/report")
    assert answer.status_code == 303
    assert session.scalar(select(func.count()).select_from(Person)) == 2


def test_a_found_person_fills_the_form_but_not_the_numbers(page: Browser, session: Session, sari: Actor) -> None:
    deciding_case.register(session, sari, client_nik=deciding_case.NIK)
    session.commit()
    html = page.get(f"/cases/new/report?person={session.scalar(select(Person.id))}").text
    assert 'value="Rukmini Contoh"' in html
    assert deciding_case.NIK not in html


def test_the_same_submission_twice_makes_one_case(page: Browser, session: Session) -> None:
    key = re.search(r'name="_key" value="([^"]+)"', page.get("/cases/new/report").text)
    assert key is not None
    typed = {"_form": "register", "_key": key[1], **FORM}
    first, second = (page.post("/cases/new/report", typed, page="/cases/new/report") for _ in range(2))
    assert first.location == second.location
    assert cases_of(session) == 1


def test_a_photo_survives_an_error_and_reaches_the_case(page: Browser, session: Session) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "JPEG")
    typed = {"_form": "register", "photo-upload": (io.BytesIO(picture.getvalue()), "rumah.jpg")}
    answer = page.post("/cases/new/report", typed, page="/cases/new/report", content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "rumah.jpg" in answer.text
    document = session.scalars(select(Document)).one()
    assert document.case_id is None
    answer = page.post(
        "/cases/new/report", {"_form": "register", "photo": document.id, **FORM}, page="/cases/new/report"
    )
    assert answer.status_code == 303
    session.refresh(document)
    assert document.case_id is not None


def test_restricted_people_do_not_appear_to_others(browser: Browser, session: Session, sari: Actor) -> None:
    on_duty = factories.worker(session, "tksk52", "tksk", restricted_duty=True)
    deciding_case.register(session, on_duty, "Melati Contoh", client_nik=deciding_case.NIK, restricted="true")
    session.commit()
    browser.sign_in("tksk51", factories.PASSWORD)
    for text in ("Melati", deciding_case.NIK):
        assert "Melati Contoh" not in browser.post("/cases/new", {"q": text}, page="/cases/new").text
    typed = {"_form": "register", **FORM, "client_name": "Melati Contoh"}
    assert browser.post("/cases/new/report", typed, page="/cases/new/report").status_code == 303, "no hint of her"


def test_a_volunteer_registers_in_the_own_village_only(browser: Browser, session: Session, sari: Actor) -> None:
    factories.worker(session, "psm51", "psm", at=(factories.VILLAGE,))
    session.commit()
    browser.sign_in("psm51", factories.PASSWORD)
    page = browser.get("/cases/new/report").text
    assert "99.01.01.2002" not in page
    typed = {"_form": "register", **FORM, "village_code": "99.01.01.2002"}
    answer = browser.post("/cases/new/report", typed, page="/cases/new/report")
    assert answer.status_code == 422
    assert "di wilayah kerja Anda" in answer.text
    answer = browser.post("/cases/new/report", {"_form": "register", **FORM}, page="/cases/new/report")
    assert answer.status_code == 303


def test_who_reported_a_restricted_case_gets_a_receipt_and_nothing_more(
    browser: Browser, session: Session, sari: Actor
) -> None:
    factories.worker(session, "psm52", "psm", at=(factories.VILLAGE,))
    session.commit()
    browser.sign_in("psm52", factories.PASSWORD)
    typed = {"_form": "register", **FORM, "restricted": "true"}
    answer = browser.post("/cases/new/report", typed, page="/cases/new/report")
    html = browser.get(answer.location).text
    assert "Terbatas" in html
    case_id = session.scalar(select(Case.id))
    shown = browser.get(f"/cases/{case_id}").status_code
    assert (shown == 200) == (f"/cases/{case_id}" in html), "the receipt links only to what opens"
