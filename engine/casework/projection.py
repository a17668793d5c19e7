"""From what an advance did to rows: the projections that mirror an instance."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.bpmn import Advance, JobWait, MessageWait, SignalWait, ThrownMessage, TimerWait, UserTaskWait, Wait, apart
from engine.casework.running import Loaded
from engine.feel import to_json
from engine.store.instances import InstanceState
from engine.store.jobs import JobKind
from engine.store.messages import InboundMessage, MessageState
from engine.store.regions import prefixes
from engine.store.step import StepRows
from engine.store.workers import Worker, WorkerRegion

SIGNAL = "signal:"
"""What the name of a signal's subscription begins with; a message's name has no colon."""


def rows_of(session: Session, actor: Actor, loaded: Loaded, advance: Advance) -> StepRows:
    """Every row that the advance changes or makes, with the instance\'s new state."""
    ended = advance.ended is not None
    body, base = apart(loaded.instance.dump())
    rows = StepRows(
        instance_id=loaded.row.id,
        read_rev=loaded.read_rev,
        body=body,
        base=base,
        rebases=base != loaded.row.base,
        state=_state(advance),
        outcome=advance.error_code or advance.ended,
        at=clock.now(),
        actor_id=actor.id,
        case_id=loaded.row.case_id,
        completed=[wait for wait, how in advance.closed.items() if how == "completed"],
        cancelled=[wait for wait, how in advance.closed.items() if how != "completed"],
    )
    rows.case = case_changes(loaded, ended)
    _project(session, rows, loaded, [*advance.opened, *advance.changed])
    rows.incidents = [
        {
            "case_id": rows.case_id,
            "wait_id": incident.wait_id,
            "element_id": incident.element_id,
            "code": incident.code,
            "message": incident.message,
        }
        for incident in advance.incidents
    ]
    rows.jobs += _kept_messages(session, rows)
    for number, thrown in enumerate(advance.thrown):
        _send(rows, loaded, thrown, number)
    for number, signal in enumerate(advance.signals):
        job = _job(JobKind.DELIVER, f"signal-{loaded.read_rev}-{number}", signal.element_id, clock.now())
        rows.jobs.append(job | {"operation": SIGNAL + signal.name, "inputs": {"signal": to_json(signal.variables)}})
    if advance.unfinished:
        rows.jobs.append(_job(JobKind.PROCEED, f"proceed-{loaded.read_rev}", "", clock.now()))
    return rows


def _state(advance: Advance) -> str:
    if advance.ended is None:
        return InstanceState.ACTIVE.value
    return (InstanceState.CANCELLED if advance.ended == "cancelled" else InstanceState.COMPLETED).value


def case_changes(loaded: Loaded, ended: bool) -> dict[str, Any]:
    """What the case's row mirrors of the process: only values that differ. Restriction is never lifted here."""
    case = loaded.case
    if case is None or loaded.row.process_id != "case":
        return {}
    variables = loaded.instance.variables()
    mirrored = {
        "status": variables.get("case_status"),
        "priority": variables.get("priority"),
        "pmks_codes": [str(code) for code in variables["pmks_codes"]] if variables.get("pmks_codes") else None,
    }
    changes = {name: value for name, value in mirrored.items() if value is not None and value != getattr(case, name)}
    if variables.get("restricted") is True and not case.restricted:
        changes["restricted"] = True
    if ended:
        changes["closed_at"] = clock.now()
    return changes


def _project(session: Session, rows: StepRows, loaded: Loaded, waits: list[Wait]) -> None:
    for wait in waits:
        if isinstance(wait, UserTaskWait):
            rows.tasks.append(_task(session, rows, loaded, wait))
        elif isinstance(wait, JobWait):
            job = _job(JobKind.SERVICE, wait.id, wait.element_id, clock.now())
            job |= {"operation": wait.operation, "inputs": to_json(wait.inputs), "max_attempts": max(1, wait.retries)}
            rows.jobs.append(job)
        elif isinstance(wait, TimerWait):
            rows.jobs.append(_job(JobKind.TIMER, wait.id, wait.element_id, wait.due_at))
        elif isinstance(wait, MessageWait | SignalWait):
            rows.subscriptions.append(subscription_columns(wait))
    urgency = _urgency(loaded, rows)
    for row in (*rows.tasks, *rows.jobs):
        row["urgency"] = urgency


def subscription_columns(wait: MessageWait | SignalWait) -> dict[str, Any]:
    """What a subscription's row says of its wait."""
    is_message = isinstance(wait, MessageWait)
    return {
        "wait_id": wait.id,
        "element_id": wait.element_id,
        "process_id": wait.process_id,
        "name": wait.name if is_message else SIGNAL + wait.name,
        "correlation_key": wait.correlation_key if isinstance(wait, MessageWait) else "",
    }


def _urgency(loaded: Loaded, rows: StepRows) -> int:
    """1 for P1 … 4 for P4; 3 without a priority."""
    variables = loaded.instance.variables()
    text = str(rows.case.get("priority") or variables.get("priority") or (loaded.case and loaded.case.priority) or "P3")
    return min(4, max(1, int(text[1]))) if text[1:2].isdigit() else 3


def _task(session: Session, rows: StepRows, loaded: Loaded, wait: UserTaskWait) -> dict[str, Any]:
    assignee = assignee_of(session, wait.assignee, loaded.row.region_code)
    return task_columns(wait) | {
        "case_id": loaded.row.case_id,
        "region_code": loaded.row.region_code,
        "restricted": bool(rows.case.get("restricted") or (loaded.case is not None and loaded.case.restricted)),
        "assignee_id": assignee,
        "claimed_at": clock.now() if assignee else None,
    }


def task_columns(wait: UserTaskWait) -> dict[str, Any]:
    """What a task's row says of its wait."""
    return {
        "wait_id": wait.id,
        "process_id": wait.process_id,
        "element_id": wait.element_id,
        "name": wait.name,
        "name_en": wait.name_en,
        "form_id": wait.form_id,
        "candidate_groups": list(wait.candidate_groups),
        "priority": wait.priority,
        "due_at": wait.due_at,
        "follow_up_at": wait.follow_up_at,
        "properties": {**wait.properties, "documentation": wait.documentation},
        "local": to_json(wait.local),
    }


def _kept_messages(session: Session, rows: StepRows) -> list[dict[str, Any]]:
    """Jobs that hand over messages which arrived before the instance began to wait for them."""
    keys = [(row["name"], row["correlation_key"]) for row in rows.subscriptions]
    if not keys:
        return []
    kept = session.scalars(
        select(InboundMessage).where(
            tuple_(InboundMessage.name, InboundMessage.correlation_key).in_(keys),
            InboundMessage.state == MessageState.BUFFERED,
            InboundMessage.expires_at > clock.now(),
        )
    )
    return [
        _job(JobKind.DELIVER, f"kept-{row.id}-{rows.read_rev}", "", clock.now())
        | {"operation": row.name, "inputs": {"inbound_id": row.id}}
        for row in kept
    ]


def assignee_of(session: Session, username: str | None, region_code: str) -> int | None:
    """The named worker, if active and at work in the region; else the task is open to its groups."""
    if not username:
        return None
    at_work_there = WorkerRegion.region_code.in_(prefixes(region_code))
    named = select(Worker.id).join(WorkerRegion).where(Worker.username == username, Worker.is_active, at_work_there)
    return session.scalar(named.limit(1))


def _job(kind: JobKind, wait_id: str, element_id: str, due_at: datetime) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "wait_id": wait_id,
        "element_id": element_id,
        "operation": "",
        "inputs": {},
        "max_attempts": 5,
        "due_at": due_at,
        "urgency": 3,
    }


def _send(rows: StepRows, loaded: Loaded, thrown: ThrownMessage, number: int) -> None:
    """What leaves is a row of the outbox and a job that hands it over; its key is the same at every attempt."""
    # The moment: a restored instance may go another way and come to the same place, which must not pass for a repeat.
    about = (loaded.row.id, loaded.read_rev, number, thrown.element_id, rows.at.isoformat())
    key = hashlib.sha256(":".join(map(str, about)).encode()).hexdigest()[:32]
    rows.outbox.append(
        {
            "case_id": rows.case_id,
            "element_id": thrown.element_id,
            "name": thrown.name,
            "correlation_key": thrown.correlation_key,
            "variables": to_json(thrown.variables),
            "effect_key": key,
        }
    )
    job = _job(JobKind.DELIVER, f"outbox-{key}", thrown.element_id, clock.now())
    rows.jobs.append(job | {"operation": thrown.name, "inputs": {"effect_key": key}})


def history_of(
    actor: Actor, loaded: Loaded, advance: Advance, kind: str, element_id: str, detail: Mapping[str, Any]
) -> dict[str, Any]:
    """The history row of the command, with the steps of its advance."""
    steps = [[step.kind, step.element_id, step.process_id, dict(step.detail)] for step in advance.steps]
    return {
        "kind": kind,
        "case_id": loaded.row.case_id,
        "task_id": detail.get("task_id"),
        "actor_id": actor.id,
        "definition_id": loaded.definition_id,
        "process_id": loaded.row.process_id,
        "element_id": element_id,
        "detail": {**detail, "steps": to_json(steps)},
    }
