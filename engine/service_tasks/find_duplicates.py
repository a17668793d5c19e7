"""Operation `find-duplicates`: is the client recorded twice, or the report a repeat? (rule 8 of a NIK)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from engine.casework.work import BpmnError, JobContext
from engine.store.cases import Case
from engine.store.people import Person

ERROR = "ERR_DUPLICATE"


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """`duplicate_count` is 0; anything else is the modelled error ERR_DUPLICATE with the count.

    Counted: other records with the same NIK, other open cases of the same client, and a case named by the worker.
    What is restricted is not counted for a case that is not: the count would tell that it exists.
    """
    case = session.get(Case, context.case_id) if context.case_id else None
    count = int(bool(inputs.get("duplicate_of")))
    if case is not None:
        count += _same_number(session, case) + _other_cases(session, case)
    if count:
        raise BpmnError(ERROR, variables={"duplicate_count": count})
    return {"duplicate_count": 0}


def _same_number(session: Session, case: Case) -> int:
    client = case.client
    if client.nik_index is None:
        return 0
    twins = select(func.count(Person.id)).where(
        Person.nik_index == client.nik_index,
        Person.id != client.id,
        Person.merged_into_id.is_(None),
        true() if case.restricted else Person.restricted.is_(False),
    )
    return session.scalar(twins) or 0


def _other_cases(session: Session, case: Case) -> int:
    open_cases = select(func.count(Case.id)).where(
        Case.client_id == case.client_id,
        Case.id != case.id,
        Case.closed_at.is_(None),
        true() if case.restricted else Case.restricted.is_(False),
    )
    return session.scalar(open_cases) or 0
