"""One step of an instance: everything that an advance changed, written in one statement or not at all."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from psycopg.errors import DeadlockDetected, SerializationFailure, UniqueViolation
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from structlog.contextvars import bind_contextvars

from engine.actors import Actor
from engine.bpmn import Advance
from engine.casework.projection import history_of, rows_of
from engine.casework.running import KEPT, Loaded
from engine.errors import Conflict
from engine.metrics import measured
from engine.store import step as store
from engine.store.cases import Case
from engine.store.commands import ONE_ANSWER
from engine.store.instances import ProcessInstance
from engine.store.session import BELLS
from engine.store.step import StepRows
from engine.store.straight import outdate

T = TypeVar("T")
ATTEMPTS = 3
_RETRIED = "pilar.retried"


class StaleInstance(Conflict):
    """Somebody else moved the instance between our read and our write."""

    code = "stale_instance"


def retrying(session: Session, work: Callable[[], T]) -> T:
    """Do `work`; when somebody else was faster, roll back, read again and decide again, three times at most.

    Inside of another `retrying` it is done once: a rollback takes the whole back, so the whole is done anew.
    """
    if session.info.get(_RETRIED):
        return work()
    session.info[_RETRIED] = True
    try:
        return _retrying(session, work)
    finally:
        del session.info[_RETRIED]


def _retrying(session: Session, work: Callable[[], T]) -> T:
    for attempt in range(ATTEMPTS):
        try:
            return work()
        except (StaleInstance, DBAPIError) as error:
            if isinstance(error, DBAPIError) and not _lost_a_race(error):
                raise
            measured.STALE_STEPS.inc()
            if attempt == ATTEMPTS - 1:
                raise StaleInstance("Others were faster three times.") from error
            session.rollback()
    raise StaleInstance("unreachable")


def _lost_a_race(error: DBAPIError) -> bool:
    """Whether the database refused us only because of others: a deadlock, or the same key at the same moment."""
    if isinstance(error.orig, UniqueViolation):
        return error.orig.diag.constraint_name == ONE_ANSWER
    return isinstance(error.orig, DeadlockDetected | SerializationFailure)


def write(
    session: Session,
    actor: Actor,
    loaded: Loaded,
    advance: Advance,
    kind: str,
    *,
    element_id: str = "",
    detail: Mapping[str, Any] | None = None,
    extend: Callable[[StepRows], None] | None = None,
) -> list[int]:
    """Write the step; the ids of new jobs. Raises StaleInstance if the instance had moved on: nothing is written."""
    rows = rows_of(session, actor, loaded, advance)
    rows.history.append(history_of(actor, loaded, advance, kind, element_id, detail or {}))
    if extend is not None:
        extend(rows)
    new_jobs = store.write(session, rows)
    if new_jobs is None:
        raise StaleInstance(f"Process instance {rows.instance_id} has moved on.")
    measured.STEP.labels(kind).observe(time.perf_counter() - loaded.began)
    bind_contextvars(instance=rows.instance_id, case=rows.case_id)
    session.info.setdefault(BELLS, []).extend(job["id"] for job in new_jobs)
    if KEPT in session.info:
        session.info[KEPT][rows.instance_id] = (rows.read_rev + 1, loaded.instance)
    outdate(session, ProcessInstance, rows.instance_id)
    if rows.case:
        outdate(session, Case, rows.case_id)
    return [job["id"] for job in new_jobs]
