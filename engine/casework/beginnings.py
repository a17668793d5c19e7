"""What starts a process: a registered report, a message, a disaster, a signal, a timer."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM, Actor
from engine.casework import definitions, instances, timetable
from engine.casework.instances import Beginning
from engine.errors import EngineError
from engine.store import cases, regions, timer_starts
from engine.store.cases import Case
from engine.store.definitions import Definition
from engine.store.instances import ProcessInstance
from engine.store.people import Person
from engine.store.regions import kecamatan_of
from engine.store.session import Sessions, unit_of_work
from engine.store.timer_starts import TimerStart

CASE = "case"
UNRECORDED = "—"
RETRY_AFTER = timedelta(minutes=1)


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


def start_by_signal(session: Session, name: str, variables: Mapping[str, Any]) -> int:
    """Start every process that signal `name` starts; how many. `region` among the variables says where."""
    starts = definitions.signal_starts(session, name)
    for definition, process_id, element_id in starts:
        about = Beginning(str(variables.get("region") or regions.outermost(session)), f"{process_id}-{name}")
        instances.start(session, SYSTEM, process_id, variables, about, event=element_id, definition=definition)
    return len(starts)


def start_by_timer(sessions: Sessions, most: int = 50) -> int:
    """Start the processes whose timers are due, each in a transaction of its own; how many started.

    One that fails is put off and does not hold up the others.
    """
    started = 0
    for _ in range(most):
        row_id = None
        try:
            with unit_of_work(sessions) as session:
                row = timer_starts.take_due(session, None)
                if row is None:
                    break
                row_id = row.id
                _start_timed(session, row)
                started += 1
        except Exception as error:  # the scheduler's edge: what one start raises must not hold up the others
            if row_id is None:
                raise
            code = error.code if isinstance(error, EngineError) else type(error).__name__
            with unit_of_work(sessions) as session:
                timer_starts.put_off(session, row_id, code, RETRY_AFTER)
    return started


def start_due(session: Session) -> bool:
    """Start one process whose timer is due by Pilar's own clock, in this transaction; False if there was none."""
    row = timer_starts.take_due(session, clock.now())
    if row is not None:
        _start_timed(session, row)
    return row is not None


def _start_timed(session: Session, row: TimerStart) -> None:
    compiled = definitions.compiled(session, row.definition_id)
    start = next(
        one for one in compiled.timer_starts if (one.process_id, one.element_id) == (row.process_id, row.element_id)
    )
    due = row.due_at
    missed = timetable.move_on(session, row, start)
    region = start.region or regions.outermost(session)
    variables = {"region": region, "opened_on": clock.now().date(), "due": due, "missed": missed}
    instances.start(
        session,
        SYSTEM,
        row.process_id,
        variables,
        Beginning(region, f"{row.element_id}-{due:%Y%m%d%H%M}"),
        event=row.element_id,
        definition=session.get_one(Definition, row.definition_id),
    )
