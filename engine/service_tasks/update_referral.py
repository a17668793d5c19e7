"""Operation `update-referral`: a referral moves on; the partner's free places follow."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.casework.work import JobContext
from engine.store.partners import Partner
from engine.store.referrals import Referral

IN_SERVICE = "in-progress"
CLOSED = frozenset({"rejected", "completed", "failed", "cancelled"})


def run(session: Session, _: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Set `referral_status` (and `outcome`) of `referral_no`: a place is taken in service and given back after it."""
    row = session.scalar(select(Referral).where(Referral.referral_no == str(inputs["referral_no"])))
    if row is not None:
        move(session, row, str(inputs["referral_status"]), inputs.get("outcome"))
    return {}


def move(session: Session, row: Referral, status: str, outcome: object) -> None:
    """Give a referral its new status (and an outcome, a code); the place at the partner is counted once."""
    if row.status == status:
        return
    _count_place(session, row, taken=(status == IN_SERVICE) - (row.status == IN_SERVICE))
    row.status = status
    if outcome:
        row.outcome = str(outcome)
    if status in CLOSED:
        row.closed_at = clock.now()
    session.flush()


def _count_place(session: Session, row: Referral, taken: int) -> None:
    if not taken or row.partner_code is None:
        return
    partner = session.scalar(select(Partner).where(Partner.code == row.partner_code).with_for_update())
    if partner is not None:
        partner.free_places = max(0, partner.free_places - taken)
