"""People are found by NIK, by name however it is spelt, and by address; restricted people stay unknown to others."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework.records import write_person
from engine.queries import people
from engine.store.people import Person
from tests import factories


@pytest.fixture
def sari(session: Session) -> Actor:
    return factories.worker(session, "tksk11", "tksk")


def person(session: Session, name: str, **values: object) -> Person:
    row = Person(name=name, village_code="99.01.01.2001")
    write_person(row, {"name": name, **values})
    session.add(row)
    session.flush()
    return row


@pytest.mark.parametrize(
    "typed", ["Djumiati", "ny. jumiati contoh", "9901 0152 0395 0001", "Jl. Melati", "melati no 4"]
)
def test_a_person_is_found_however_typed(session: Session, sari: Actor, typed: str) -> None:
    row = person(session, "Jumiati Contoh", nik="9901015203950001", address="Jalan Melati No. 4 RT 02")

    assert [found.id for found in people.search(session, sari, typed)] == [row.id]


@pytest.mark.parametrize("typed", ["Karsina", "karsinha", "Krsinah", "KARZINAH", "Karsynah Contoh", "Karsinahh"])
def test_a_slip_of_the_finger_finds_too(session: Session, sari: Actor, typed: str) -> None:
    row = person(session, "Karsinah Contoh")
    for name in ("Sri", "Budi", "Kartini"):
        person(session, f"{name} Contoh", address="Jalan Mawar 4")
    person(session, "Karsinah Rahasia").restricted = True
    session.flush()

    assert people.search(session, sari, typed)[0].id == row.id
    assert "Karsinah Rahasia" not in [found.name for found in people.search(session, sari, typed)]
    assert people.search(session, factories.worker(session, "tksk13", "tksk", at=("99.01.02",)), typed) == []


def test_a_word_that_everybody_has_finds_nobody_else(session: Session, sari: Actor) -> None:
    for name in ("Sri", "Budi", "Ani", "Tono", "Wati", "Karno", "Djoemiati"):
        person(session, f"{name} Contoh", address="Jalan Contoh 4")

    assert [found.name for found in people.search(session, sari, "Jumiati Contoh")] == ["Djoemiati Contoh"]
    assert people.search(session, sari, "Rubiyem Contoh") == []
    assert len(people.search(session, sari, "Contoh")) == 7


def test_the_same_nik_settles_it_and_the_number_is_masked(session: Session, sari: Actor) -> None:
    person(session, "Nama Lain", nik="9901015203950001", birth_date=date(1995, 3, 12))

    found = people.likely(session, sari, {"nik": "9901015203950001", "name": "Jumiati"})[0]

    assert (found.score, found.reasons, found.nik_masked) == (100, ("nik",), "9901••••••••0001")


def test_restricted_people_and_other_regions_stay_unknown(session: Session, sari: Actor) -> None:
    person(session, "Jumiati Contoh").restricted = True
    stranger = factories.worker(session, "tksk12", "tksk", at=("99.01.02",))
    person(session, "Jumiati Terbuka")
    session.flush()

    assert [found.name for found in people.search(session, sari, "jumiati")] == ["Jumiati Terbuka"]
    assert people.search(session, stranger, "jumiati") == []
