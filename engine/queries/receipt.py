"""What somebody who registered a report is told: its number and what happens next; nothing about the client."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.errors import NotFound
from engine.store.cases import Case
from engine.store.history import History
from engine.store.tasks import Task, TaskState

_BEGINNING = 10


@dataclass(frozen=True, slots=True)
class Next:
    """A step that waits for somebody now."""

    name: str
    name_en: str
    groups: Sequence[str]
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """`may_read`: the case page is open to the reader (a restricted case may be closed even to who reported it, and
    then nothing of what happens to it is told). `first_response`: how soon, as the triage said, such as WD3.
    """

    case_id: int
    case_no: str
    priority: str
    restricted: bool
    opened_at: datetime
    steps: Sequence[Next]
    may_read: bool
    first_response: str = ""


def receipt(session: Session, actor: Actor, case_id: int) -> Receipt:
    """The receipt of a case that the actor registered; three statements. Raises NotFound."""
    query = select(Case, permissions.sees_case(actor)).where(Case.id == case_id, Case.opened_by == actor.id)
    row = session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(f"No case {case_id} of yours.")
    case, may_read = row
    if case.restricted and not may_read:
        return Receipt(case.id, case.case_no, case.priority, case.restricted, case.opened_at, (), may_read=False)
    tasks = session.scalars(
        select(Task)
        .where(Task.case_id == case_id, Task.state == TaskState.OPEN)
        .order_by(Task.due_at.asc().nulls_last(), Task.id)
    )
    steps = [Next(task.name, task.name_en or task.name, task.candidate_groups, task.due_at) for task in tasks]
    soon = _first_response(session, case_id)
    return Receipt(case.id, case.case_no, case.priority, case.restricted, case.opened_at, steps, bool(may_read), soon)


def _first_response(session: Session, case_id: int) -> str:
    """What a table said about the first response (a column of that name) when the report came in."""
    first = select(History.detail).where(History.case_id == case_id).order_by(History.id).limit(_BEGINNING)
    steps = (step for detail in session.scalars(first) for step in detail.get("steps") or ())
    values = (detail.get("value") for kind, _, _, detail in steps if kind == "decided")
    return next((str(one["first_response"]) for one in values if isinstance(one, dict) and "first_response" in one), "")
