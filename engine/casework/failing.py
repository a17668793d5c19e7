"""What becomes of a job that failed: tried again later, given back, or an incident."""

import logging
import random
from uuid import UUID

from sqlalchemy.orm import Session

from engine import clock
from engine.errors import EngineError, Interrupted, NotYet, OutsideFailed
from engine.store import jobs as store
from engine.store.incidents import Incident
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job, JobState
from engine.store.session import Sessions, unit_of_work

FIRST_DELAY = 2.0
LONGEST_DELAY = 600.0

log = logging.getLogger("pilar.work")


def failed(sessions: Sessions, job_id: int, token: UUID, error: Exception, *, final: bool) -> tuple[str, str]:
    """Count a failed attempt; `final`: there is no other one.

    The job's kind, and "failed", "given_back", or "lost" if it was not ours any more.
    """
    code = error.code if isinstance(error, EngineError) else type(error).__name__
    with unit_of_work(sessions) as session:
        job = session.get_one(Job, job_id)
        if isinstance(error, Interrupted):
            return job.kind.value, "given_back" if store.give_back(session, job_id, token) else "lost"
        if isinstance(error, NotYet):
            was_ours = store.give_back(session, job_id, token, delay=error.seconds, error=code)
            return job.kind.value, "given_back" if was_ours else "lost"
        unsent, delay = isinstance(error, OutsideFailed), _delay(job.attempts)
        state = store.fail(session, job_id, token, error=code, delay=delay, final=final, unsent=unsent)
        if state == JobState.DEAD.value:
            raise_incident(session, job_id, code)
        about = {"instance": job.instance_id, "kind": job.kind.value, "attempt": job.attempts, "error": code}
    if state is not None:
        log.warning("job_failed", extra={"about": about})
    return job.kind.value, "lost" if state is None else "failed"


def _delay(attempts: int) -> float:
    """Doubling from two seconds to ten minutes, with jitter so that failures do not march in step."""
    return float(min(LONGEST_DELAY, FIRST_DELAY * 2**attempts) * random.uniform(0.5, 1.0))  # noqa: S311


def raise_incident(session: Session, job_id: int, code: str) -> None:
    """A job has used up its attempts: a person must look."""
    job = session.get_one(Job, job_id, populate_existing=True)
    instance = session.get_one(ProcessInstance, job.instance_id)
    session.add(
        Incident(
            instance_id=job.instance_id,
            case_id=instance.case_id,
            job_id=job.id,
            wait_id=job.wait_id,
            element_id=job.element_id,
            code="job_dead",
            message=f"{job.operation or job.kind.value}: {code}",
            created_at=clock.now(),
        )
    )
