"""Operation `merge-person`: one person, one record. The older record of the same NIK stays, with all that is known."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, true, update
from sqlalchemy.orm import Session

from engine.actors import SYSTEM
from engine.casework import record
from engine.casework.work import JobContext
from engine.store.cases import Case
from engine.store.people import HouseholdMember, Person

_FILLED = ("sex", "birth_date", "phone", "address", "address_index", "village_code", "died_on")


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """If a worker `confirmed` it, the two records of the client's NIK become one; `person_merged` says whether.

    The older record keeps what it has and gains what it lacked; cases and households follow.
    """
    case = session.get(Case, context.case_id) if context.case_id and inputs.get("confirmed") is True else None
    twin = _twin(session, case) if case is not None else None
    if case is None or twin is None:
        return {"person_merged": False}
    older, newer = sorted((case.client, twin), key=lambda person: person.id)
    for name in _FILLED:
        if not getattr(older, name):
            setattr(older, name, getattr(newer, name))
    older.nik_status = case.client.nik_status
    older.restricted = older.restricted or newer.restricted
    newer.merged_into_id = older.id
    session.flush()
    _follow(session, newer.id, older.id)
    session.refresh(case)
    record.note(session, SYSTEM, "person.merged", case_id=case.id, instance_id=context.instance_id)
    session.flush()
    return {"person_merged": True}


def _twin(session: Session, case: Case) -> Person | None:
    """The first other record with the client's NIK; what is restricted is not known to a case that is not."""
    client = case.client
    if client.nik_index is None:
        return None
    return session.scalar(
        select(Person)
        .where(
            Person.nik_index == client.nik_index,
            Person.id != client.id,
            Person.merged_into_id.is_(None),
            true() if case.restricted else Person.restricted.is_(False),
        )
        .order_by(Person.id)
        .limit(1)
    )


def _follow(session: Session, old: int, new: int) -> None:
    session.execute(update(Case).where(Case.client_id == old).values(client_id=new))
    there = select(HouseholdMember.household_id).where(HouseholdMember.person_id == new)
    session.execute(
        delete(HouseholdMember).where(HouseholdMember.person_id == old, HouseholdMember.household_id.in_(there))
    )
    session.execute(update(HouseholdMember).where(HouseholdMember.person_id == old).values(person_id=new))
