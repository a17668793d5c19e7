"""Rows that tests of the store start from: a region, a worker, a definition, an instance."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from engine.store import regions
from engine.store.definitions import Definition
from engine.store.instances import ProcessInstance
from engine.store.step import StepRows
from engine.store.workers import Worker

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def region(session: Session) -> str:
    """The village where the tests play."""
    regions.add(session, [("99", "Contoh"), ("99.01", "Contoh"), ("99.01.01", "Utara"), ("99.01.01.2001", "Asri")])
    session.flush()
    return "99.01.01.2001"


def worker(session: Session, username: str = "tksk09") -> Worker:
    """A worker who cannot sign in."""
    row = Worker(username=username, name="Petugas Contoh", password_hash="-", created_at=AT)
    session.add(row)
    session.flush()
    return row


def instance(session: Session) -> ProcessInstance:
    """An instance of an empty definition."""
    place = region(session)
    definition = Definition(family="x", number=1, sha256="0", manifest={}, published_at=AT)
    session.add(definition)
    session.flush()
    row = ProcessInstance(
        definition_id=definition.id, process_id="x", business_key="x-1", region_code=place, started_at=AT, body=b"0"
    )
    session.add(row)
    session.flush()
    return row


def step(row: ProcessInstance, **changes: object) -> StepRows:
    """A step of the instance as it was read."""
    found = StepRows(instance_id=row.id, read_rev=row.rev, body=b"1", state="active", at=AT)
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def task_row(wait_id: str, row: ProcessInstance) -> dict[str, object]:
    """A new user task."""
    return {
        "wait_id": wait_id,
        "process_id": "x",
        "element_id": "AssessNeeds",
        "name": "Asesmen",
        "name_en": "Assessment",
        "form_id": None,
        "candidate_groups": ["tksk"],
        "region_code": row.region_code,
        "restricted": False,
        "urgency": 2,
        "priority": 50,
        "due_at": AT,
        "properties": {"fourEyes": "true"},
        "local": {},
    }


def job_row(wait_id: str, kind: str = "timer") -> dict[str, object]:
    """A new job."""
    return {
        "kind": kind,
        "wait_id": wait_id,
        "element_id": "Remind",
        "operation": "",
        "inputs": {"a": 1},
        "urgency": 3,
        "max_attempts": 5,
        "due_at": AT,
    }
