"""Operation `record-unmet-need`: a need that nobody could meet is counted, so that it is seen."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from engine.casework.work import JobContext
from engine.store.cases import Case
from engine.store.referrals import UnmetNeed


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Record `path` and `reason` (a code) in the case's region."""
    case = session.get(Case, context.case_id) if context.case_id else None
    if case is not None:
        session.add(
            UnmetNeed(
                case_id=case.id,
                path=str(inputs["path"]),
                reason=str(inputs["reason"]),
                region_code=case.region_code,
                created_at=clock.now(),
            )
        )
        session.flush()
    return {}
