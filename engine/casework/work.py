"""Running jobs: what must happen outside a step, done once, under a lease, committed with its completion."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session
from structlog.contextvars import bind_contextvars, clear_contextvars

from engine import clock
from engine.actors import SYSTEM
from engine.casework import beginnings, failing, firing, messages, running, step
from engine.casework.failing import raise_incident
from engine.casework.rules import runtime
from engine.errors import Conflict, EngineError, InvalidState, MaybeSent
from engine.feel import from_json
from engine.metrics import measured
from engine.store import instance_migrations
from engine.store import jobs as store
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobKind, JobState
from engine.store.session import Sessions, unit_of_work

LEASE_SECONDS = 30
HOLD_MOST = "15s"
TIMERS_AT_ONCE = 20
ENDED = (InstanceState.COMPLETED, InstanceState.CANCELLED)

log = logging.getLogger("pilar.work")


class BpmnError(EngineError):
    """A modelled error of a service task: the diagram foresees it at a boundary event with `error_code`."""

    code = "bpmn_error"

    def __init__(self, error_code: str, message: str = "", variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(message or error_code)
        self.error_code = error_code
        self.variables = dict(variables or {})


@dataclass(frozen=True, slots=True)
class JobContext:
    """What an operation knows of its job. `effect_key` is the same at every attempt: send it to whoever can dedupe.

    `may_have_sent`: an earlier attempt ended while it was sending, and nobody knows what came of it.
    """

    job_id: int
    instance_id: int
    case_id: int | None
    region_code: str
    element_id: str
    attempt: int
    effect_key: str
    may_have_sent: bool = False


Operation = Callable[[Session, JobContext, Mapping[str, Any]], Mapping[str, Any]]
Operations = Mapping[str, Operation]


def run_job(sessions: Sessions, operations: Operations, job_id: int | None = None) -> bool:
    """Claim and run one due job (or this one), with a timer some others that are due; False if there was none."""
    with unit_of_work(sessions) as session:
        owed = failing.give_back_owed(session)
        claimed = store.claim_some(session, job_id, LEASE_SECONDS, TIMERS_AT_ONCE)
    failing.forget_owed(owed)
    alone = claimed if len(claimed) < 2 else firing.fire_together(sessions, claimed, HOLD_MOST)
    for found in alone:
        attempt_job(sessions, operations, *found)
    return bool(claimed)


def attempt_job(sessions: Sessions, operations: Operations, job_id: int, token: UUID) -> None:
    """One attempt under a lease; a failure is counted, delayed, and in the end an incident."""
    began, outcome = time.perf_counter(), "done"
    clear_contextvars()
    bind_contextvars(job=job_id)
    try:
        with unit_of_work(sessions) as session:
            kind = step.retrying(session, lambda: _perform(sessions, session, operations, job_id, token))
    except Exception as error:  # the worker's edge: whatever an operation raises must not end the worker
        kind, outcome = _failed(sessions, job_id, token, error)
    measured.JOB.labels(kind, outcome).observe(time.perf_counter() - began)


def _failed(sessions: Sessions, job_id: int, token: UUID, error: Exception) -> tuple[str, str]:
    try:
        return failing.failed(sessions, job_id, token, error, final=isinstance(error, FINAL))
    except DBAPIError:
        failing.owe(job_id, token)
        return "unknown", "lost"


class LeaseLost(Conflict):
    """Another worker has the job by now: our effect is rolled back."""

    code = "lease_lost"


def _perform(sessions: Sessions, session: Session, operations: Operations, job_id: int, token: UUID) -> str:
    """Do the job and mark it done in one transaction; the job's own row is touched last, after its instance's.

    So every step takes its locks in the same order, and nobody who closes this job waits while an operation runs.
    """
    held = (Job.id == job_id, Job.lease_token == token, Job.state == JobState.RUNNING)
    job = session.scalar(select(Job).where(*held).execution_options(populate_existing=True))
    if job is None:
        raise LeaseLost(f"Job {job_id} belongs to another worker.")

    def seal() -> None:
        if not store.finish(session, job_id, token):
            raise LeaseLost(f"Job {job_id} belongs to another worker.")

    if job.kind is JobKind.SERVICE:
        with _prolonged(sessions, job_id, token):
            perform(session, operations, job, seal)
    else:
        perform(session, operations, job, seal)
    return job.kind.value


@contextmanager
def _prolonged(sessions: Sessions, job_id: int, token: UUID) -> Iterator[None]:
    """Prolong the lease while an operation runs, from a thread with a connection of its own."""
    over = threading.Event()

    def prolong() -> None:
        while not over.wait(LEASE_SECONDS / 3):
            try:
                with unit_of_work(sessions) as session:
                    store.renew(session, job_id, token, LEASE_SECONDS)
            except SQLAlchemyError as error:  # the lease may be lost; who finishes the job will be told
                log.warning("lease_not_prolonged", extra={"about": {"job": job_id, "error": type(error).__name__}})

    thread = threading.Thread(target=prolong, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def perform(session: Session, operations: Operations, job: Job, seal: Callable[[], None]) -> None:
    """Do what a job says, in the caller's transaction; `seal` marks it done, once its instance is held."""
    if job.kind is JobKind.SERVICE:
        _serve(session, operations, job, seal)
    elif job.kind is JobKind.DELIVER:
        seal()
        _deliver(session, job)
    else:
        held = running.hold(session, job.instance_id, HOLD_MOST)
        seal()
        if held[0].state not in ENDED:
            _move(session, job, running.wake(session, *held))


def _deliver(session: Session, job: Job) -> None:
    if "inbound_id" in job.inputs:
        messages.deliver_kept(session, int(job.inputs["inbound_id"]))
    elif "signal" in job.inputs:
        messages.broadcast(session, job.operation, from_json(job.inputs["signal"]), job.instance_id)
    else:
        messages.hand_over_outbox(session, str(job.inputs["effect_key"]))


def _serve(session: Session, operations: Operations, job: Job, seal: Callable[[], None]) -> None:
    instance = session.get_one(ProcessInstance, job.instance_id)
    if instance.state in ENDED:
        seal()
        return
    context = JobContext(
        job_id=job.id,
        instance_id=job.instance_id,
        case_id=instance.case_id,
        region_code=instance.region_code,
        element_id=job.element_id,
        attempt=job.attempts,
        # After a restore numbers are given out again: the moment tells the new job from the one that was sent.
        effect_key=f"pilar-job-{job.id}-{job.created_at.timestamp() * 1000:.0f}",
        may_have_sent=job.last_error == store.SENDING,
    )
    failure: BpmnError | None = None
    outputs: Mapping[str, Any] = {}
    try:
        outputs = _operation(operations, job)(session, context, from_json(job.inputs))
    except BpmnError as error:
        failure = error
    held = running.hold(session, job.instance_id, HOLD_MOST)
    seal()
    loaded = running.wake(session, *held)
    around = runtime(session)
    if failure is None:
        advance = loaded.instance.complete_job(job.wait_id, dict(outputs), around)
    else:
        advance = loaded.instance.throw_error(job.wait_id, failure.error_code, str(failure), failure.variables, around)
    detail = {"operation": job.operation} | ({"error": failure.error_code} if failure else {})
    step.write(session, SYSTEM, loaded, advance, "job.done", element_id=job.element_id, detail=detail)


class UnknownOperation(EngineError):
    """A diagram calls an operation that this release does not have."""

    code = "unknown_operation"


FINAL = (UnknownOperation, InvalidState, MaybeSent)
"""What trying again would not mend."""


def _operation(operations: Operations, job: Job) -> Operation:
    if job.operation not in operations:
        raise UnknownOperation(job.operation)
    return operations[job.operation]


def _move(session: Session, job: Job, loaded: running.Loaded) -> None:
    if job.kind is JobKind.TIMER:
        firing.fire(session, loaded, job)
        return
    advance = loaded.instance.proceed(runtime(session))
    step.write(session, SYSTEM, loaded, advance, "instance.proceeded", element_id=job.element_id)


def sweep(sessions: Sessions, most: int = 50) -> list[int]:
    """Take back silent workers' jobs, start what timers start, find kept messages their receivers; what is due now."""
    with unit_of_work(sessions) as session:
        for job_id, state in store.expire(session):
            if state == JobState.DEAD.value:
                raise_incident(session, job_id, "lease_expired")
    beginnings.start_by_timer(sessions, most)
    with unit_of_work(sessions) as session:
        messages.expire_buffered(session)
        messages.call_kept(session, most)
        instance_migrations.forget_former(session)
        return store.due(session, most, TIMERS_AT_ONCE)


def run_due(session: Session, operations: Operations, most: int = 1000) -> int:
    """Run what is due by Pilar's own clock, in this transaction: for stories and sandboxes that move the clock."""
    done = 0
    while done < most:
        if beginnings.start_due(session):
            done += 1
            continue
        job = _next_due(session)
        if job is None:
            return done
        claimed = update(Job).where(Job.id == job.id).values(state=JobState.DONE, attempts=Job.attempts + 1)
        session.execute(claimed)
        perform(session, operations, job, seal=lambda: None)
        done += 1
    raise Conflict(f"More than {most} jobs were due at once.")


def _next_due(session: Session) -> Job | None:
    query = select(Job).where(Job.state == JobState.READY, Job.due_at <= clock.now())
    return session.scalar(query.order_by(Job.due_at, Job.id).limit(1).execution_options(populate_existing=True))
