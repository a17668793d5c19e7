"""Everything behind a case page: the client, the household, referrals, papers, what is open and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased, contains_eager

from engine import clock, permissions
from engine.actors import Actor
from engine.bpmn.definition import ElementInfo
from engine.casework import definitions
from engine.errors import NotFound
from engine.queries import reading
from engine.store.answers import Note
from engine.store.cases import Case, CaseAccess
from engine.store.documents import Document
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobKind, JobState
from engine.store.messages import Subscription
from engine.store.partners import Partner
from engine.store.people import Household, HouseholdMember, Person
from engine.store.referrals import Consent, Referral
from engine.store.regions import Region
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker

_WAITING = ("intermediateCatchEvent", "receiveTask")
MOST_NOTES = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One user task of the case, open or done."""

    id: int
    name: str
    name_en: str
    why: str
    why_en: str
    phase: str
    state: TaskState
    assignee_id: int | None
    assignee: str
    groups: Sequence[str]
    due_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pending:
    """Something outside that the case waits for: an agency's message (`due_at` None) or a moment."""

    kind: str
    name: str
    name_en: str
    since: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the household whom the actor may know of."""

    person: Person
    relation: str


@dataclass(frozen=True, slots=True)
class Referred:
    """A referral with its partner's name."""

    row: Referral
    partner: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the case."""

    id: int
    name: str
    kind: str
    size: int
    added_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A note on the case."""

    body: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """A worker who may read the restricted case by name, and why."""

    worker: str
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on top of every page of a case."""

    case: Case
    village: str
    kecamatan: str
    opened_by: str
    steps: Sequence[Step]

    @property
    def open(self) -> list[Step]:
        """The tasks that are open, most urgent first."""
        found = [step for step in self.steps if step.state is TaskState.OPEN]
        return sorted(found, key=lambda step: (step.due_at is None, step.due_at or clock.now(), step.id))

    @property
    def phase(self) -> str:
        """The phase that the case is in: that of its open tasks, else of the last one done."""
        closed = [step for step in self.steps if step.state is TaskState.COMPLETED and step.phase]
        opened = [step.phase for step in self.open if step.phase]
        return opened[0] if opened else (closed[-1].phase if closed else "")

    @property
    def phases_done(self) -> list[str]:
        """The phases in which something was completed."""
        return list(dict.fromkeys(step.phase for step in self.steps if step.state is TaskState.COMPLETED))


@dataclass(frozen=True)
class CasePage:
    """The overview of a case."""

    head: Head
    members: Sequence[Member]
    consent: Consent | None
    referrals: Sequence[Referred]
    papers: Sequence[Paper]
    remarks: Sequence[Remark]
    pending: Sequence[Pending]
    named: Sequence[Named] = field(default=())
    may_unmask: bool = False
    categories: Sequence[str] = ()


def head(session: Session, actor: Actor, case_id: int) -> Head:
    """Case, client, place and tasks; two statements. Raises NotFound if the actor may not read the case."""
    village, kecamatan, opener = aliased(Region), aliased(Region), aliased(Worker)
    query = (
        select(Case, village.name, kecamatan.name, opener.name)
        .join(Person, Person.id == Case.client_id)
        .outerjoin(Household, Household.id == Case.household_id)
        .join(village, village.code == Case.village_code)
        .join(kecamatan, kecamatan.code == Case.region_code)
        .outerjoin(opener, opener.id == Case.opened_by)
        .options(contains_eager(Case.client), contains_eager(Case.household))
        .where(Case.id == case_id, permissions.sees_case(actor))
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).first()
    if row is None:
        raise NotFound(f"No case {case_id}.")
    case, village_name, kecamatan_name, opened_by = row
    return Head(case, village_name, kecamatan_name, opened_by or "", _steps(session, case_id))


def page(session: Session, actor: Actor, case_id: int) -> CasePage:
    """The overview; at most nine statements beside what definitions cost the first time."""
    top = head(session, actor, case_id)
    return CasePage(
        head=top,
        members=_members(session, actor, top.case),
        consent=session.scalar(select(Consent).where(Consent.case_id == case_id).order_by(Consent.id.desc()).limit(1)),
        referrals=_referrals(session, case_id),
        papers=papers(session, case_id),
        remarks=_remarks(session, case_id),
        pending=_pending(session, case_id),
        named=_named(session, case_id) if top.case.restricted else (),
        may_unmask=permissions.reads_unmasked(actor),
        categories=reading.of(session, actor).categories(top.case.pmks_codes) if top.case.pmks_codes else (),
    )


def _steps(session: Session, case_id: int) -> list[Step]:
    query = (
        select(Task, Worker.name)
        .outerjoin(Worker, Worker.id == Task.assignee_id)
        .where(Task.case_id == case_id, Task.state != TaskState.CANCELLED)
        .order_by(Task.id)
    )
    return [
        Step(
            task.id,
            task.name,
            task.name_en or task.name,
            str(task.properties.get("why") or ""),
            str(task.properties.get("why:en") or task.properties.get("why") or ""),
            str(task.properties.get("phase") or ""),
            task.state,
            task.assignee_id,
            assignee or "",
            task.candidate_groups,
            task.due_at,
            task.closed_at,
        )
        for task, assignee in session.execute(query)
    ]


def _members(session: Session, actor: Actor, case: Case) -> list[Member]:
    """The household without the client; only people the actor may know of."""
    if case.household_id is None:
        return []
    query = (
        select(Person, HouseholdMember.relation)
        .join(HouseholdMember, HouseholdMember.person_id == Person.id)
        .where(
            HouseholdMember.household_id == case.household_id,
            HouseholdMember.to_on.is_(None),
            Person.id != case.client_id,
            permissions.sees_person(actor),
        )
        .order_by(HouseholdMember.id)
    )
    return [Member(person, relation) for person, relation in session.execute(query)]


def _referrals(session: Session, case_id: int) -> list[Referred]:
    query = (
        select(Referral, Partner.name)
        .outerjoin(Partner, Partner.code == Referral.partner_code)
        .where(Referral.case_id == case_id)
        .order_by(Referral.id.desc())
    )
    return [Referred(row, partner or "") for row, partner in session.execute(query)]


def papers(session: Session, case_id: int) -> list[Paper]:
    """The documents of a case, newest first, without their bytes. The caller has checked the case."""
    query = (
        select(Document, Worker.name)
        .join(Worker, Worker.id == Document.added_by)
        .where(Document.case_id == case_id)
        .order_by(Document.id.desc())
    )
    return [Paper(row.id, row.name, row.kind, row.size, row.added_at, by) for row, by in session.execute(query)]


def _remarks(session: Session, case_id: int) -> list[Remark]:
    query = (
        select(Note, Worker.name)
        .join(Worker, Worker.id == Note.author_id)
        .where(Note.case_id == case_id)
        .order_by(Note.id.desc())
        .limit(MOST_NOTES)
    )
    return [Remark(note.body, by, note.created_at) for note, by in session.execute(query)]


def _named(session: Session, case_id: int) -> list[Named]:
    query = (
        select(Worker.name, CaseAccess.reason, CaseAccess.until)
        .join(Worker, Worker.id == CaseAccess.worker_id)
        .where(CaseAccess.case_id == case_id)
        .order_by(CaseAccess.id)
    )
    rows = session.execute(query)
    return [Named(worker, reason, until) for worker, reason, until in rows if until is None or until > clock.now()]


def _pending(session: Session, case_id: int) -> list[Pending]:
    """Messages and moments at which the case itself stands still; what only interrupts other work is left out."""
    running = and_(ProcessInstance.case_id == case_id, ProcessInstance.state == InstanceState.ACTIVE)
    messages = session.execute(
        select(ProcessInstance.definition_id, Subscription.element_id, Subscription.created_at)
        .join(ProcessInstance, ProcessInstance.id == Subscription.instance_id)
        .where(running)
        .order_by(Subscription.id)
    )
    timers = session.execute(
        select(ProcessInstance.definition_id, Job.element_id, Job.due_at)
        .join(ProcessInstance, ProcessInstance.id == Job.instance_id)
        .where(running, Job.kind == JobKind.TIMER, Job.state == JobState.READY)
        .order_by(Job.due_at)
    )
    found = []
    for definition_id, element_id, since in messages:
        if element := _standing(session, definition_id, element_id):
            found.append(Pending("message", element.name, element.name_en or element.name, since, None))
    for definition_id, element_id, due_at in timers:
        if element := _standing(session, definition_id, element_id):
            found.append(Pending("timer", element.name, element.name_en or element.name, None, due_at))
    return found


def _standing(session: Session, definition_id: int, element_id: str) -> ElementInfo | None:
    """The element, if the case itself stands at it. Ids are unique within a process, not within a bundle."""
    compiled = definitions.compiled(session, definition_id)
    return next(
        (
            element
            for process_id in compiled.processes
            for element in compiled.elements(process_id)
            if element.id == element_id and element.type in _WAITING
        ),
        None,
    )
