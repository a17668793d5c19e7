"""Operation `close-referrals`: a case stops before its referrals are done; nothing that was sent stays open."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework.work import JobContext
from engine.service_tasks.update_referral import CLOSED, IN_SERVICE, move
from engine.store.referrals import Referral


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Close every open referral of the case with `outcome` (a code); `closed_referrals`: those to tell an agency of.

    What an agency had begun has failed, what it had not is cancelled.
    """
    if context.case_id is None:
        return {"closed_referrals": []}
    query = select(Referral).where(Referral.case_id == context.case_id, Referral.status.not_in(CLOSED))
    rows = session.scalars(query.order_by(Referral.id)).all()
    for row in rows:
        move(session, row, "failed" if row.status == IN_SERVICE else "cancelled", str(inputs["outcome"]))
    told = [{"referral_no": row.referral_no, "path": row.path} for row in rows if row.sent_at is not None]
    return {"closed_referrals": told}
