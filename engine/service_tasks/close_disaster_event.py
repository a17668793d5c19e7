"""Operation `close-disaster-event`: the response is over; which cases are to be told."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.casework.work import JobContext
from engine.errors import NotFound
from engine.store.cases import Case
from engine.store.disasters import DisasterEvent


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Close the event; `attached_cases` are the open cases that wait for its end. Raises NotFound."""
    number = str(inputs["event_no"])
    event = session.scalar(select(DisasterEvent).where(DisasterEvent.event_no == number))
    if event is None:
        raise NotFound(f"No disaster event {number}.")
    if event.closed_at is None:
        event.status, event.closed_at = "closed", clock.now()
        session.flush()
    waiting = select(Case.case_no).where(Case.event_no == number, Case.closed_at.is_(None)).order_by(Case.id)
    return {"attached_cases": [{"case_no": case_no} for case_no in session.scalars(waiting)]}
