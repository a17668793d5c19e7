"""People: found by NIK, name or address, who may be the same, one person's page. Only those the actor may know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor, Role
from engine.errors import NotFound
from engine.queries import people_found
from engine.store import folding, regions
from engine.store.cases import Case
from engine.store.people import Household, HouseholdMember, Person
from forms import records_of
from forms.model import Form

MOST = 20
W = TypeVar("W", str, bytes)
_FEW = 5
# Of a name that may be mistyped: how many letters, and how many words are looked for.
_SHORTEST, _LONGEST, _MOST_WORDS = 4, 16, 3


@dataclass(frozen=True, slots=True)
class Found:
    """A person that a search found. `score` 0..100: how alike; `reasons`: codes (nik, name, birth_date, address)."""

    id: int
    name: str
    sex: str | None
    birth_date: date | None
    village_code: str | None
    village: str
    nik_masked: str | None
    open_cases: int
    score: int
    reasons: tuple[str, ...]


def search(session: Session, actor: Actor, text: str) -> list[Found]:
    """People by NIK (exact), name words or address words, and by a name with a slip in it; best first, at most 20."""
    text = text.strip()
    if len(folding.digits(text)) == 16:
        return likely(session, actor, {"nik": folding.digits(text)})
    found = likely(session, actor, {"name": text, "address": text})
    if found and found[0].score >= LIKELY:
        return found
    meant = _mistyped(session, actor, text)
    known = {one.id for one in meant}
    return [*meant, *(one for one in found if one.id not in known)][:MOST]


def _mistyped(session: Session, actor: Actor, text: str) -> list[Found]:
    """People one of whose names is one slip away from a word asked for; short words have too many neighbours."""
    meant = [folding.slips(word) for word in folding.words(text) if _SHORTEST <= len(word) <= _LONGEST][:_MOST_WORDS]
    if not meant or not _finds(actor):
        return []
    rows = people_found.nearly(session, actor, meant)
    # The index holds words of addresses too.
    named = [row for row in rows if not any(words.isdisjoint(row.name_words) for words in meant)]
    return _told(session, actor, [(row, 50, ["name"]) for row in named[:MOST]])


def likely(session: Session, actor: Actor, wanted: Mapping[str, Any], *, most: int = MOST) -> list[Found]:
    """People who may be the one described by nik, name, birth_date and address; best first."""
    if not _finds(actor):
        return []
    rows = people_found.candidates(session, actor, wanted, most)
    tells = _Tells(rows, wanted)
    found = _told(session, actor, [(row, *_score(row, wanted, tells)) for row in rows])
    return sorted((f for f in found if f.score >= 30), key=lambda f: -f.score)[:most]


def _finds(actor: Actor) -> bool:
    return actor.has(*permissions.READS_REGION, *permissions.THROUGH_WORK)


class _Tells:
    """Which of the words asked for tell people apart: one that half of those found have does not."""

    def __init__(self, rows: Sequence[Person], wanted: Mapping[str, Any]) -> None:
        asked = folding.words(str(wanted.get("name") or ""))
        self.name = _telling(asked, [set(row.name_words) for row in rows])
        places = folding.address_index(str(wanted.get("address") or ""))
        self.address = _telling(places, [{bytes(part) for part in row.address_index} for row in rows])


def _telling(asked: Sequence[W], held: Sequence[set[W]]) -> set[W]:
    """The words that tell; all of them if none does."""
    most = max(_FEW, len(held) / 2)
    return {word for word in asked if sum(word in words for words in held) <= most} or set(asked)


def _told(session: Session, actor: Actor, scored: Sequence[tuple[Person, int, Sequence[str]]]) -> list[Found]:
    """People with how alike they are and why, with village and open cases; two statements."""
    rows = [row for row, *_ in scored]
    villages, cases = _village_names(session, rows), _open_cases(session, actor, [row.id for row in rows])
    return [
        Found(
            id=row.id,
            name=row.name,
            sex=row.sex,
            birth_date=row.birth_date,
            village_code=row.village_code,
            village=villages.get(row.village_code or "", ""),
            nik_masked=masked(row.nik),
            open_cases=cases.get(row.id, 0),
            score=score,
            reasons=tuple(reasons),
        )
        for row, score, reasons in scored
    ]


def _score(row: Person, wanted: Mapping[str, Any], tells: _Tells) -> tuple[int, list[str]]:
    """The same NIK settles it; else name (up to 60), birth date (25) and address (15) add up."""
    if wanted.get("nik") and row.nik_index == folding.nik_index(str(wanted["nik"])):
        return 100, ["nik"]
    score, reasons = 0, []
    asked, has = set(folding.words(str(wanted.get("name") or ""))), set(row.name_words)
    if tells.name & has:
        score += round(60 * len(asked & has) / max(1, min(len(asked), len(has))))
        reasons.append("name")
    if wanted.get("birth_date") is not None and row.birth_date == wanted["birth_date"]:
        score += 25
        reasons.append("birth_date")
    if tells.address & {bytes(part) for part in row.address_index}:
        score += 15 if wanted.get("name") != wanted.get("address") else 40
        reasons.append("address")
    return score, reasons


def masked(number: str | None) -> str | None:
    """'9901011203950001' -> '9901••••••••0001'."""
    return None if not number else f"{number[:4]}{'•' * (len(number) - 8)}{number[-4:]}"


def _village_names(session: Session, rows: list[Person]) -> dict[str, str]:
    codes = {row.village_code for row in rows if row.village_code}
    if not codes:
        return {}
    query = select(regions.Region.code, regions.Region.name).where(regions.Region.code.in_(codes))
    return dict(session.execute(query).all())


def _open_cases(session: Session, actor: Actor, ids: list[int]) -> dict[int, int]:
    if not ids:
        return {}
    counts: dict[int, int] = {}
    query = select(Case.client_id).where(
        Case.client_id.in_(ids), Case.closed_at.is_(None), permissions.sees_case(actor)
    )
    for client_id in session.scalars(query):
        counts[client_id] = counts.get(client_id, 0) + 1
    return counts


def may_search(actor: Actor) -> bool:
    """Whether the actor finds people at all (a village volunteer only in the villages of the own scope)."""
    return actor.has(*permissions.READS_REGION, Role.PSM, Role.TAGANA, Role.PKH_COMPANION)


SURE, LIKELY = 100, 60


def duplicates(session: Session, actor: Actor, form: Form, answers: Mapping[str, Any]) -> list[Found]:
    """People who are probably the one that a form's answers describe: the same NIK, or much in common."""
    bound = records_of(form, answers)
    wanted = {name: bound.get(f"person.{name}") for name in ("nik", "name", "birth_date", "address")}
    return [found for found in likely(session, actor, wanted) if found.score >= LIKELY]


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody in a household of the person."""

    person: Person
    relation: str


@dataclass(frozen=True, slots=True)
class Home:
    """A household of the person; `members` holds only people the actor may know of, the person apart."""

    household: Household
    village: str
    relation: str
    is_present: bool
    members: Sequence[Relative]


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case of the person that the actor may read."""

    id: int
    case_no: str
    status: str
    priority: str
    restricted: bool
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Everything on a person's page. Numbers stay masked: engine.casework.people.show_numbers shows them.

    `may_unmask`: there are any, and the actor may ask for them.
    """

    person: Person
    village: str
    homes: Sequence[Home]
    cases: Sequence[OwnCase]
    may_unmask: bool


def page(session: Session, actor: Actor, person_id: int) -> PersonPage:
    """A person the actor may know of, with households and cases; four statements. Raises NotFound."""
    query = (
        select(Person, regions.Region.name)
        .outerjoin(regions.Region, regions.Region.code == Person.village_code)
        .where(Person.id == person_id, permissions.sees_person(actor))
    )
    row = session.execute(query).first()
    if row is None:
        raise NotFound(f"No person {person_id}.")
    person, village = row
    homes = _homes(session, actor, person_id)
    has_numbers = bool(person.nik or person.phone or any(home.is_present and home.household.kk_no for home in homes))
    return PersonPage(
        person,
        village or "",
        homes,
        _own_cases(session, actor, person_id),
        has_numbers and permissions.reads_unmasked(actor),
    )


def _homes(session: Session, actor: Actor, person_id: int) -> list[Home]:
    own = session.execute(
        select(Household, regions.Region.name, HouseholdMember.relation, HouseholdMember.to_on)
        .join(HouseholdMember, HouseholdMember.household_id == Household.id)
        .outerjoin(regions.Region, regions.Region.code == Household.village_code)
        .where(HouseholdMember.person_id == person_id)
        .order_by(HouseholdMember.id.desc())
    ).all()
    if not own:
        return []
    others = session.execute(
        select(HouseholdMember.household_id, Person, HouseholdMember.relation)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(
            HouseholdMember.household_id.in_([household.id for household, *_ in own]),
            HouseholdMember.to_on.is_(None),
            Person.id != person_id,
            permissions.sees_person(actor),
        )
        .order_by(HouseholdMember.id)
    ).all()
    return [
        Home(
            household,
            village or "",
            relation,
            to_on is None,
            [Relative(person, role) for household_id, person, role in others if household_id == household.id],
        )
        for household, village, relation, to_on in own
    ]


def _own_cases(session: Session, actor: Actor, person_id: int) -> list[OwnCase]:
    query = (
        select(Case.id, Case.case_no, Case.status, Case.priority, Case.restricted, Case.opened_at, Case.closed_at)
        .where(Case.client_id == person_id, permissions.sees_case(actor))
        .order_by(Case.id.desc())
    )
    return [OwnCase(*row) for row in session.execute(query)]
