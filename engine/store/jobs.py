"""Jobs: everything that must happen outside a step. PostgreSQL holds the promise; leases fence who keeps it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.store.base import Base, bigint_pk, created_at, json_object


class JobKind(StrEnum):
    """What a job does when it runs."""

    SERVICE = "service"  # run the named operation of a service task
    TIMER = "timer"  # fire a timer of an instance
    PROCEED = "proceed"  # go on with an instance whose step budget was used up
    DELIVER = "deliver"  # hand a thrown message to an instance or to the outside


class JobState(StrEnum):
    """Life of a job. DEAD jobs have an incident."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"


class Job(Base):
    """One job. `attempts` is counted when it is claimed, so a job that kills its worker ends too."""

    __tablename__ = "job"

    id: Mapped[bigint_pk]
    kind: Mapped[JobKind]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    wait_id: Mapped[str]
    element_id: Mapped[str]
    operation: Mapped[str] = mapped_column(default="")
    inputs: Mapped[json_object]
    state: Mapped[JobState] = mapped_column(default=JobState.READY)
    urgency: Mapped[int] = mapped_column(default=3)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[UUID | None]
    last_error: Mapped[str | None]
    created_at: Mapped[created_at]
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("instance_id", "wait_id", "kind"),
        Index("ix_job_ready", "urgency", "due_at", "id", postgresql_where=text("state = 'ready'")),
        Index("ix_job_leased", "lease_until", postgresql_where=text("state = 'running'")),
        {"postgresql_with": {"autovacuum_vacuum_scale_factor": "0.02"}},
    )


# Compared with the database's clock only: a worker whose clock is wrong can neither hurry nor hold a job.
_TAKE = """
    UPDATE job SET state = 'running', attempts = attempts + 1, lease_token = :token,
                   lease_until = now() + make_interval(secs => :lease)
    WHERE id = ANY(ARRAY({which})) RETURNING id, kind, urgency
    """
# The most urgent first. A short range of the index for each urgency, so that timers that wait for years cost nothing.
_CLAIM = text(
    _TAKE.format(
        which="""
        SELECT found.id FROM generate_series(1, 4) AS step(urgency) CROSS JOIN LATERAL (
          SELECT id FROM job WHERE state = 'ready' AND job.urgency = step.urgency AND due_at <= now()
          ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) AS found
        LIMIT 1"""
    )
)
_CLAIM_THIS = text(
    _TAKE.format(
        which="SELECT id FROM job WHERE id = :id AND state = 'ready' AND due_at <= now() FOR UPDATE SKIP LOCKED"
    )
)
# Never with what failed before: a timer that kills its worker must not take others with it again and again.
_CLAIM_MORE_TIMERS = text(
    _TAKE.format(
        which="""
        SELECT id FROM job WHERE state = 'ready' AND urgency = :urgency AND due_at <= now() AND kind = 'timer'
          AND attempts = 0 ORDER BY due_at, id LIMIT :most FOR UPDATE SKIP LOCKED"""
    )
)
# Nothing is waited for: who has the row now is about to finish the job or to take it away. It may be the very
# transaction whose end waits for us.
_RENEW = text(
    """UPDATE job SET lease_until = now() + make_interval(secs => :lease)
       WHERE id = (SELECT id FROM job WHERE id = :id AND lease_token = :token AND state = 'running'
                   FOR NO KEY UPDATE SKIP LOCKED)"""
)
_FINISH = text(
    """UPDATE job SET state = 'done', finished_at = now(), lease_until = NULL, lease_token = NULL, last_error = NULL
       WHERE id = ANY(:ids) AND lease_token = :token AND state = 'running' RETURNING id"""
)
# What ran while its instance was suspended waits with it.
_FAIL = text(
    """
    UPDATE job SET state = CASE
      WHEN 'suspended' = (SELECT p.state FROM process_instance p WHERE p.id = job.instance_id) THEN 'suspended'
      WHEN attempts >= max_attempts OR :final THEN 'dead' ELSE 'ready' END,
                   due_at = now() + make_interval(secs => :delay),
                   last_error = CASE WHEN last_error = 'sending' AND NOT :unsent THEN 'sending' ELSE :error END,
                   lease_until = NULL, lease_token = NULL
    WHERE id = :id AND lease_token = :token AND state = 'running' RETURNING state
    """
)
SENDING = "sending"
_MARK = text(
    """UPDATE job SET last_error = :mark
       WHERE id = :id AND attempts = :attempt AND state = 'running' AND lease_until > now()"""
)
_GIVE_BACK = text(
    """
    UPDATE job SET state = CASE
      WHEN 'suspended' = (SELECT p.state FROM process_instance p WHERE p.id = job.instance_id) THEN 'suspended'
      ELSE 'ready' END, attempts = attempts - 1, due_at = greatest(due_at, now() + make_interval(secs => :delay)),
      last_error = coalesce(:error, last_error),
      lease_until = NULL, lease_token = NULL
    WHERE id = :id AND lease_token = :token AND state = 'running'
    """
)
_EXPIRED = text(
    """
    UPDATE job SET state = CASE
      WHEN 'suspended' = (SELECT p.state FROM process_instance p WHERE p.id = job.instance_id) THEN 'suspended'
      WHEN attempts >= max_attempts THEN 'dead' ELSE 'ready' END,
                   last_error = CASE WHEN last_error = 'sending' THEN 'sending' ELSE 'lease_expired' END,
                   lease_until = NULL, lease_token = NULL
    WHERE id IN (SELECT id FROM job WHERE state = 'running' AND lease_until < now()
                 ORDER BY lease_until LIMIT 500 FOR UPDATE SKIP LOCKED)
    RETURNING id, state
    """
)
_DUE = text(
    """
    SELECT found.id, found.kind FROM generate_series(1, 4) AS step(urgency) CROSS JOIN LATERAL (
      SELECT id, kind FROM job WHERE state = 'ready' AND job.urgency = step.urgency AND due_at <= now()
      ORDER BY due_at, id LIMIT :most) AS found
    LIMIT :most
    """
)


def claim(session: Session, job_id: int | None, lease_seconds: int) -> tuple[int, UUID] | None:
    """Take one due job (or this one) for `lease_seconds`; counts the attempt. The caller commits at once."""
    return next(iter(claim_some(session, job_id, lease_seconds, 1)), None)


def claim_some(session: Session, job_id: int | None, lease_seconds: int, most: int) -> list[tuple[int, UUID]]:
    """As `claim`; when it is a timer, up to `most` timers that are due as well: each takes a moment only."""
    token = uuid4()
    values = {"token": token, "lease": lease_seconds}
    row = session.execute(*((_CLAIM, values) if job_id is None else (_CLAIM_THIS, values | {"id": job_id}))).first()
    if row is None:
        return []
    found = [row.id]
    if row.kind == JobKind.TIMER.value and most > 1:
        more = session.execute(_CLAIM_MORE_TIMERS, values | {"urgency": row.urgency, "most": most - 1})
        found += sorted(one.id for one in more)
    return [(job_id, token) for job_id in found]


def renew(session: Session, job_id: int, token: UUID, lease_seconds: int) -> bool:
    """Prolong the lease; False if it was lost, or somebody has the job's row at this moment."""
    return bool(_count(session, _RENEW, id=job_id, token=token, lease=lease_seconds))


def finish(session: Session, job_id: int, token: UUID) -> bool:
    """Mark done in the effect's own transaction; False if the lease was lost: roll back."""
    return bool(finish_some(session, [job_id], token))


def finish_some(session: Session, job_ids: Sequence[int], token: UUID) -> set[int]:
    """As `finish` for jobs that were claimed together: those whose lease was not lost."""
    return set(session.execute(_FINISH, {"ids": list(job_ids), "token": token}).scalars())


def fail(
    session: Session, job_id: int, token: UUID, *, error: str, delay: float, final: bool = False, unsent: bool = False
) -> str | None:
    """Give back for another attempt in `delay` seconds, or let it die; the new state, None if the lease was lost.

    `unsent`: whatever was being sent is known not to have been taken.
    """
    values = {"id": job_id, "token": token, "error": error, "delay": delay, "final": final, "unsent": unsent}
    row = session.execute(_FAIL, values).first()
    return None if row is None else str(row.state)


def give_back(session: Session, job_id: int, token: UUID, *, delay: float = 0.0, error: str | None = None) -> bool:
    """As if it had not been begun, due in `delay` seconds at the earliest; False if the lease was lost."""
    return bool(_count(session, _GIVE_BACK, id=job_id, token=token, delay=delay, error=error))


def mark_sending(session: Session, job_id: int, attempt: int) -> bool:
    """What comes now cannot be taken back: stays marked until the job is done or known to have failed."""
    return bool(_count(session, _MARK, id=job_id, attempt=attempt, mark=SENDING))


def expire(session: Session) -> list[tuple[int, str]]:
    """Give back (or let die) jobs whose worker went silent: (id, new state)."""
    return [(row.id, row.state) for row in session.execute(_EXPIRED)]


def due(session: Session, most: int, together: int) -> list[int]:
    """Ids of jobs that wait for a worker now, most urgent first; of timers each `together`th: others go with it."""
    found = session.execute(_DUE, {"most": most}).all()
    timers = [row.id for row in found if row.kind == JobKind.TIMER.value]
    spared = set(timers) - set(timers[::together])
    return [row.id for row in found if row.id not in spared]


def _count(session: Session, statement: object, **values: object) -> int:
    return int(session.execute(statement, values).rowcount)  # type: ignore[call-overload]
