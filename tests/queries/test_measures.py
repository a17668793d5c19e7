"""What waits, in numbers: only what is due, by kind; incidents by code; the age of the oldest message."""

from datetime import timedelta

from sqlalchemy.orm import Session

from engine import clock
from engine.queries import measures
from engine.store.incidents import Incident
from engine.store.jobs import Job, JobKind, JobState
from engine.store.messages import Outbox
from tests.store import rows


def numbers(session: Session) -> dict[tuple[str, ...], float]:
    return {(name, *labels.values()): value for name, _, labels, value in measures.gauges(session)}


def test_nothing_waits(session: Session) -> None:
    found = numbers(session)
    assert set(found.values()) == {0}
    assert ("pilar_jobs_due", "timer") in found


def test_what_is_due_and_how_long(session: Session) -> None:
    row, now = rows.instance(session), clock.now()

    def job(name: str, kind: JobKind, minutes: int, urgency: int, state: JobState = JobState.READY) -> Job:
        due = now - timedelta(minutes=minutes)
        return Job(
            kind=kind,
            instance_id=row.id,
            wait_id=name,
            element_id="E",
            inputs={},
            due_at=due,
            urgency=urgency,
            state=state,
        )

    session.add_all(
        [
            job("1", JobKind.TIMER, 10, 1),
            job("2", JobKind.TIMER, 5, 3),
            job("3", JobKind.TIMER, -60, 3),
            job("4", JobKind.SERVICE, 1, 4, JobState.RUNNING),
            Incident(instance_id=row.id, element_id="E", code="job_dead", message="", created_at=now),
            Outbox(
                instance_id=row.id,
                element_id="E",
                name="m",
                correlation_key="k",
                variables={},
                effect_key="e",
                created_at=now - timedelta(hours=2),
            ),
        ]
    )
    session.flush()
    found = numbers(session)
    assert (found["pilar_jobs_due", "timer"], found["pilar_jobs_running", "service"]) == (2, 1)
    assert 590 < found["pilar_job_oldest_due_seconds", "timer"] < 700
    assert (found["pilar_incidents_open", "job_dead"], found["pilar_outbox_pending",]) == (1, 1)
    assert 7100 < found["pilar_outbox_oldest_seconds",] < 7400


def test_counting_stops_at_many(session: Session) -> None:
    row = rows.instance(session)
    due = clock.now() - timedelta(minutes=1)
    session.add_all(
        Job(kind=JobKind.TIMER, instance_id=row.id, wait_id=str(number), element_id="E", inputs={}, due_at=due)
        for number in range(5)
    )
    session.flush()
    assert session.execute(measures._DUE, {"most": 3}).one().due == 3
