"""The rows that mirror an instance follow it to another version; and what of its past stands against going."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.bpmn import Definition as Compiled
from engine.bpmn import JobWait, MessageWait, SignalWait, UserTaskWait, Wait
from engine.bpmn.upgrade import Upgrade
from engine.bpmn.upgrade_plan import Correspondence, Obstacle
from engine.casework.projection import subscription_columns, task_columns
from engine.casework.step import StaleInstance
from engine.casework.tasks import workers_on
from engine.store import tasks as task_store
from engine.store.incidents import Incident, IncidentState
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job, JobKind, JobState
from engine.store.messages import Subscription
from engine.store.tasks import Task, TaskState

LIVE = (JobState.READY, JobState.RUNNING, JobState.DEAD, JobState.SUSPENDED)
Rename = Callable[[str, str], str]
"""(process, element) -> the element's other id."""


def against_history(
    session: Session, row: ProcessInstance, found: Upgrade, names: Correspondence
) -> Iterator[Obstacle]:
    """What would undo or weaken what people did, or disturb what is being done at this moment."""
    tasks = task_store.open_of_instance(session, row.id)
    for before, after in found.kept:
        if isinstance(before, UserTaskWait) and isinstance(after, UserTaskWait):
            yield from _four_eyes(session, before, after, tasks.get(after.id))
    if _asks_four_eyes(names.new):
        yield from _finished_work(session, row, names)
    running = select(Job.element_id).where(
        Job.instance_id == row.id, Job.wait_id.in_(_asked_anew(found)), Job.state == JobState.RUNNING
    )
    for element_id in session.scalars(running):
        yield Obstacle("job_running", row.process_id, element_id)


def _asked_anew(found: Upgrade) -> list[str]:
    """The jobs that begin anew under the new version."""
    return [wait.id for wait in found.advance.opened if wait.id in found.places] if found.advance is not None else []


def _four_eyes(session: Session, before: UserTaskWait, after: UserTaskWait, task: Task | None) -> Iterator[Obstacle]:
    """An approval that waits stays one; a new one is not for who has taken it and worked on the case."""
    was, will_be = (permissions.asks_four_eyes(wait.properties) for wait in (before, after))
    if was and not will_be:
        yield Obstacle("four_eyes_lost", before.process_id, before.element_id)
    if will_be and not was and task is not None and task.assignee_id in workers_on(session, task):
        yield Obstacle("four_eyes_broken", before.process_id, before.element_id)


@lru_cache(maxsize=16)
def _asks_four_eyes(compiled: Compiled) -> bool:
    elements = (element for process_id in compiled.processes for element in compiled.elements(process_id))
    return any(permissions.asks_four_eyes(element.properties or {}) for element in elements)


def _finished_work(session: Session, row: ProcessInstance, names: Correspondence) -> Iterator[Obstacle]:
    """Work that was done, and that an approval to come must not be given by who did it, stays part of the process."""
    done = select(Task.process_id, Task.element_id).where(Task.instance_id == row.id, Task.state == TaskState.COMPLETED)
    for process_id, element_id in session.execute(done.distinct().order_by(Task.process_id, Task.element_id)):
        if not names.has(process_id, element_id) and not names.removes(process_id, element_id):
            yield Obstacle("finished_work_removed", process_id, element_id)


def follow(session: Session, instance_id: int, found: Upgrade, rename: Rename) -> None:
    """Bring the rows of what stays up to date. Who has a task, drafts, due times and attempts stay as they are."""
    rows: dict[str, Task | Job | Subscription] = {row.wait_id: row for row in _live(session, instance_id)}
    for _, after in found.kept:
        row, said = rows[after.id], _said(after)
        changed = {name: value for name, value in said.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed and isinstance(row, Task):
            row.rev += 1
    _incidents(session, instance_id, found, rename)
    session.flush()


def _incidents(session: Session, instance_id: int, found: Upgrade, rename: Rename) -> None:
    """Incidents stay at their place; one of a job that begins anew is over."""
    anew = {wait.id for wait in found.advance.opened} if found.advance is not None else set()
    incidents = select(Incident).where(Incident.instance_id == instance_id, Incident.state == IncidentState.OPEN)
    for incident in session.scalars(incidents.execution_options(populate_existing=True)):
        process_id = found.places.get(incident.wait_id or "")
        if process_id is not None and incident.wait_id in anew:
            incident.state, incident.resolved_at, incident.resolution = IncidentState.RESOLVED, clock.now(), "moved_on"
        elif process_id is not None:
            incident.element_id = rename(process_id, incident.element_id)


def _live(session: Session, instance_id: int) -> Iterator[Task | Job | Subscription]:
    tasks = select(Task).where(Task.instance_id == instance_id, Task.state == TaskState.OPEN)
    kinds = Job.kind.in_((JobKind.SERVICE, JobKind.TIMER))
    jobs = select(Job).where(Job.instance_id == instance_id, kinds, Job.state.in_(LIVE))
    yield from session.scalars(tasks.execution_options(populate_existing=True))
    yield from session.scalars(jobs.execution_options(populate_existing=True))
    yield from session.scalars(select(Subscription).where(Subscription.instance_id == instance_id))


def _said(wait: Wait) -> dict[str, Any]:
    """The columns that the version decides."""
    if isinstance(wait, UserTaskWait):
        columns = task_columns(wait)
        return {name: value for name, value in columns.items() if name not in {"due_at", "follow_up_at"}}
    if isinstance(wait, MessageWait | SignalWait):
        return subscription_columns(wait)
    if isinstance(wait, JobWait):
        return {"element_id": wait.element_id, "operation": wait.operation}
    return {"element_id": wait.element_id}


def lock(session: Session, instance_id: int, read_rev: int, found: Upgrade) -> None:
    """Hold the instance and then its jobs, as every step does, until the end of the transaction.

    Raises StaleInstance if something has changed since `found` was looked at.
    """
    held = select(ProcessInstance.rev).where(ProcessInstance.id == instance_id).with_for_update(key_share=True)
    jobs = select(Job.wait_id, Job.state).where(Job.instance_id == instance_id, Job.state.in_(LIVE)).order_by(Job.id)
    if session.scalar(held) != read_rev:
        raise StaleInstance(f"Process instance {instance_id} has moved on.")
    states = {row.wait_id: row.state for row in session.execute(jobs.with_for_update())}
    if any(states.get(wait_id) is JobState.RUNNING for wait_id in _asked_anew(found)):
        raise StaleInstance(f"A job of process instance {instance_id} has begun.")


def hold_new_jobs(session: Session, instance_id: int) -> None:
    """What an instance that is suspended begins to wait for is suspended with it."""
    session.execute(
        update(Job).where(Job.instance_id == instance_id, Job.state == JobState.READY).values(state=JobState.SUSPENDED)
    )


def reopen(session: Session, instance_id: int, back: Upgrade) -> Upgrade:
    """Tasks that a move had cancelled are open again, with whom they were; `back` without them."""
    opened = back.advance.opened if back.advance is not None else []
    again = {wait.id for wait in opened if isinstance(wait, UserTaskWait)}
    tasks = update(Task).where(Task.instance_id == instance_id, Task.wait_id.in_(again))
    session.execute(tasks.values(state=TaskState.OPEN, closed_at=None, closed_by=None, rev=Task.rev + 1))
    advance = replace(back.advance, opened=[wait for wait in opened if wait.id not in again]) if back.advance else None
    return replace(back, advance=advance)
