"""Operation `move-case`: a client moved within the district; the case and its open tasks go along."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import SYSTEM
from engine.casework import record
from engine.casework.work import JobContext
from engine.store import tasks
from engine.store.cases import Case
from engine.store.instances import ProcessInstance
from engine.store.regions import kecamatan_of
from engine.store.workers import Worker


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Case, client, instance and open tasks belong to `village_code`; workers of elsewhere give their tasks back."""
    village = str(inputs["village_code"])
    session.get_one(ProcessInstance, context.instance_id).region_code = village
    for task in tasks.open_of_instance(session, context.instance_id).values():
        task.region_code = village
        if task.assignee_id is not None and not _works_in(session, task.assignee_id, village):
            task.assignee_id, task.claimed_at = None, None
            task.rev += 1
    case = session.get(Case, context.case_id) if context.case_id else None
    if case is not None:
        case.village_code, case.region_code = village, kecamatan_of(village)
        case.client.village_code = village
        detail = {"to": village}
        record.note(session, SYSTEM, "case.moved", case_id=case.id, instance_id=context.instance_id, detail=detail)
    session.flush()
    return {"village_code": village, "region": kecamatan_of(village)}


def _works_in(session: Session, worker_id: int, village: str) -> bool:
    return permissions.in_regions(session.get_one(Worker, worker_id).actor(), village)
