"""Operation `attach-case-to-event`: a family's case belongs to a disaster from now on."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework.work import BpmnError, JobContext
from engine.store.cases import Case
from engine.store.disasters import DisasterEvent


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Note the event at the case; `event_open` says whether the response still runs.

    A number that somebody typed and nobody knows is the modelled error ERR_UNKNOWN_EVENT.
    """
    number = str(inputs["event_no"])
    event = session.scalar(select(DisasterEvent).where(DisasterEvent.event_no == number))
    if event is None:
        raise BpmnError("ERR_UNKNOWN_EVENT")
    if context.case_id is not None:
        session.get_one(Case, context.case_id).event_no = number
        session.flush()
    return {"event_open": event.closed_at is None}
