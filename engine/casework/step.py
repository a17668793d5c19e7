"""One step of an instance: everything that an advance changed, written in one statement or not at all."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from structlog.contextvars import bind_contextvars

from engine.actors import Actor
from engine.bpmn import Advance
from engine.casework.projection import history_of, rows_of
from engine.casework.running import KEPT, Loaded
from engine.errors import Conflict
from engine.metrics import measured
from engine.store import step as store
from engine.store.session import BELLS
from engine.store.step import StepRows

T = TypeVar("T")
ATTEMPTS = 3


class StaleInstance(Conflict):
    """Somebody else moved the instance between our read and our write."""

    code = "stale_instance"


def retrying(session: Session, work: Callable[[], T]) -> T:
    """Do `work`; when somebody else was faster, roll back, read again and decide again, three times at most."""
    for attempt in range(ATTEMPTS):
        try:
            return work()
        except (StaleInstance, OperationalError) as error:
            if isinstance(error, OperationalError) and not isinstance(error.orig, DeadlockDetected):
                raise
            measured.STALE_STEPS.inc()
            if attempt == ATTEMPTS - 1:
                raise StaleInstance("Others were faster three times.") from error
            session.rollback()
    raise StaleInstance("unreachable")


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
    session.expire(loaded.row)
    if rows.case and loaded.case is not None:
        session.expire(loaded.case)
    return [job["id"] for job in new_jobs]
