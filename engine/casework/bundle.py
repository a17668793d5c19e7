"""The bundle of a case: model, state and history of one instance as a zip, to reproduce a fault elsewhere.

Personal data are masked; a reason is asked for and kept.
"""

import html
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.bpmn import together
from engine.bpmn.repair import written_down
from engine.casework import definitions, masking, orders, reading, record
from engine.casework.masking import Masking
from engine.casework.operation import reason_of
from engine.store import audit
from engine.store.definitions import Definition, files_of
from engine.store.history import History
from engine.store.incidents import Incident
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job
from engine.store.messages import Outbox, Subscription
from engine.store.tasks import Task

FORMAT = 1
MOST_HISTORY = 5_000

_TABLES: Mapping[str, tuple[Any, ...]] = {
    "jobs": (Job.id, Job.kind, Job.wait_id, Job.element_id, Job.operation, Job.inputs, Job.state, Job.attempts,
             Job.max_attempts, Job.due_at, Job.last_error, Job.created_at, Job.finished_at),
    "incidents": (Incident.id, Incident.job_id, Incident.wait_id, Incident.element_id, Incident.code, Incident.message,
                  Incident.state, Incident.created_at, Incident.resolved_at, Incident.resolution),
    "tasks": (Task.id, Task.wait_id, Task.process_id, Task.element_id, Task.candidate_groups, Task.state, Task.local,
              Task.due_at, Task.created_at, Task.closed_at),
    "subscriptions": (Subscription.id, Subscription.wait_id, Subscription.process_id, Subscription.element_id,
                      Subscription.name, Subscription.correlation_key, Subscription.created_at),
    "sent": (Outbox.id, Outbox.element_id, Outbox.name, Outbox.correlation_key, Outbox.variables, Outbox.state,
             Outbox.created_at),
    "history": (History.id, History.at, History.kind, History.task_id, History.process_id, History.element_id,
                History.detail),
}  # fmt: skip


def make(session: Session, actor: Actor, instance_id: int, reason: str) -> bytes:
    """A zip with manifest.json, state.json, one file for each kind of row, and the version's files.

    Who took it, and why, is in the history and in the access log. Raises NotFound, InvalidForm.
    """
    row = orders.check_visible(session, actor, instance_id)
    kept = reason_of(reason)
    version = session.get_one(Definition, row.definition_id)
    files = files_of(session, dict(version.manifest))
    mask = _mask(session, actor, row, files)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        rows = {name: _rows(session, columns, instance_id) for name, columns in _TABLES.items()}
        parts = {"manifest": _manifest(row, version, rows), "state": mask.value(_state(session, row))}
        for name, part in {**parts, **{name: mask.value(found) for name, found in rows.items()}}.items():
            archive.writestr(f"{name}.json", orjson.dumps(part, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))
        for name, body in files.items():
            archive.writestr(f"definition/{name}", body)
    audit.append(session, actor.id, "download", "instance", instance_id, case_id=row.case_id, reason=kept)
    case_id, detail = row.case_id, {"reason": kept}
    record.note(session, actor, "instance.copied", case_id=case_id, instance_id=instance_id, detail=detail)
    return target.getvalue()


def _mask(session: Session, actor: Actor, row: ProcessInstance, files: Mapping[str, bytes]) -> Masking:
    reader = reading.of(session, actor)
    secret = reading.secret_facts(session, row.definition_id, reader) | reader.secret_codes
    model = "\n".join(html.unescape(body.decode(errors="replace")) for body in files.values())
    return Masking(masking.known_words(session, row.case_id), model, secret)


def _manifest(row: ProcessInstance, version: Definition, rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """What it is, and by which numbers the lines of the log are found."""
    return {
        "format": FORMAT,
        "made_at": clock.now(),
        "instance": row.id,
        "process": row.process_id,
        "state": row.state,
        "rev": row.rev,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "definition": {"family": version.family, "number": version.number, "sha256": version.sha256},
        "log": {"instance": row.id, "case": row.case_id, "job": [job["id"] for job in rows["jobs"]]},
        "history_is_whole": len(rows["history"]) < MOST_HISTORY,
    }


def _state(session: Session, row: ProcessInstance) -> Any:
    if row.body is None:
        return None
    compiled = definitions.compiled(session, row.definition_id)
    return orjson.loads(orjson.dumps(written_down(compiled, together(row.body, row.base)), default=str))


def _rows(session: Session, columns: tuple[Any, ...], instance_id: int) -> list[dict[str, Any]]:
    """The newest rows of one kind, as plain data, oldest first."""
    table = columns[0].class_
    query = select(*columns).where(table.instance_id == instance_id).order_by(table.id.desc()).limit(MOST_HISTORY)
    found: list[Row[Any]] = list(session.execute(query))
    return [orjson.loads(orjson.dumps(dict(one._mapping))) for one in reversed(found)]  # noqa: SLF001
