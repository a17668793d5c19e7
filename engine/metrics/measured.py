"""What is measured while Pilar works. Every process counts for itself; exposition.py adds up those of a machine.

Labels are names from diagrams and code (kinds, endpoints, operations), never ids of cases or people.
"""

from contextvars import ContextVar
from typing import Any

from prometheus_client import Counter, Histogram
from sqlalchemy import Engine, event

_SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_LONG = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0, 86400.0)
_FEW = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128)

STEP = Histogram(
    "pilar_step_seconds", "From having read an instance to having written its step.", ["kind"], buckets=_SHORT
)
STALE_STEPS = Counter("pilar_stale_steps", "Steps decided anew because somebody else had moved the instance.")
REQUEST = Histogram("pilar_request_seconds", "Answering a request.", ["endpoint", "status"], buckets=_SHORT)
REQUEST_STATEMENTS = Histogram("pilar_request_statements", "SQL statements of one request.", ["endpoint"], buckets=_FEW)
STATEMENTS = Counter("pilar_sql_statements", "SQL statements sent.")
JOB = Histogram("pilar_job_seconds", "Doing a job, its step included.", ["kind", "outcome"], buckets=_SHORT)
TIMER_LATENESS = Histogram("pilar_timer_lateness_seconds", "From a timer's due time to its firing.", buckets=_LONG)

_statements: ContextVar[int] = ContextVar("pilar_statements", default=0)


def count_statements(engine: Engine) -> None:
    """Count what is sent through the engine's connections."""
    event.listen(engine, "before_cursor_execute", _count)


def _count(*_: Any) -> None:
    _statements.set(_statements.get() + 1)
    STATEMENTS.inc()


def begin_counting() -> None:
    """From here on `statements` counts for this request."""
    _statements.set(0)


def statements() -> int:
    """SQL statements since `begin_counting`, in this thread."""
    return _statements.get()
