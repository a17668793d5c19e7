"""Firing timers: one, or some that are due at the same time in one transaction."""

import logging
import time
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.orm import Session
from structlog.contextvars import bind_contextvars, clear_contextvars

from engine.actors import SYSTEM
from engine.bpmn import WaitNotFound
from engine.casework import failing, running, step
from engine.casework.rules import runtime
from engine.casework.running import Loaded
from engine.errors import Interrupted
from engine.metrics import measured
from engine.store import jobs as store
from engine.store.cases import Case
from engine.store.definitions import Definition
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobKind, JobState
from engine.store.session import Sessions, unit_of_work

TOGETHER_S = 0.5
"""So long others may have to wait for the instances of one transaction; the next timer is fired in another one."""
Claimed = tuple[int, UUID]

log = logging.getLogger("pilar.work")

# What somebody holds at this moment is not waited for while others are held here: it is fired alone, afterwards.
_HOLD = (
    select(
        Job,
        ProcessInstance,
        Case,
        Definition.sha256,
        func.set_config("idle_in_transaction_session_timeout", bindparam("longest", type_=Text), True),
    )
    .join(ProcessInstance, ProcessInstance.id == Job.instance_id)
    .join(Definition, Definition.id == ProcessInstance.definition_id)
    .outerjoin(Case, Case.id == ProcessInstance.case_id)
    .where(
        Job.id.in_(bindparam("ids", expanding=True)),
        Job.lease_token == bindparam("token"),
        Job.state == JobState.RUNNING,
        Job.kind == JobKind.TIMER,
        ProcessInstance.state == InstanceState.ACTIVE,
    )
    .order_by(ProcessInstance.id, Job.id)
    .options(*running.NEEDED)
    .with_for_update(of=ProcessInstance, key_share=True, skip_locked=True)
)


def fire(session: Session, loaded: Loaded, job: Job) -> None:
    """Fire the timer of `job` and write the step. An instance that has left that place is left alone."""
    around = runtime(session, job.due_at)
    measured.TIMER_LATENESS.observe(max(0.0, (around.now - job.due_at).total_seconds()))
    try:
        advance = loaded.instance.fire_timer(job.wait_id, around)
    except WaitNotFound:
        return
    step.write(session, SYSTEM, loaded, advance, "timer.fired", element_id=job.element_id)


def fire_together(sessions: Sessions, claimed: Sequence[Claimed], longest: str) -> list[Claimed]:
    """Fire timers that were claimed together; those that are to be fired alone.

    Some of them in one transaction, and so on; if one fails, nothing of its transaction happens, and each gets its own
    attempt. `longest`: how long a frozen process may hold their instances (as in "15s").
    """
    left = list(claimed)
    while len(left) > 1:
        done = _fire_some(sessions, left, longest)
        left = [one for one in left if one[0] not in done]
        if not done:
            break
    return left


def _fire_some(sessions: Sessions, claimed: Sequence[Claimed], longest: str) -> set[int]:
    """One transaction; the jobs that are done, or given back."""
    began = time.perf_counter()
    clear_contextvars()
    try:
        with unit_of_work(sessions) as session:
            done = _fire_held(session, claimed, longest)
    except Interrupted as error:
        for job_id, token in claimed:
            failing.failed(sessions, job_id, token, error, final=False)
        return {job_id for job_id, _ in claimed}
    except Exception as error:  # the worker's edge: whatever it is, it comes again for the one that it belongs to
        log.info("timers_one_by_one", extra={"about": {"count": len(claimed), "error": type(error).__name__}})
        return set()
    for _ in done:
        measured.JOB.labels(JobKind.TIMER.value, "done").observe((time.perf_counter() - began) / len(done))
    return done


def _fire_held(session: Session, claimed: Sequence[Claimed], longest: str) -> set[int]:
    """Fire what nobody else holds, one timer of an instance; the jobs that are done.

    Whoever has taken such a job since, as if we were dead, needs its instance first, and then finds the job done.
    """
    token = claimed[0][1]
    values = {"ids": [job_id for job_id, _ in claimed], "token": token, "longest": longest}
    first = {row.ProcessInstance.id: row for row in reversed(session.execute(_HOLD, values).all())}
    until, done = time.monotonic() + TOGETHER_S, set[int]()
    for row in reversed(first.values()):
        bind_contextvars(job=row.Job.id)
        fire(session, running.wake(session, row.ProcessInstance, row.Case, row.sha256), row.Job)
        done.add(row.Job.id)
        if time.monotonic() > until:
            break
    store.finish_some(session, sorted(done), token)
    return done
