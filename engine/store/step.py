"""The one write of a step: a single statement that moves an instance and everything that mirrors it.

An update of the instance guarded by the revision that was read, then tasks, jobs, subscriptions, incidents, history,
outbox, answers and the idempotency record. No row back: somebody else moved the instance first; nothing was written.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.store.straight import Straight


@dataclass(slots=True)
class StepRows:
    """What one step writes. Row dicts have the column names of their table; `closed` maps wait id -> new state.

    `base` is written only if `rebases`: else the instance keeps the one it has.
    `alone`: nothing else is to be committed with it, so the one statement need not wait for a COMMIT.
    """

    instance_id: int
    read_rev: int
    body: bytes | None
    state: str
    at: datetime
    base: bytes | None = None
    rebases: bool = False
    outcome: str | None = None
    actor_id: int | None = None
    tasks: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    answer_body: bytes | None = None
    task_id: int | None = None
    task_rev: int | None = None
    case_id: int | None = None
    case: dict[str, Any] = field(default_factory=dict)
    command: dict[str, Any] | None = None
    alone: bool = False


_GUARD = """
WITH moved AS (
  UPDATE process_instance SET body = (:body)::bytea, state = (:state)::text, outcome = (:outcome)::text, rev = rev + 1,
         {base}ended_at = CASE WHEN (:state)::text IN ('completed', 'cancelled') THEN (:at)::timestamptz END
  WHERE id = :instance_id AND rev = :read_rev
    AND ((:task_id)::bigint IS NULL
         OR EXISTS (SELECT 1 FROM task WHERE id = (:task_id)::bigint AND rev = (:task_rev)::bigint AND state = 'open'))
  RETURNING id)
"""

_CLOSE = {
    "tasks": """closed_tasks AS (
  UPDATE task SET state = CASE WHEN wait_id = ANY((:completed)::text[]) THEN 'completed' ELSE 'cancelled' END,
    rev = task.rev + 1,
         closed_at = (:at)::timestamptz, closed_by = CASE WHEN wait_id = ANY((:completed)::text[])
           THEN (:actor_id)::bigint END
  FROM moved WHERE instance_id = moved.id AND wait_id = ANY((:closed)::text[]) AND task.state = 'open' RETURNING 1)""",
    "jobs": """closed_jobs AS (
  UPDATE job SET state = CASE WHEN wait_id = ANY((:completed)::text[]) THEN 'done' ELSE 'cancelled' END,
    finished_at = (:at)::timestamptz,
         lease_until = NULL, lease_token = NULL
  FROM moved WHERE instance_id = moved.id AND wait_id = ANY((:closed)::text[])
    AND job.state IN ('ready', 'running', 'dead', 'suspended') RETURNING 1)""",
    "subscriptions": """closed_subscriptions AS (
  DELETE FROM subscription USING moved WHERE instance_id = moved.id
    AND wait_id = ANY((:closed)::text[]) RETURNING 1)""",
    "incidents": """closed_incidents AS (
  UPDATE incident SET state = 'resolved', resolved_at = (:at)::timestamptz, resolution = 'moved_on'
  FROM moved WHERE instance_id = moved.id AND wait_id = ANY((:closed)::text[])
    AND incident.state = 'open' RETURNING 1)""",
}

_INSERT = {
    "tasks": """new_tasks AS (
  INSERT INTO task (instance_id, wait_id, case_id, process_id, element_id, name, name_en, form_id, candidate_groups,
                    region_code, restricted, urgency, priority, due_at, follow_up_at, assignee_id, claimed_at, state,
                    rev, properties, local, created_at)
  SELECT moved.id, r.wait_id, r.case_id, r.process_id, r.element_id, r.name, r.name_en, r.form_id, r.candidate_groups,
         r.region_code, r.restricted, r.urgency, r.priority, r.due_at, r.follow_up_at, r.assignee_id, r.claimed_at,
         'open', 1, r.properties, r.local, (:at)::timestamptz
  FROM moved, jsonb_to_recordset((:tasks)::jsonb) AS r(wait_id text, case_id bigint, process_id text,
       element_id text, name text, name_en text, form_id text, candidate_groups text[], region_code text,
       restricted boolean, urgency bigint, priority bigint, due_at timestamptz, follow_up_at timestamptz,
       assignee_id bigint, claimed_at timestamptz, properties jsonb, local jsonb) RETURNING id, wait_id)""",
    "jobs": """new_jobs AS (
  INSERT INTO job (kind, instance_id, wait_id, element_id, operation, inputs, state, urgency, attempts, max_attempts,
                   due_at, created_at)
  SELECT r.kind, moved.id, r.wait_id, r.element_id, r.operation, r.inputs, 'ready', r.urgency, 0, r.max_attempts,
         r.due_at, (:at)::timestamptz
  FROM moved, jsonb_to_recordset((:jobs)::jsonb) AS r(kind text, wait_id text, element_id text, operation text,
       inputs jsonb, urgency bigint, max_attempts bigint, due_at timestamptz)
  ON CONFLICT (instance_id, wait_id, kind) DO UPDATE SET state = 'ready', attempts = 0, due_at = EXCLUDED.due_at,
     inputs = EXCLUDED.inputs, lease_until = NULL, lease_token = NULL, finished_at = NULL
  RETURNING id, due_at)""",
    "subscriptions": """new_subscriptions AS (
  INSERT INTO subscription (instance_id, wait_id, element_id, process_id, name, correlation_key, created_at)
  SELECT moved.id, r.wait_id, r.element_id, r.process_id, r.name, r.correlation_key, (:at)::timestamptz
  FROM moved, jsonb_to_recordset((:subscriptions)::jsonb) AS r(wait_id text, element_id text, process_id text,
       name text, correlation_key text)
  ON CONFLICT (instance_id, wait_id) DO UPDATE SET correlation_key = EXCLUDED.correlation_key RETURNING 1)""",
    "incidents": """new_incidents AS (
  INSERT INTO incident (instance_id, case_id, job_id, wait_id, element_id, code, message, state, created_at)
  SELECT moved.id, r.case_id, r.job_id, r.wait_id, r.element_id, r.code, r.message, 'open', (:at)::timestamptz
  FROM moved, jsonb_to_recordset((:incidents)::jsonb) AS r(case_id bigint, job_id bigint, wait_id text,
       element_id text, code text, message text) RETURNING 1)""",
    "outbox": """new_outbox AS (
  INSERT INTO outbox (instance_id, case_id, element_id, name, correlation_key, variables, effect_key, state,
    created_at)
  SELECT moved.id, r.case_id, r.element_id, r.name, r.correlation_key, r.variables, r.effect_key, 'pending',
    (:at)::timestamptz
  FROM moved, jsonb_to_recordset((:outbox)::jsonb) AS r(case_id bigint, element_id text, name text,
       correlation_key text, variables jsonb, effect_key text) RETURNING 1)""",
    "history": """new_history AS (
  INSERT INTO history (at, kind, case_id, instance_id, task_id, actor_id, definition_id, process_id,
    element_id, detail)
  SELECT (:at)::timestamptz, r.kind, r.case_id, moved.id, r.task_id, r.actor_id, r.definition_id, r.process_id,
    r.element_id, r.detail
  FROM moved, jsonb_to_recordset((:history)::jsonb) AS r(kind text, case_id bigint, task_id bigint,
       actor_id bigint, definition_id bigint, process_id text, element_id text, detail jsonb) RETURNING 1)""",
}

_ANSWER = """new_answer AS (
  INSERT INTO answer (case_id, instance_id, task_id, definition_id, form_id, element_id, body, sent_by, sent_at)
  SELECT (:case_id)::bigint, moved.id, (:task_id)::bigint, (:definition_id)::bigint, (:form_id)::text,
         (:answer_element)::text, (:answer_body)::bytea, (:actor_id)::bigint, (:at)::timestamptz
  FROM moved RETURNING 1),
 dropped_draft AS (DELETE FROM task_draft USING moved WHERE task_id = (:task_id)::bigint RETURNING 1)"""

_COMMAND = """new_command AS (
  INSERT INTO command (actor_id, idempotency_key, name, body_sha256, answer, created_at)
  SELECT (:actor_id)::bigint, (:command_key)::text, (:command_name)::text, (:command_sha)::text,
         (:command_answer)::jsonb, (:at)::timestamptz FROM moved
  RETURNING 1)"""

_HIDING = """,
 hidden_tasks AS (UPDATE task SET restricted = true FROM moved
                  WHERE case_id = (:case_id)::bigint AND task.state = 'open'
                    AND NOT (wait_id = ANY((:hide_except)::text[])) RETURNING 1),
 hidden_people AS (UPDATE person SET restricted = true FROM moved_case WHERE person.id = moved_case.client_id
                      OR person.id IN (SELECT person_id FROM household_member AS member
                                       WHERE member.household_id = moved_case.household_id AND NOT EXISTS (
                                         SELECT 1 FROM "case" AS other WHERE other.id <> (:case_id)::bigint
                                           AND other.household_id = member.household_id AND NOT other.restricted))
                   RETURNING 1)"""

_CASE_COLUMNS = {
    "status": "text",
    "priority": "text",
    "restricted": "boolean",
    "pmks_codes": "text[]",
    "closed_at": "timestamptz",
}


def write(session: Session, rows: StepRows) -> list[dict[str, Any]] | None:
    """Write the step. The new jobs (id), or None if the instance or the task had moved on: nothing was written."""
    values = _base_values(rows)
    closed = [*rows.completed, *rows.cancelled]
    if closed:
        values |= {"completed": rows.completed, "closed": closed}
    new = tuple(name for name in _INSERT if getattr(rows, name))
    for name in new:
        values[name] = orjson.dumps(getattr(rows, name), option=orjson.OPT_NON_STR_KEYS).decode()
    if rows.answer is not None:
        values |= rows.answer | {"answer_body": rows.answer_body, "case_id": rows.case_id}
    changed = tuple(sorted(rows.case)) if rows.case_id is not None else ()
    if changed:
        values |= {f"case_{name}": rows.case[name] for name in changed} | {"case_id": rows.case_id}
    hides = "restricted" in changed and bool(rows.case["restricted"])
    if hides:
        values["hide_except"] = closed
    if rows.command is not None:
        values |= rows.command
    if rows.rebases:
        values["base"] = rows.base
    shape = Shape(rows.rebases, bool(closed), new, rows.answer is not None, changed, hides, rows.command is not None)
    found = statement(shape).first(session, values, alone=rows.alone)
    return None if found is None else list(found[1] or [])


class Shape(NamedTuple):
    """Which parts a step's statement has: few combinations occur, so each is put together once."""

    rebases: bool
    closes: bool
    inserts: tuple[str, ...]
    answers: bool
    case_columns: tuple[str, ...]
    hides: bool
    has_command: bool


@lru_cache(maxsize=512)
def statement(shape: Shape) -> Straight:
    """The one statement of a step of this shape."""
    parts = [_GUARD.strip().format(base="base = (:base)::bytea, " if shape.rebases else "")]
    if shape.closes:
        parts += _CLOSE.values()
    parts += [_INSERT[name] for name in shape.inserts]
    if shape.answers:
        parts.append(_ANSWER)
    if shape.case_columns:
        parts.append(_case_part(shape))
    if shape.has_command:
        parts.append(_COMMAND)
    jobs = "(SELECT json_agg(json_build_object('id', id)) FROM new_jobs)" if "jobs" in shape.inserts else "NULL"
    sql = ",\n".join(parts) + f"\nSELECT moved.id, {jobs} AS jobs FROM moved"
    return Straight(text(" ".join(sql.split())))


def _base_values(rows: StepRows) -> dict[str, Any]:
    return {
        "body": rows.body,
        "state": rows.state,
        "outcome": rows.outcome,
        "at": rows.at,
        "instance_id": rows.instance_id,
        "read_rev": rows.read_rev,
        "task_id": rows.task_id,
        "task_rev": rows.task_rev,
        "actor_id": rows.actor_id,
    }


def _case_part(shape: Shape) -> str:
    """Set the case's mirrored columns; when it became restricted, hide its open tasks and the people it alone knows."""
    sets = ", ".join(f"{name} = CAST(:case_{name} AS {_CASE_COLUMNS[name]})" for name in shape.case_columns)
    target = 'UPDATE "case" SET'  # the names set are ours: see _CASE_COLUMNS
    where = 'FROM moved WHERE "case".id = (:case_id)::bigint RETURNING client_id, household_id'
    part = f"moved_case AS ({target} {sets} {where})"
    return part + _HIDING if shape.hides else part
