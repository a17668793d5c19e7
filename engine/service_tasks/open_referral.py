"""Operation `open-referral`: the record of one referral, numbered within its case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock, feel
from engine.casework.work import JobContext
from engine.store.cases import Case
from engine.store.instances import ProcessInstance
from engine.store.referrals import Referral


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Record a sent referral (`path`, `provider_code`, `reply_due`); its number '99.01.01-2026-000123/R1'."""
    code = inputs.get("provider_code")
    case = session.get(Case, context.case_id) if context.case_id else None
    if case is None:
        return {"referral_no": f"P{context.instance_id}/R{context.job_id}", "provider_code": code}
    earlier = session.scalar(select(func.count(Referral.id)).where(Referral.case_id == case.id)) or 0
    due = feel.to_python(inputs.get("reply_due"))
    row = Referral(
        case_id=case.id,
        referral_no=f"{case.case_no}/R{earlier + 1}",
        process_id=session.get_one(ProcessInstance, context.instance_id).process_id,
        path=str(inputs["path"]),
        partner_code=None if code is None else str(code),
        status="requested",
        opened_at=clock.now(),
        sent_at=clock.now(),
        reply_due_at=due if isinstance(due, datetime) else None,
    )
    session.add(row)
    session.flush()
    return {"referral_no": row.referral_no, "provider_code": code}
