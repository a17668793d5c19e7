"""What the pages are about: the ids of a case, a task, a decision and so on among the demo's cases."""

from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.casework import batches, cases, studio, tasks, work
from engine.casework.selection import Selection
from engine.store.archived import ArchivedCase, ArchiveFile
from engine.store.base import Base
from engine.store.cases import Case
from engine.store.definitions import Definition
from engine.store.incidents import Incident, IncidentState
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job, JobKind, JobState
from engine.store.messages import Subscription
from engine.store.tasks import Task, TaskState
from engine.store.workers import by_username
from tests.browser.pages import ARCHIVED

Row = TypeVar("Row", bound=Base)
Ids = dict[str, int]


def find(session: Session) -> Ids:
    """The id of each thing that tests/browser/pages.py names; what no case of the demo has is made."""
    sari, task = actor(session, "tksk01"), first(session, open_task("VerifyReport"))
    tasks.claim(session, sari, task.id)
    decision = first(session, open_task("ApprovePlan", "kabid:linjamsos"))
    case = session.get_one(Case, decision.case_id)
    cases.add_note(session, sari, case.id, "Suami dirawat di puskesmas sejak kemarin; tetangga menjaga anak.")
    _let_stand_still(session, case)
    return {
        "case": case.id,
        "person": case.client_id,
        "reported": case.id,
        "archived": _archived(session),
        "decision": decision.id,
        "finished": first(session, select(Task).where(Task.case_id == case.id, Task.state == TaskState.COMPLETED)).id,
        "returned": first(session, open_task("ApprovePlan", "kabid:rehsos")).id,
        "task": task.id,
        "long task": first(session, open_task("PlanIntervention")).id,
        "review": first(session, open_task("ReviewFile")).id,
        "restricted": first(session, select(Case).where(Case.restricted)).id,
        "running": first(session, select(ProcessInstance).where(ProcessInstance.case_id == case.id)).id,
        "timed": first(session, waiting_timer()).instance_id or 0,
        "batch": _stopped_batch(session, case),
        "incident": first(session, select(Incident).where(Incident.state == IncidentState.OPEN)).id,
        "version": first(session, select(Definition).where(Definition.family == "case")).id,
        "draft": studio.open_draft(session, actor(session, "analis01"), "pkh").id,
        "awaited": first(session, select(Subscription).where(Subscription.name == "msg_penetapan")).id,
        # Whose password is made anew: no other test signs in as the head of the sub-district.
        "worker": actor(session, "camat01").id or 0,
    }


def _stopped_batch(session: Session, case: Case) -> int:
    """An operator's order that was stopped before anything was done."""
    operator = actor(session, "operator01")
    number = batches.order(session, operator, "suspend", Selection(number=case.case_no), "Diperiksa dahulu")
    batches.stop(session, operator, number)
    return number


def _archived(session: Session) -> int:
    """A case that was moved to the archive, as the database remembers it."""
    closed = datetime(2020, 3, 2, tzinfo=UTC)
    file = ArchiveFile(name="archive-2020-000001.tar", archived_by=actor(session, "admin01").id or 0, cases=1, bytes=9,
                       sha256="0")  # fmt: skip
    session.add(file)
    session.flush()
    gone = ArchivedCase(
        case_id=1_000_001, case_no=ARCHIVED, village_code="99.01.01.2001", status="closed", restricted=False,
        opened_at=closed, closed_at=closed, file_id=file.id, place=0, length=1, sha256="0", rows=1,
    )  # fmt: skip
    session.add(gone)
    return gone.case_id


def actor(session: Session, username: str) -> Actor:
    """One of the demo's people."""
    worker = by_username(session, username)
    assert worker is not None, username
    return worker.actor()


def open_task(element_id: str, group: str = "") -> Select[tuple[Task]]:
    """Open tasks of an element, offered to a group where one is named."""
    query = select(Task).where(Task.element_id == element_id, Task.state == TaskState.OPEN)
    return query.where(Task.candidate_groups.contains([group])) if group else query


def waiting_timer() -> Select[tuple[Job]]:
    """Timers that are not due yet."""
    return select(Job).where(Job.kind == JobKind.TIMER, Job.state == JobState.READY, Job.due_at > clock.now())


def first(session: Session, query: Select[tuple[Row]]) -> Row:
    """The oldest row of a query that finds some."""
    table = query.column_descriptions[0]["entity"]
    row = session.scalars(query.order_by(table.id).limit(1)).first()
    assert row is not None, f"the demo has no such {table.__name__}"
    return row


def _let_stand_still(session: Session, case: Case) -> None:
    """An incident for the operator's page: a job that used up its attempts."""
    instance = first(session, select(ProcessInstance).where(ProcessInstance.case_id == case.id))
    job = Job(
        kind=JobKind.SERVICE,
        instance_id=instance.id,
        wait_id="stands-still",
        element_id="FindDuplicates",
        operation="find-duplicates",
        inputs={},
        state=JobState.DEAD,
        due_at=clock.now(),
        created_at=clock.now(),
    )
    session.add(job)
    session.flush()
    work.raise_incident(session, job.id, "timeout")
