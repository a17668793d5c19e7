"""Operation `find-group-families`: who belongs to a P2K2 group this month."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework.work import JobContext
from engine.service_tasks.join_p2k2_group import holder
from engine.service_tasks.update_referral import CLOSED
from engine.store.cases import Case
from engine.store.referrals import Referral


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """`families`: the case numbers of the members of `p2k2_group` whose referral is open.

    Two families may be the first of a group at the same moment: the later of the two instances finds nobody and ends.
    """
    group = str(inputs["p2k2_group"])
    if holder(session, group) != context.instance_id:
        return {"families": []}
    members = (
        select(Case.case_no)
        .join(Referral, Referral.case_id == Case.id)
        .where(Referral.group_code == group, Referral.status.not_in(CLOSED))
        .order_by(Case.case_no)
        .distinct()
    )
    return {"families": list(session.scalars(members))}
