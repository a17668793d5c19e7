"""People: search, one person's page, households and cases as far as the reader may know them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.store.audit import AccessLog
from engine.store.cases import Case
from engine.store.people import Household, HouseholdMember, Person
from tests import deciding_case, factories
from tests.web.conftest import Browser


@pytest.fixture
def sari(session: Session) -> Actor:
    deciding_case.deploy(session)
    actor = factories.worker(session, "tksk81", "tksk")
    session.commit()
    return actor


@pytest.fixture
def person(session: Session, sari: Actor) -> Person:
    case_id = deciding_case.register(session, sari, client_nik=deciding_case.NIK)
    session.commit()
    return session.get_one(Case, case_id).client


@pytest.fixture
def page(browser: Browser, sari: Actor) -> Browser:
    browser.sign_in("tksk81", factories.PASSWORD)
    return browser


def test_search_leads_to_the_person_and_their_case(page: Browser, person: Person, session: Session) -> None:
    html = page.post("/people", {"q": "Rukmini"}, page="/people").text
    assert f"/people/{person.id}" in html
    assert "1 kasus berjalan" in html
    html = page.get(f"/people/{person.id}").text
    for part in ("Rukmini Contoh", "9901••••••••0001", "-000001"):
        assert part in html
    assert deciding_case.NIK not in html
    seen = session.scalars(select(AccessLog.action).where(AccessLog.subject_id == person.id)).all()
    assert seen == ["found", "read"]


def test_numbers_need_a_reason(page: Browser, person: Person) -> None:
    here = f"/people/{person.id}"
    assert page.post(f"{here}/numbers", {"reason": ""}, page=here).status_code == 422
    assert deciding_case.NIK in page.post(f"{here}/numbers", {"reason": "mencocokkan KTP"}, page=here).text


def test_nobody_is_asked_why_they_want_numbers_that_are_not_there(page: Browser, session: Session, sari: Actor) -> None:
    case = session.get_one(Case, deciding_case.register(session, sari, "Tanpa Nomor"))
    session.commit()
    here = (f"/people/{case.client_id}", f"/cases/{case.id}")
    assert not any("Tampilkan nomor" in page.get(path).text for path in here)
    case.client.phone = "081200000081"
    session.commit()
    assert all("Tampilkan nomor" in page.get(path).text for path in here)


def test_roles_that_never_need_numbers_do_not_get_them(browser: Browser, person: Person, session: Session) -> None:
    factories.worker(session, "psm81", "psm", at=(factories.VILLAGE,))
    session.commit()
    browser.sign_in("psm81", factories.PASSWORD)
    here = f"/people/{person.id}"
    assert "Tampilkan nomor" not in browser.get(here).text
    assert browser.post(f"{here}/numbers", {"reason": "ingin tahu saja"}, page=here).status_code == 403


def test_somebody_of_another_region_does_not_exist(browser: Browser, person: Person, session: Session) -> None:
    factories.worker(session, "tksk82", "tksk", at=("99.01.02",))
    session.commit()
    browser.sign_in("tksk82", factories.PASSWORD)
    assert browser.get(f"/people/{person.id}").status_code == 404
    assert "Rukmini Contoh" not in browser.post("/people", {"q": "Rukmini"}, page="/people").text


def test_a_household_does_not_give_away_a_protected_member(page: Browser, session: Session, sari: Actor) -> None:
    on_duty = factories.worker(session, "peksos81", "peksos", restricted_duty=True)
    husband = session.get_one(Case, deciding_case.register(session, sari, "Karno Contoh", sex="L")).client
    wife_case = session.get_one(Case, deciding_case.register(session, on_duty, "Melati Contoh", restricted="true"))
    home = Household(village_code=factories.VILLAGE, created_at=wife_case.opened_at)
    session.add(home)
    session.flush()
    for person, relation in ((husband, "head"), (wife_case.client, "spouse")):
        session.add(HouseholdMember(household_id=home.id, person_id=person.id, relation=relation))
    wife_case.household = home
    session.commit()
    html = page.get(f"/people/{husband.id}").text
    assert "kepala keluarga" in html
    assert "Melati" not in html
    assert page.get(f"/people/{wife_case.client_id}").status_code == 404
    assert "Melati Contoh" not in page.post("/people", {"q": "melati"}, page="/people").text
