"""What a form's answers write to the record: person, household, reporter, consent. Bindings are data in the form."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from engine import clock
from engine.actors import Actor
from engine.casework.running import Loaded
from engine.store import folding
from engine.store.cases import Case
from engine.store.people import Household, HouseholdMember, Person
from engine.store.referrals import Consent
from engine.store.regions import kecamatan_of
from forms.model import Form

_PERSON = ("name", "nik", "nik_status", "sex", "birth_date", "phone", "address", "village_code", "died_on")


def apply(session: Session, actor: Actor, loaded: Loaded, form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Write the bound answers; the facts that follow from the record (client_age, has_nik, region …)."""
    bound = forms.records_of(form, answers)
    if loaded.case is None or not (bound or form.record == "consent"):
        return {}
    case = session.get_one(Case, loaded.case.id)
    person = _part(bound, "person")
    if person:
        write_person(case.client, person)
    _write_case(case, _part(bound, "reporter"), person)
    _write_household(session, case, _part(bound, "household"))
    if form.record == "consent":
        _write_consent(session, actor, case, _part(bound, "consent"))
    session.flush()
    return _facts(case, person)


def _part(bound: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    start = f"{prefix}."
    return {path.removeprefix(start): value for path, value in bound.items() if path.startswith(start)}


def write_person(person: Person, values: Mapping[str, Any]) -> None:
    """Write what is known of a person, with the folded words and blind indexes that find it again."""
    for name in _PERSON:
        if values.get(name) is not None:
            setattr(person, name, values[name])
    if values.get("name"):
        person.name_words = folding.words(str(values["name"]))
    if values.get("nik"):
        person.nik = folding.digits(str(values["nik"]))
        person.nik_index = folding.nik_index(person.nik)
    if values.get("address"):
        person.address_index = folding.address_index(str(values["address"]))


def _write_case(case: Case, reporter: Mapping[str, Any], person: Mapping[str, Any]) -> None:
    for name, value in reporter.items():
        setattr(case, f"reporter_{name}", value)
    if person.get("village_code"):
        case.village_code = str(person["village_code"])
        if case.status == "draft":
            case.region_code = kecamatan_of(case.village_code)


def _write_household(session: Session, case: Case, values: Mapping[str, Any]) -> None:
    if not values:
        return
    household = case.household or _find_household(session, values.get("kk_no")) or Household(created_at=clock.now())
    if household.id is None:
        session.add(household)
    case.household = household
    household.village_code = case.village_code
    if values.get("kk_no"):
        household.kk_no = folding.digits(str(values["kk_no"]))
        household.kk_index = folding.kk_index(household.kk_no)
    if values.get("desil") is not None:
        household.desil = int(values["desil"])
    if values.get("desil_on") is not None:
        household.desil_on = values["desil_on"]
    session.flush()
    _write_members(session, household, case.client, values.get("members") or [], hidden=case.restricted)


def _find_household(session: Session, kk_no: str | None) -> Household | None:
    if not kk_no:
        return None
    return session.scalar(select(Household).where(Household.kk_index == folding.kk_index(kk_no)).limit(1))


def _write_members(
    session: Session, household: Household, client: Person, rows: list[Mapping[str, Any]], *, hidden: bool
) -> None:
    """Add members that are new by NIK or name; a household keeps those it had. `hidden`: of a restricted case."""
    known = list(session.scalars(select(HouseholdMember).where(HouseholdMember.household_id == household.id)))
    if all(member.person_id != client.id for member in known):
        session.add(HouseholdMember(household_id=household.id, person_id=client.id, relation="client"))
    names = {tuple(member.person.name_words) for member in known} | {tuple(client.name_words)}
    for row in rows:
        values = {path.rpartition(".")[2]: value for path, value in row.items()}
        name = str(values.get("name") or "")
        if not name or tuple(folding.words(name)) in names:
            continue
        person = Person(name=name, created_at=clock.now(), village_code=household.village_code, restricted=hidden)
        write_person(person, values)
        session.add(person)
        session.flush()
        relation = str(values.get("relation") or "other")
        session.add(HouseholdMember(household_id=household.id, person_id=person.id, relation=relation))


def _write_consent(session: Session, actor: Actor, case: Case, values: Mapping[str, Any]) -> None:
    session.add(
        Consent(
            case_id=case.id,
            given=values.get("given") is True,
            purposes=[str(purpose) for purpose in values.get("purposes") or []],
            legal_basis=str(values.get("legal_basis") or ""),
            channel=str(values.get("channel") or ""),
            language=str(values.get("language") or ""),
            guardian_relation=values.get("guardian_relation"),
            expires_on=values.get("expires_on"),
            recorded_by=actor.id,
            recorded_at=clock.now(),
        )
    )


def _facts(case: Case, person: Mapping[str, Any]) -> dict[str, Any]:
    """Facts that follow from the record when a form wrote to the person."""
    if not person:
        return {}
    client = case.client
    facts: dict[str, Any] = {
        "region": case.region_code,
        "village_code": case.village_code,
        "has_nik": client.nik is not None,
    }
    if client.birth_date is not None:
        facts["client_age"] = age_on(client.birth_date, clock.now().date())
    return facts


def age_on(birth_date: date, on: date) -> int:
    """Completed years."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
