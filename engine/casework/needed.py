"""What a completion needs, in one read: the task if it is the actor's to do, instance, case, the first answer."""

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Text, and_, bindparam, select
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.casework import rules
from engine.store import office
from engine.store.cases import Case, CaseRow
from engine.store.commands import Command
from engine.store.definitions import Definition
from engine.store.instances import InstanceRow, ProcessInstance
from engine.store.straight import Straight
from engine.store.tasks import Task, TaskRow

_PARTS = ((Task, TaskRow), (ProcessInstance, InstanceRow), (Case, CaseRow))
_TASK, _INSTANCE, _CASE = (len(row._fields) for _, row in _PARTS)
_READ = Straight(
    select(
        *(getattr(table, name) for table, row in _PARTS for name in row._fields),
        Definition.sha256,
        Command.body_sha256,
        Command.answer,
        office.MARK,
    )
    .select_from(Task)
    .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
    .join(Definition, Definition.id == ProcessInstance.definition_id)
    .outerjoin(Case, Case.id == Task.case_id)
    .outerjoin(
        Command,
        and_(
            Command.actor_id == bindparam("actor_id", type_=BigInteger),
            Command.idempotency_key == bindparam("command_key", type_=Text),
        ),
    )
    .where(Task.id == bindparam("task_id", type_=BigInteger), permissions.WORKABLE_TASK),
    reads=True,
)


class Needed(NamedTuple):
    """What a completion begins with. `sha256`: of the definition; the last two: of the answer under the same key."""

    task: TaskRow
    instance: InstanceRow
    case: CaseRow | None
    sha256: str
    first_sha256: str | None
    first_answer: dict[str, Any] | None


def read(session: Session, actor: Actor, task_id: int, key: str | None) -> Needed | None:
    """What completing the task needs; None if it is not the actor's to do."""
    row = _READ.first(session, permissions.actor_parameters(actor) | {"task_id": task_id, "command_key": key or ""})
    if row is None:
        return None
    middle, end = _TASK + _INSTANCE, _TASK + _INSTANCE + _CASE
    case = None if row[middle] is None else CaseRow._make(row[middle:end])
    *rest, mark = row[end:]
    rules.know(session, mark)
    return Needed(TaskRow._make(row[:_TASK]), InstanceRow._make(row[_TASK:middle]), case, *rest)
