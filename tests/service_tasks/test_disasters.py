"""The operations of the Tagana process: numbering, attaching, calling the roster, closing."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM
from engine.casework import beginnings
from engine.casework.work import BpmnError, JobContext
from engine.errors import NotFound
from engine.service_tasks import OPERATIONS
from engine.store.cases import Case
from engine.store.disasters import DisasterEvent, DutyRoster
from engine.store.people import Person
from tests import factories
from tests.bpmn import diagrams as d

LATE_EVENING = datetime(2026, 10, 4, 23, 0, tzinfo=UTC)  # already 5 October in Jakarta


def call(
    session: Session, name: str, inputs: dict[str, Any], *, case: Case | None = None, instance_id: int = 0
) -> dict[str, Any]:
    context = JobContext(1, instance_id, case.id if case else None, "99.01.01", "Element", 1, "pilar-job-1")
    return dict(OPERATIONS[name](session, context, inputs))


@pytest.fixture
def case(session: Session) -> Case:
    factories.places(session)
    client = Person(name="Warga Contoh", created_at=clock.now())
    session.add(client)
    return beginnings.open_case(session, SYSTEM, client, factories.VILLAGE)


@pytest.fixture
def event_no(session: Session, case: Case) -> str:
    inputs = {"event_no": None, "event_kind": "alam", "place": factories.VILLAGE}
    return str(call(session, "open-disaster-event", inputs, case=case)["event_no"])


def test_events_are_numbered_in_their_kecamatan_and_year(session: Session, case: Case) -> None:
    inputs = {"event_no": None, "event_kind": "alam", "place": "99.01.02.2001"}
    with clock.travel(LATE_EVENING):
        found = [call(session, "open-disaster-event", inputs, case=case) for _ in range(2)]
    assert found == [
        {"event_no": "B-99.01.02-2026-0001", "region": "99.01.02"},
        {"event_no": "B-99.01.02-2026-0002", "region": "99.01.02"},
    ]


def test_the_response_takes_over_the_event_that_a_case_reported(session: Session, event_no: str) -> None:
    event = session.scalars(select(DisasterEvent)).one()
    assert event.instance_id is None

    factories.deploy(
        session, {"p/p.bpmn": d.process(d.start(), d.user("Work"), d.end(), d.chain("start", "Work", "end"))}
    )
    response = factories.start(session)
    found = call(session, "open-disaster-event", {"event_no": event_no}, instance_id=response.id)

    assert found["event_no"] == event_no
    assert (event.instance_id, event.kind) == (response.id, "alam")


def test_a_case_attaches_and_is_told_when_the_event_is_closed(session: Session, case: Case, event_no: str) -> None:
    assert call(session, "attach-case-to-event", {"event_no": event_no}, case=case) == {"event_open": True}
    assert case.event_no == event_no

    closed = call(session, "close-disaster-event", {"event_no": event_no})
    assert closed == {"attached_cases": [{"case_no": case.case_no}]}
    assert call(session, "attach-case-to-event", {"event_no": event_no}, case=case) == {"event_open": False}


def test_an_event_is_closed_once(session: Session, event_no: str) -> None:
    call(session, "close-disaster-event", {"event_no": event_no})
    first = session.scalars(select(DisasterEvent.closed_at)).one()
    call(session, "close-disaster-event", {"event_no": event_no})
    assert session.scalars(select(DisasterEvent.closed_at)).one() == first


def test_an_unknown_number_is_a_modelled_error_to_a_case_and_a_failure_to_the_response(session: Session) -> None:
    with pytest.raises(BpmnError) as unknown:
        call(session, "attach-case-to-event", {"event_no": "B-99.01.01-2026-9999"})
    assert unknown.value.error_code == "ERR_UNKNOWN_EVENT"
    with pytest.raises(NotFound):
        call(session, "close-disaster-event", {"event_no": "B-99.01.01-2026-9999"})


def test_the_roster_of_the_local_day_is_called_from_near_to_far(session: Session) -> None:
    near, far = (factories.worker(session, name, "tagana").id for name in ("tagana31", "tagana32"))
    for region, position, worker in (("99.01", 1, far), ("99.01.01", 2, near)):
        session.add(DutyRoster(region_code=region, on=date(2026, 10, 5), position=position, worker_id=worker))
    session.flush()
    with clock.travel(LATE_EVENING):
        called = [call(session, "alert-on-call", {"region": "99.01.01", "attempt": n}) for n in (1, 2, 3)]
    assert [found["oncall_worker"] for found in called] == ["tagana31", "tagana32", None]
    assert [found["attempt"] for found in called] == [1, 2, 3]
