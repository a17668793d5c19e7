"""Everything behind a case page: the client, the household, referrals, papers, what is open and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, contains_eager

from engine import clock, permissions
from engine.actors import Actor
from engine.casework import definitions, reading
from engine.errors import NotFound
from engine.queries.pending import Pending, pending_of
from engine.queries.phases import Stage, Way, phase_of, phases_done, way_of
from engine.queries.referrals import Referred, referrals_of
from engine.store.answers import Note
from engine.store.cases import Case, CaseAccess
from engine.store.definitions import Definition
from engine.store.documents import Document
from engine.store.instances import ProcessInstance
from engine.store.people import Household, HouseholdMember, Person
from engine.store.referrals import Consent
from engine.store.regions import Region
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker

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
    way: Way = Way.MAIN


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the household whom the actor may know of."""

    person: Person
    relation: str


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
        """The phase that the case is in."""
        return phase_of(self._stages, is_closed=self.case.closed_at is not None)

    @property
    def phases_done(self) -> list[str]:
        """The phases in which something was completed."""
        return phases_done(self._stages, self.phase)

    @property
    def _stages(self) -> list[Stage]:
        in_order = sorted(self.steps, key=lambda step: (step.closed_at or clock.now(), step.id))
        return [Stage(step.phase, step.way, step.state is TaskState.OPEN) for step in in_order]


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
        referrals=referrals_of(session, case_id),
        papers=papers(session, case_id),
        remarks=_remarks(session, case_id),
        pending=pending_of(session, [case_id])[case_id],
        named=_named(session, case_id) if top.case.restricted else (),
        may_unmask=_has_numbers(top.case) and permissions.reads_unmasked(actor),
        categories=reading.of(session, actor).categories(top.case.pmks_codes) if top.case.pmks_codes else (),
    )


def _has_numbers(case: Case) -> bool:
    """Whether there is any number to show: the client's NIK or telephone, or the household's KK."""
    household = case.household
    return bool(case.client.nik or case.client.phone or (household is not None and household.kk_no))


def _steps(session: Session, case_id: int) -> list[Step]:
    query = (
        select(Task, Worker.name, ProcessInstance.process_id, Definition)
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .join(Definition, Definition.id == ProcessInstance.definition_id)
        .outerjoin(Worker, Worker.id == Task.assignee_id)
        .where(Task.case_id == case_id, Task.state != TaskState.CANCELLED)
        .order_by(Task.id)
    )
    rows = session.execute(query).all()  # held: with them the versions' rows, which are then not read again
    compiled = {version.id: definitions.compiled(session, version.id) for *_, version in rows}
    return [
        _step(task, assignee or "", way_of(compiled[version.id], root, task.process_id, task.element_id))
        for task, assignee, root, version in rows
    ]


def _step(task: Task, assignee: str, way: Way) -> Step:
    why = str(task.properties.get("why") or "")
    return Step(
        task.id,
        task.name,
        task.name_en or task.name,
        why,
        str(task.properties.get("why:en") or why),
        str(task.properties.get("phase") or ""),
        task.state,
        task.assignee_id,
        assignee,
        task.candidate_groups,
        task.due_at,
        task.closed_at,
        way,
    )


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
