"""Whether the rows keep the engine's promises: read only, safe while everything runs, empty when all is well."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine.bpmn import Instance
from engine.casework import definitions
from engine.errors import EngineError
from engine.store import audit
from engine.store.counts import DIFFERING
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobState
from engine.store.messages import Subscription
from engine.store.tasks import Task, TaskState

BATCH = 200


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that a row breaks. `rule` is stable; `subject` names the row by table and number."""

    rule: str
    subject: str


# rule -> ids of rows that break it
_RULES = {
    "completed_once": """
        SELECT 'task ' || task_id FROM history WHERE kind = 'task.completed' AND task_id IS NOT NULL
        GROUP BY task_id HAVING count(*) > 1""",
    "lease_forgotten": """
        SELECT 'job ' || id FROM job WHERE state = 'running' AND lease_until < now() - interval '30 seconds'""",
    "job_late": """
        SELECT 'job ' || id FROM job WHERE state = 'ready' AND due_at < now() - interval '60 seconds'""",
    "dead_without_incident": """
        SELECT 'job ' || j.id FROM job j WHERE j.state = 'dead'
        AND NOT EXISTS (SELECT FROM incident i WHERE i.job_id = j.id AND i.state = 'open')""",
    "start_late": """
        SELECT 'timer_start ' || id FROM timer_start WHERE due_at < now() - interval '10 minutes'""",
    "open_after_the_end": """
        SELECT 'task ' || t.id FROM task t JOIN process_instance p ON p.id = t.instance_id
        WHERE t.state = 'open' AND p.state IN ('completed', 'cancelled')""",
    "archived_and_here": """
        SELECT 'case ' || id FROM "case" WHERE id IN (SELECT case_id FROM archived_case)
        UNION SELECT 'case ' || id FROM "case" WHERE case_no IN (SELECT case_no FROM archived_case)""",
    "nothing_to_wait_for": """
        SELECT 'instance ' || p.id FROM process_instance p WHERE p.state = 'active'
        AND NOT EXISTS (SELECT FROM task WHERE instance_id = p.id AND state = 'open')
        AND NOT EXISTS (SELECT FROM job WHERE instance_id = p.id AND state IN ('ready', 'running'))
        AND NOT EXISTS (SELECT FROM subscription WHERE instance_id = p.id)
        AND NOT EXISTS (SELECT FROM incident WHERE instance_id = p.id AND state = 'open')""",
}


def check(session: Session) -> list[Breach]:
    """Every broken promise: rows against rows, stored states against rows, and the access log's chain.

    The session must be fresh: one transaction sees all rows as of one moment.
    """
    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    found = [
        Breach(rule, subject)
        for rule, query in (_RULES | DIFFERING).items()
        for subject in session.scalars(text(query))
    ]
    found += _states(session)
    broken = audit.first_break(session)
    return found if broken is None else [*found, Breach("access_log_changed", f"access_log {broken}")]


def instances(session: Session) -> int:
    """How many running instances `check` looks into."""
    query = select(func.count()).select_from(ProcessInstance).where(ProcessInstance.state == InstanceState.ACTIVE)
    return session.scalar(query) or 0


def _states(session: Session) -> Iterator[Breach]:
    """Each stored state can be read, and waits for exactly what the rows say."""
    last = 0
    while True:
        query = (
            select(ProcessInstance)
            .where(ProcessInstance.state == InstanceState.ACTIVE, ProcessInstance.id > last)
            .order_by(ProcessInstance.id)
            .limit(BATCH)
        )
        rows = list(session.scalars(query))
        if not rows:
            return
        known = _known_waits(session, [row.id for row in rows])
        for row in rows:
            yield from _state(session, row, known.get(row.id, set()))
        last = rows[-1].id
        session.expunge_all()


def _state(session: Session, row: ProcessInstance, known: set[str]) -> Iterator[Breach]:
    try:
        instance = Instance.load(definitions.compiled(session, row.definition_id), row.body, row.base)
        waits = {wait.id for wait in instance.waits()}
    except EngineError:
        yield Breach("state_unreadable", f"instance {row.id}")
        return
    for wait in sorted(waits - known):
        yield Breach("wait_without_row", f"instance {row.id} {wait}")


def _known_waits(session: Session, ids: list[int]) -> dict[int, set[str]]:
    """Instance -> waits that have a row. Dead and suspended jobs count: an incident or a person holds them."""
    held = (JobState.READY, JobState.RUNNING, JobState.DEAD, JobState.SUSPENDED)
    queries = (
        select(Task.instance_id, Task.wait_id).where(Task.instance_id.in_(ids), Task.state == TaskState.OPEN),
        select(Job.instance_id, Job.wait_id).where(Job.instance_id.in_(ids), Job.state.in_(held)),
        select(Subscription.instance_id, Subscription.wait_id).where(Subscription.instance_id.in_(ids)),
    )
    known: dict[int, set[str]] = {}
    for query in queries:
        for instance_id, wait_id in session.execute(query):
            known.setdefault(instance_id, set()).add(wait_id)
    return known
