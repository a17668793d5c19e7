"""Commands on user tasks: claim, release, assign, keep a draft, complete."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import Actor
from engine.casework import definitions, form_answers, idempotency, needed, record, records, running, step
from engine.casework.rules import runtime
from engine.errors import Forbidden, NotFound, TaskNotOpen
from engine.store import crypto
from engine.store import tasks as store
from engine.store.cases import CaseAccess
from engine.store.step import StepRows
from engine.store.straight import outdate
from engine.store.tasks import Task, TaskDraft, TaskRow, TaskState
from engine.store.workers import Worker


@dataclass(frozen=True, slots=True)
class Completed:
    """What completing a task led to. `replayed`: this is the first answer, given again."""

    task_id: int
    case_id: int | None
    instance_id: int
    replayed: bool = False


def find(session: Session, actor: Actor, task_id: int, *, for_update: bool = False) -> Task:
    """The task, if the actor may see it. Raises NotFound."""
    query = select(Task).where(Task.id == task_id, permissions.sees_task(actor))
    if for_update:
        query = query.with_for_update(of=Task)
    task = session.scalar(query.execution_options(populate_existing=True))
    if task is None:
        raise NotFound(f"No task {task_id}.")
    return task


def claim(session: Session, actor: Actor, task_id: int) -> Task:
    """Take an open task. Taking one's own again changes nothing. Raises TaskNotOpen naming who has it."""
    task = find(session, actor, task_id, for_update=True)
    _check_open(session, task)
    if task.assignee_id == actor.id:
        return task
    if task.assignee_id is not None:
        raise TaskNotOpen(_taken_by(session, task))
    permissions.check_may_work(actor, task, worked_on(session, task))
    _give(session, task, actor.id, actor, "claimed")
    record.note(session, actor, "task.claimed", **_reference(task))
    return task


def release(session: Session, actor: Actor, task_id: int) -> Task:
    """Give a claimed task back to its groups."""
    task = find(session, actor, task_id, for_update=True)
    _check_open(session, task)
    if task.assignee_id != actor.id:
        raise Forbidden("Only who has the task gives it back.")
    task.assignee_id, task.claimed_at = None, None
    task.rev += 1
    record.note(session, actor, "task.released", **_reference(task))
    session.flush()
    return task


def assign(session: Session, actor: Actor, task_id: int, worker_id: int) -> Task:
    """Give a task to a worker who may do it. Raises Forbidden, NotFound, TaskNotOpen."""
    permissions.check_may_assign(actor)
    task = session.scalar(
        select(Task).where(Task.id == task_id, permissions.supervised_task(actor)).with_for_update(of=Task)
    )
    if task is None:
        raise NotFound(f"No task {task_id}.")
    _check_open(session, task)
    worker = session.get(Worker, worker_id)
    if worker is None or not worker.is_active:
        raise NotFound(f"No worker {worker_id}.")
    receiver = worker.actor()
    permissions.check_may_work(receiver, task, worked_on(session, task))
    if not permissions.in_regions(receiver, task.region_code):
        raise Forbidden(f"{worker.username} does not work in {task.region_code}.")
    _give(session, task, worker.id, actor, "assigned")
    record.note(session, actor, "task.assigned", **_reference(task), detail={"to": worker.id})
    return task


def _give(session: Session, task: Task, worker_id: int | None, by: Actor, reason: str) -> None:
    task.assignee_id, task.claimed_at = worker_id, clock.now()
    task.rev += 1
    if task.restricted and task.case_id is not None and worker_id is not None:
        name_for_case(session, task.case_id, worker_id, by, reason)
    session.flush()


def name_for_case(session: Session, case_id: int, worker_id: int, by: Actor, reason: str) -> None:
    """Name a worker for a restricted case."""
    session.execute(
        insert(CaseAccess)
        .values(case_id=case_id, worker_id=worker_id, reason=reason, granted_by=by.id, created_at=clock.now())
        .on_conflict_do_nothing()
    )


def worked_on(session: Session, task: Task | TaskRow) -> set[int]:
    """As `workers_on`, for a task that asks for a second pair of eyes; nobody for the others."""
    return workers_on(session, task) if permissions.is_four_eyes(task) else set()


def workers_on(session: Session, task: Task | TaskRow) -> set[int]:
    """Workers who completed other work of the same case (or instance); earlier decisions do not count as work."""
    same = Task.case_id == task.case_id if task.case_id is not None else Task.instance_id == task.instance_id
    rows = session.execute(
        select(Task.closed_by, Task.properties).where(same, Task.state == TaskState.COMPLETED, Task.id != task.id)
    )
    return {by for by, properties in rows if by is not None and not permissions.asks_four_eyes(properties)}


def _check_open(session: Session, task: Task | TaskRow) -> None:
    if task.state == TaskState.OPEN:
        return
    who = session.scalar(select(Worker.name).where(Worker.id == task.closed_by)) or "Pilar"
    raise TaskNotOpen(f"{task.state} by {who} at {task.closed_at:%Y-%m-%d %H:%M}Z")


def _taken_by(session: Session, task: Task | TaskRow) -> str:
    who = session.scalar(select(Worker.name).where(Worker.id == task.assignee_id)) or "?"
    return f"claimed by {who} at {task.claimed_at:%Y-%m-%d %H:%M}Z"


def _reference(task: Task) -> dict[str, Any]:
    return {
        "case_id": task.case_id,
        "instance_id": task.instance_id,
        "task_id": task.id,
        "element_id": task.element_id,
    }


def save_draft(session: Session, actor: Actor, task_id: int, typed: Mapping[str, Any], form_sha256: str) -> None:
    """Keep what was typed, as typed; the last save wins.

    Raises TaskNotOpen if the task is closed or another's, Forbidden for who only may look at it.
    """
    task = find(session, actor, task_id)
    _check_open(session, task)
    if not permissions.may_do(actor, task):
        raise Forbidden(f"{task.element_id} is for {', '.join(task.candidate_groups) or 'nobody'}.")
    if task.assignee_id not in (None, actor.id):
        raise TaskNotOpen(_taken_by(session, task))
    values = {"answers": dict(typed), "form_sha256": form_sha256, "saved_at": clock.now()}
    statement = insert(TaskDraft).values(task_id=task.id, worker_id=actor.id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["task_id", "worker_id"], set_=values))


def draft(session: Session, actor: Actor, task_id: int) -> TaskDraft | None:
    """What the actor typed into the task before."""
    return session.get(TaskDraft, (task_id, actor.id))


def drop_draft(session: Session, actor: Actor, task_id: int) -> None:
    """Forget what was typed."""
    session.execute(delete(TaskDraft).where(TaskDraft.task_id == task_id, TaskDraft.worker_id == actor.id))


def complete(
    session: Session,
    actor: Actor,
    task_id: int,
    typed: Mapping[str, Any],
    *,
    idempotency_key: str | None = None,
    alone: bool = False,
    shown: Set[str] | None = None,
) -> Completed:
    """Send a task's form and advance its instance to the next wait states.

    An unclaimed task is taken on the way. `alone`: it is all that the caller does, so it may be committed at once;
    a rollback afterwards then takes nothing back. `shown`: as for `form_answers.read`.
    Raises NotAskedYet, NotFound, Forbidden (FourEyes), TaskNotOpen, InvalidForm.
    """
    sha256 = idempotency.digest("complete_task", task_id, {name: typed[name] for name in sorted(typed)})
    about = (typed, idempotency_key, sha256)
    return step.retrying(session, lambda: _complete(session, actor, task_id, *about, alone=alone, shown=shown))


def _complete(
    session: Session,
    actor: Actor,
    task_id: int,
    typed: Mapping[str, Any],
    key: str | None,
    sha256: str,
    *,
    alone: bool,
    shown: Set[str] | None,
) -> Completed:
    found = needed.read(session, actor, task_id, key)
    if found is None:
        return _refuse(session, actor, task_id, key, sha256)
    task, instance, case, version, first_sha256, first_answer = found
    if key and first_sha256 is not None and first_answer is not None:
        return Completed(**idempotency.same(first_sha256, first_answer, sha256), replayed=True)
    _check_open(session, task)
    if task.assignee_id not in (None, actor.id):
        raise TaskNotOpen(_taken_by(session, task))
    permissions.check_may_work(actor, task, worked_on(session, task))
    loaded = running.wake(session, instance, case, version)
    given, facts, body = form_answers.read(session, actor, loaded, task, typed, shown=shown)
    if task.form_id is not None:
        form = definitions.form(session, loaded.definition_id, task.form_id, loaded.sha256)
        facts = facts | records.apply(session, actor, loaded, form, given)
    advance = loaded.instance.complete_task(task.wait_id, facts, runtime(session))
    done = Completed(task.id, task.case_id, task.instance_id)

    def extend(rows: StepRows) -> None:
        rows.task_id, rows.task_rev = task.id, task.rev
        if body is not None:
            rows.answer = {
                "definition_id": loaded.definition_id,
                "form_id": task.form_id,
                "answer_element": task.element_id,
            }
            rows.answer_body = body
        rows.command = _command(actor, key, sha256, done)
        # Who works on a restricted case is named for it in a statement of its own, below.
        rows.alone = alone and not task.restricted

    detail = {"task_id": task.id}
    step.write(
        session, actor, loaded, advance, "task.completed", element_id=task.element_id, detail=detail, extend=extend
    )
    if task.restricted and task.case_id is not None and actor.id is not None:
        name_for_case(session, task.case_id, actor.id, actor, "worked")
    outdate(session, Task, task.id)
    return done


def _refuse(session: Session, actor: Actor, task_id: int, key: str | None, sha256: str) -> Completed:
    """The task is not the actor's to do: say why, as far as they may know; a repeat still gets its answer."""
    repeat = idempotency.first_answer(session, actor, key, sha256)
    if repeat is not None:
        return Completed(**repeat, replayed=True)
    task = find(session, actor, task_id)
    _check_open(session, task)
    raise Forbidden(f"{task.element_id} is for {', '.join(task.candidate_groups) or 'nobody'}.")


def _command(actor: Actor, key: str | None, sha256: str, done: Completed) -> dict[str, Any] | None:
    if not key or actor.id is None:
        return None
    answer = {"task_id": done.task_id, "case_id": done.case_id, "instance_id": done.instance_id}
    return {
        "command_key": key,
        "command_name": "complete_task",
        "command_sha": sha256,
        "command_answer": crypto.as_json(answer),
    }


def open_task(session: Session, instance_id: int, element_id: str) -> Task | None:
    """The open task of an instance at an element, if there is one."""
    return next(
        (row for row in store.open_of_instance(session, instance_id).values() if row.element_id == element_id), None
    )
