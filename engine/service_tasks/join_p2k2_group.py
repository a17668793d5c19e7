"""Operation `join-p2k2-group`: a PKH family belongs to a group that meets each month."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework.work import JobContext
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.referrals import Referral

GROUP = "pkh_group"


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Note `p2k2_group` at the referral; `group_meets` says whether somebody holds that group's meetings already."""
    group = str(inputs["p2k2_group"])
    row = session.scalar(select(Referral).where(Referral.referral_no == str(inputs["referral_no"])))
    if row is not None:
        row.group_code = group
        session.flush()
    return {"group_meets": holder(session, group) is not None}


def holder(session: Session, group: str) -> int | None:
    """The oldest running instance that holds the meetings of a group."""
    return session.scalar(
        select(ProcessInstance.id)
        .where(
            ProcessInstance.process_id == GROUP,
            ProcessInstance.business_key == group,
            ProcessInstance.state.in_((InstanceState.ACTIVE, InstanceState.SUSPENDED)),
        )
        .order_by(ProcessInstance.id)
        .limit(1)
    )
