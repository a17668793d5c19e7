"""Operation `open-disaster-event`: the record of a disaster, numbered in its kecamatan and year."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.casework.work import JobContext
from engine.store.disasters import DisasterEvent
from engine.store.instances import ProcessInstance
from engine.store.regions import kecamatan_of

NUMBERING = 0x62656E63  # one writer at a time numbers events


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Find the event `event_no`, or open one of `event_kind` at `place`; its number and kecamatan."""
    region = kecamatan_of(str(inputs.get("place") or context.region_code))
    number = inputs.get("event_no")
    event = session.scalar(select(DisasterEvent).where(DisasterEvent.event_no == str(number))) if number else None
    if event is None:
        event = DisasterEvent(
            event_no=str(number) if number else _next_number(session, region),
            kind=str(inputs.get("event_kind") or "alam"),
            region_code=region,
            opened_at=clock.now(),
        )
        session.add(event)
    if context.case_id is None:  # the response itself asks, not a case that reports a disaster
        event.instance_id = context.instance_id
        _name(session, event)
    session.flush()
    return {"event_no": event.event_no, "region": event.region_code}


def _name(session: Session, event: DisasterEvent) -> None:
    """The response goes by the event's number wherever its work is listed."""
    response = session.get(ProcessInstance, event.instance_id)
    if response is not None:
        response.business_key = event.event_no


def _next_number(session: Session, region: str) -> str:
    """'B-99.01.01-2026-0001'."""
    session.execute(select(func.pg_advisory_xact_lock(NUMBERING)))
    stem = f"B-{region}-{clock.now().year}-"
    last = session.scalar(select(func.max(DisasterEvent.event_no)).where(DisasterEvent.event_no.startswith(stem)))
    return f"{stem}{int(last.removeprefix(stem)) + 1 if last else 1:04d}"
