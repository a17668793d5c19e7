"""Operation `alert-on-call`: who is next on today's duty roster. The alert itself is the task that they then find."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.casework.rules import office_rules
from engine.casework.work import JobContext
from engine.store.disasters import DutyRoster
from engine.store.regions import prefixes
from engine.store.workers import Worker


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The `attempt`-th worker (1 first) on call today: the kecamatan's roster, then those of the regions around it.

    `oncall_worker` is None when there are no more names: the task is then open to every Tagana of the region.
    """
    today = clock.now().astimezone(office_rules(session).zone).date()
    region, attempt = str(inputs.get("region") or context.region_code), int(inputs["attempt"])
    on_call = (
        select(Worker.username)
        .join(DutyRoster, DutyRoster.worker_id == Worker.id)
        .where(DutyRoster.on == today, DutyRoster.region_code.in_(prefixes(region)), Worker.is_active)
        .order_by(func.length(DutyRoster.region_code).desc(), DutyRoster.position)
        .offset(attempt - 1)
        .limit(1)
    )
    return {"oncall_worker": session.scalar(on_call), "attempt": attempt}
