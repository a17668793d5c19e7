"""Commands on people: show the numbers that are masked everywhere else, with a reason that is kept."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.errors import Forbidden, InvalidForm, NotFound
from engine.store import audit
from engine.store.people import Household, HouseholdMember, Person
from forms.problems import Problem

SHORTEST_REASON = 5


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is shown once, on the page that answers the request, and never stored in a browser."""

    nik: str | None
    kk_no: str | None
    phone: str | None


def show_numbers(session: Session, actor: Actor, person_id: int, reason: str, *, case_id: int | None = None) -> Numbers:
    """The person's NIK, family card number and telephone in full. The reason goes to the access log.

    Raises Forbidden (the actor's role never needs them), InvalidForm (`reason`), NotFound.
    """
    if not permissions.reads_unmasked(actor):
        raise Forbidden("Your role sees numbers masked.")
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidForm({"reason": [Problem("required")]})
    person = session.scalar(select(Person).where(Person.id == person_id, permissions.sees_person(actor)))
    if person is None:
        raise NotFound(f"No person {person_id}.")
    audit.append(session, actor.id, "unmask", "person", person.id, case_id=case_id, reason=reason.strip())
    kk_no = session.scalar(
        select(Household.kk_no)
        .join(HouseholdMember, HouseholdMember.household_id == Household.id)
        .where(HouseholdMember.person_id == person.id, HouseholdMember.to_on.is_(None))
        .order_by(HouseholdMember.id.desc())
        .limit(1)
    )
    return Numbers(person.nik, kk_no, person.phone)


def record_found(session: Session, actor: Actor, person_ids: list[int]) -> None:
    """Write to the access log that a search showed these people to the actor."""
    audit.append_all(session, actor.id, "found", "person", person_ids)


def record_archived(session: Session, actor: Actor, case_ids: list[int]) -> None:
    """Write to the access log that a search told the actor of these cases in the archive."""
    audit.append_all(session, actor.id, "found", "case", case_ids)


def record_read(session: Session, actor: Actor, person_id: int) -> None:
    """Write to the access log that the actor opened a person's page."""
    audit.append(session, actor.id, "read", "person", person_id)
