"""The one write of a step: all or nothing, guarded by the revision that was read."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.store import step as store
from engine.store.history import History
from engine.store.incidents import Incident
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job, JobState
from engine.store.messages import Outbox, Subscription
from engine.store.tasks import Task, TaskState
from tests.store import rows


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def everything(row: ProcessInstance) -> dict[str, object]:
    return {
        "tasks": [rows.task_row("t1", row)],
        "jobs": [rows.job_row("j1")],
        "subscriptions": [{"wait_id": "s1", "element_id": "E", "process_id": "x", "name": "m", "correlation_key": "k"}],
        "incidents": [{"wait_id": None, "element_id": "E", "code": "c", "message": "m"}],
        "outbox": [{"element_id": "E", "name": "m", "correlation_key": "k", "variables": {}, "effect_key": "e"}],
        "history": [{"kind": "k", "process_id": "x", "element_id": "E", "detail": {"steps": []}}],
    }


def test_a_step_writes_the_instance_and_all_that_mirrors_it(session: Session) -> None:
    row = rows.instance(session)

    new = store.write(session, rows.step(row, **everything(row)))

    session.refresh(row)
    assert (row.rev, row.body) == (2, b"1")
    assert new == [{"id": session.scalars(select(Job.id)).one()}]
    assert [count(session, model) for model in (Task, Job, Subscription, Incident, Outbox, History)] == [1] * 6
    task = session.scalars(select(Task)).one()
    assert (task.candidate_groups, task.properties, task.due_at) == (["tksk"], {"fourEyes": "true"}, rows.AT)


def test_a_step_on_an_older_revision_writes_nothing(session: Session) -> None:
    row = rows.instance(session)
    stale = rows.step(row, **everything(row))
    assert store.write(session, rows.step(row)) is not None

    assert store.write(session, stale) is None

    assert [count(session, model) for model in (Task, Job, History)] == [0, 0, 0]


def test_a_task_that_was_taken_meanwhile_stops_the_step(session: Session) -> None:
    row = rows.instance(session)
    store.write(session, rows.step(row, tasks=[rows.task_row("t1", row)]))
    session.refresh(row)
    task = session.scalars(select(Task)).one()
    task.assignee_id = rows.worker(session).id
    task.rev += 1
    session.flush()

    moved = store.write(session, rows.step(row, completed=["t1"], task_id=task.id, task_rev=1))

    session.refresh(task)
    assert moved is None
    assert task.state is TaskState.OPEN


def test_closing_waits_completes_one_and_cancels_the_others(session: Session) -> None:
    row = rows.instance(session)
    worker = rows.worker(session)
    waits = {"tasks": [rows.task_row("t1", row), rows.task_row("t2", row)], "jobs": [rows.job_row("j1")]}
    store.write(session, rows.step(row, **waits))
    session.refresh(row)

    store.write(session, rows.step(row, completed=["t1"], cancelled=["t2", "j1"], actor_id=worker.id))

    states = {task.wait_id: (task.state, task.closed_by) for task in session.scalars(select(Task))}
    assert states == {"t1": (TaskState.COMPLETED, worker.id), "t2": (TaskState.CANCELLED, None)}
    assert session.scalars(select(Job.state)).one() is JobState.CANCELLED


def test_a_cycle_timer_is_set_again(session: Session) -> None:
    row = rows.instance(session)
    store.write(session, rows.step(row, jobs=[rows.job_row("j1")]))
    session.refresh(row)
    job = session.scalars(select(Job)).one()
    job.state, job.attempts = JobState.DONE, 3
    session.flush()

    store.write(session, rows.step(row, jobs=[rows.job_row("j1")]))

    session.refresh(job)
    assert (job.state, job.attempts) == (JobState.READY, 0)
