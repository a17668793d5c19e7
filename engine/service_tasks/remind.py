"""Operation `remind`: an open task moves up in its worker's list, and the history says why."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine.actors import SYSTEM
from engine.casework import record
from engine.casework.work import JobContext
from engine.store import tasks

URGENT = 90


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Raise the priority of the instance's open tasks at the element `task`."""
    for task in tasks.open_of_instance(session, context.instance_id).values():
        if task.element_id != inputs["task"]:
            continue
        task.priority = max(task.priority, URGENT)
        record.note(
            session,
            SYSTEM,
            "task.reminded",
            case_id=task.case_id,
            instance_id=task.instance_id,
            task_id=task.id,
            element_id=task.element_id,
        )
    session.flush()
    return {}
