"""What waits, in numbers for monitoring: due jobs, incidents, messages to agencies. Bounded, whatever has piled up."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

Gauge = tuple[str, str, dict[str, str], float]
MOST = 10_000
KINDS = ("service", "timer", "proceed", "deliver")

# One short range of the index of ready jobs for each urgency.
_DUE = text(
    """
    SELECT found.kind, count(*) AS due, extract(epoch FROM now() - min(found.due_at)) AS oldest
    FROM generate_series(1, 4) AS step(urgency) CROSS JOIN LATERAL (
      SELECT kind, due_at FROM job WHERE state = 'ready' AND job.urgency = step.urgency AND due_at <= now()
      ORDER BY due_at LIMIT :most) AS found
    GROUP BY found.kind
    """
)
_RUNNING = text("SELECT kind, count(*) AS number FROM job WHERE state = 'running' GROUP BY kind")
_INCIDENTS = text("SELECT code, count(*) FROM incident WHERE state = 'open' GROUP BY code")
_OUTBOX = text(
    """
    SELECT count(*), extract(epoch FROM now() - min(created_at))
    FROM (SELECT created_at FROM outbox WHERE state = 'pending' ORDER BY created_at LIMIT :most) AS found
    """
)


def gauges(session: Session) -> Iterator[Gauge]:
    """(name, help, labels, value) of everything that is looked up. Counts stop at MOST for each urgency."""
    due = {row.kind: row for row in session.execute(_DUE, {"most": MOST})}
    running: dict[str, int] = {row.kind: row.number for row in session.execute(_RUNNING)}
    for kind in KINDS:
        labels = {"kind": kind}
        yield "pilar_jobs_due", "Jobs that should have begun.", labels, due[kind].due if kind in due else 0
        yield "pilar_jobs_running", "Jobs under a lease.", labels, running.get(kind, 0)
        oldest = due[kind].oldest if kind in due else 0
        yield "pilar_job_oldest_due_seconds", "How long the oldest due job has waited.", labels, float(oldest)
    for code, count in session.execute(_INCIDENTS):
        yield "pilar_incidents_open", "Places that stand still until a person looks.", {"code": code}, count
    pending: Any = session.execute(_OUTBOX, {"most": MOST}).one()
    yield "pilar_outbox_pending", "Messages to agencies that nobody handed over yet.", {}, pending[0]
    yield "pilar_outbox_oldest_seconds", "Age of the oldest of them.", {}, float(pending[1] or 0)
