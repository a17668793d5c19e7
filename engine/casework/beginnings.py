"""What starts a process: a registered report, a message, a disaster."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.casework import definitions, instances
from engine.casework.instances import Beginning
from engine.store import cases
from engine.store.cases import Case
from engine.store.instances import ProcessInstance
from engine.store.people import Person
from engine.store.regions import kecamatan_of

CASE = "case"
UNRECORDED = "—"


def open_case(session: Session, actor: Actor, client: Person, village_code: str) -> Case:
    """A new case of a client, numbered in the kecamatan of the village."""
    region_code, now = kecamatan_of(village_code), clock.now()
    case = Case(
        case_no=cases.next_case_no(session, region_code, now.year),
        region_code=region_code,
        village_code=village_code,
        client=client,
        status="draft",
        opened_at=now,
        opened_by=actor.id,
    )
    session.add(case)
    session.flush()
    return case


def start_case(
    session: Session, actor: Actor, case: Case, extra: Mapping[str, Any] | None = None, message: str | None = None
) -> ProcessInstance:
    """Start the process `case` for a case row: the facts every case starts with."""
    variables = {
        "case_id": str(case.id),
        "case_no": case.case_no,
        "region": case.region_code,
        "village_code": case.village_code,
        "opened_on": clock.now().date(),
        **(extra or {}),
    }
    about = Beginning(case.village_code, case.case_no, case)
    return instances.start(session, actor, CASE, variables, about, message=message)


def start_by_message(
    session: Session, actor: Actor, name: str, correlation_key: str, variables: Mapping[str, Any]
) -> int | None:
    """Start the process that message `name` starts; the instance's id, None if no process does.

    `village_code` (or `region`) among the variables says where; a case begins with an unrecorded client that the
    registering worker fills in.
    """
    found = definitions.message_start(session, name)
    place = str(variables.get("village_code") or variables.get("region") or "")
    if found is None or not place:
        return None
    definition, process_id = found
    if process_id == CASE:
        client = Person(name=UNRECORDED, created_at=clock.now())
        session.add(client)
        case = open_case(session, actor, client, place)
        return start_case(session, actor, case, variables, message=name).id
    about = Beginning(place, correlation_key)
    return instances.start(session, actor, process_id, variables, about, message=name, definition=definition).id
