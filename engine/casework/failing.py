"""What becomes of a job that failed: tried again later, given back, or an incident."""

import logging
import random
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError
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

_owed: list[tuple[int, UUID]] = []

log = logging.getLogger("pilar.work")


def failed(sessions: Sessions, job_id: int, token: UUID, error: Exception, *, final: bool) -> tuple[str, str]:
    """Count a failed attempt; `final`: there is no other one.

    The job's kind, and "failed", "given_back", or "lost" if it was not ours any more.
    """
    code = error.code if isinstance(error, EngineError) else type(error).__name__
    with unit_of_work(sessions) as session:
        job = session.get_one(Job, job_id)
        if isinstance(error, Interrupted) or is_away(error):
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


def is_away(error: Exception) -> bool:
    """Whether the database went away, came back or is full: no fault of the job, so its attempt does not count."""
    if not isinstance(error, DBAPIError) or not isinstance(error.orig, psycopg.OperationalError):
        return False
    # Without a code the connection is gone; 57P: it shuts down or starts; 53: no room.
    return error.orig.sqlstate is None or error.orig.sqlstate.startswith(("08", "53", "57P"))


def owe(job_id: int, token: UUID) -> None:
    """Not even this could be noted: the job is given back as soon as the database answers this process again."""
    _owed.append((job_id, token))


def give_back_owed(session: Session) -> int:
    """Give back what is owed; how many, for `forget_owed` once that is committed."""
    for job_id, token in _owed:
        store.give_back(session, job_id, token)
    return len(_owed)


def forget_owed(count: int) -> None:
    """These are given back."""
    del _owed[:count]


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
