"""Reads of analysts: families, their versions, files, drafts, and how many cases run on each version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from engine import permissions
from engine.actors import Actor
from engine.casework import definitions
from engine.errors import NotFound
from engine.permissions import Area
from engine.store import definitions as store
from engine.store import timer_starts
from engine.store.definitions import Definition, DefinitionDraft, DraftState
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.workers import Worker


@dataclass(frozen=True, slots=True)
class Version:
    """One published version of a family."""

    id: int
    family: str
    number: int
    state: str
    comment: str
    author: str | None
    approver: str | None
    published_at: datetime
    running: int


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft that is edited or waits for a second person."""

    id: int
    family: str
    author_id: int
    author: str
    state: str
    comment: str
    files: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Beginning:
    """A timer that starts a process by itself. `due_at` None: it has no time to come; `missed`: times that passed
    unheard before it last began; `failed`: it gave up."""

    name: str
    name_en: str
    due_at: datetime | None
    missed: int
    failed: bool


def families(session: Session, actor: Actor) -> Sequence[Version]:
    """The newest version of every family, with how many cases run on any of its versions."""
    permissions.check_may_enter(actor, Area.PROCESSES)
    newest = (
        select(Definition.id)
        .where(Definition.state == store.DefinitionState.PUBLISHED)
        .ext(distinct_on(Definition.family))
        .order_by(Definition.family, Definition.number.desc())
    )
    rows = _versions(session, Definition.id.in_(newest))
    running = _running_by_family(session)
    ordered = sorted(rows, key=lambda row: row.family)
    return [replace(row, running=running.get(row.family, 0)) for row in ordered]


def family_names(session: Session) -> dict[str, tuple[str, str]]:
    """Family -> name and English name of the process it is named after, as the newest version has them."""
    return {
        row.family: definitions.compiled(session, row.id).name(row.family)
        for row in definitions.latest_versions(session)
        if row.family in definitions.own_processes(session, row)
    }


def versions(session: Session, actor: Actor, family: str) -> Sequence[Version]:
    """Every version of a family, newest first. Raises NotFound."""
    permissions.check_may_enter(actor, Area.PROCESSES)
    rows = _versions(session, Definition.family == family)
    if not rows:
        raise NotFound(f"No family {family}.")
    return rows


def beginnings(session: Session, actor: Actor, family: str) -> list[Beginning]:
    """When processes of a family start by themselves, the next one first."""
    permissions.check_may_enter(actor, Area.PROCESSES)
    found = []
    for (process_id, element_id), row in timer_starts.of_family(session, family).items():
        elements = definitions.compiled(session, row.definition_id).elements(process_id)
        element = next(one for one in elements if one.id == element_id)
        failed = row.attempts >= timer_starts.MOST_ATTEMPTS
        found.append(Beginning(element.name, element.name_en, row.due_at, row.missed, failed))
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at))


def _versions(session: Session, condition: object) -> list[Version]:
    author, approver = aliased(Worker), aliased(Worker)
    query = (
        select(Definition, author.name, approver.name)
        .outerjoin(author, author.id == Definition.created_by)
        .outerjoin(approver, approver.id == Definition.approved_by)
        .where(condition)  # type: ignore[arg-type]
        .order_by(Definition.family, Definition.number.desc())
    )
    found = session.execute(query).all()
    running = _running(session, [row.id for row, _, _ in found])
    return [
        Version(
            id=row.id,
            family=row.family,
            number=row.number,
            state=row.state.value,
            comment=row.comment,
            author=wrote,
            approver=approved,
            published_at=row.published_at,
            running=running.get(row.id, 0),
        )
        for row, wrote, approved in found
    ]


def _running(session: Session, ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(ProcessInstance.definition_id, func.count())
        .where(
            ProcessInstance.definition_id.in_(ids),
            ProcessInstance.state.in_((InstanceState.ACTIVE, InstanceState.SUSPENDED)),
        )
        .group_by(ProcessInstance.definition_id)
    )
    return dict(session.execute(query).all())


def _running_by_family(session: Session) -> dict[str, int]:
    query = (
        select(Definition.family, func.count())
        .join(ProcessInstance, ProcessInstance.definition_id == Definition.id)
        .where(ProcessInstance.state.in_((InstanceState.ACTIVE, InstanceState.SUSPENDED)))
        .group_by(Definition.family)
    )
    return dict(session.execute(query).all())


def drafts(session: Session, actor: Actor, family: str | None = None) -> Sequence[DraftRow]:
    """Drafts that are edited or in review, the newest first."""
    permissions.check_may_enter(actor, Area.PROCESSES)
    query = (
        select(DefinitionDraft, Worker.name)
        .join(Worker, Worker.id == DefinitionDraft.author_id)
        .where(DefinitionDraft.state.in_((DraftState.EDITING, DraftState.IN_REVIEW)))
        .order_by(DefinitionDraft.updated_at.desc())
    )
    if family is not None:
        query = query.where(DefinitionDraft.family == family)
    return [
        DraftRow(
            id=row.id,
            family=row.family,
            author_id=row.author_id,
            author=name,
            state=row.state.value,
            comment=row.comment,
            files=len(row.changes),
            updated_at=row.updated_at,
        )
        for row, name in session.execute(query)
    ]


def version(session: Session, actor: Actor, definition_id: int) -> Definition:
    """One version. Raises NotFound."""
    permissions.check_may_enter(actor, Area.PROCESSES)
    row = session.get(Definition, definition_id)
    if row is None:
        raise NotFound(f"No definition {definition_id}.")
    return row


def own_files(row: Definition) -> list[str]:
    """The names of the family's own files, diagrams first, then tables, then forms."""
    order = {"bpmn": 0, "dmn": 1, "form": 2}
    own = [name for name in row.manifest if name.startswith(f"{row.family}/")]
    return sorted(own, key=lambda name: (order.get(name.rpartition(".")[2], 9), name))


def file_body(session: Session, row: Definition, name: str) -> bytes:
    """A file of a version. Raises NotFound."""
    if name not in row.manifest:
        raise NotFound(f"No file {name}.")
    return store.files_of(session, {name: row.manifest[name]})[name]
