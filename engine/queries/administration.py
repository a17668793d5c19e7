"""Reads of admins (workers, regions, settings, calendar) and of the data protection officer (access log)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.errors import NotFound
from engine.permissions import Area
from engine.store.archived import ArchivedCase
from engine.store.audit import AccessLog
from engine.store.cases import Case
from engine.store.office import CalendarDay, OfficeSetting
from engine.store.regions import Region
from engine.store.workers import Worker, WorkerRegion, WorkerRole

PAGE = 50


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker as an admin sees them."""

    id: int
    username: str
    name: str
    unit: str | None
    roles: tuple[str, ...]
    regions: tuple[str, ...]
    is_active: bool
    restricted_duty: bool


def workers(
    session: Session, actor: Actor, *, text: str = "", role: str = "", after: str | None = None
) -> Sequence[WorkerRow]:
    """Workers by user name, a page at a time (`after`: the last user name shown)."""
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    query = select(Worker).order_by(Worker.username).limit(PAGE)
    if text.strip():
        like = f"%{text.strip()}%"
        query = query.where(or_(Worker.username.ilike(like), Worker.name.ilike(like)))
    if role:
        query = query.where(Worker.id.in_(select(WorkerRole.worker_id).where(WorkerRole.role == role)))
    if after:
        query = query.where(Worker.username > after)
    return [_row(worker) for worker in session.scalars(query)]


def worker(session: Session, actor: Actor, worker_id: int) -> WorkerRow:
    """One worker. Raises NotFound."""
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    found = session.get(Worker, worker_id)
    if found is None:
        raise NotFound(f"No worker {worker_id}.")
    return _row(found)


def _row(found: Worker) -> WorkerRow:
    return WorkerRow(
        id=found.id,
        username=found.username,
        name=found.name,
        unit=found.unit,
        roles=tuple(sorted(row.role for row in found.roles)),
        regions=tuple(sorted(row.region_code for row in found.regions)),
        is_active=found.is_active,
        restricted_duty=found.restricted_duty,
    )


def regions(session: Session, most_level: int = 4) -> Sequence[tuple[str, str]]:
    """Code and name of every region down to a level, in the order of the codes."""
    query = select(Region.code, Region.name).where(Region.level <= most_level).order_by(Region.code)
    return session.execute(query).all()


def region_names(session: Session, codes: Collection[str]) -> list[str]:
    """The names of these regions, in the order of their codes."""
    query = select(Region.name).where(Region.code.in_(codes)).order_by(Region.code)
    return list(session.scalars(query))


def without_worker(session: Session, role: str, level: int) -> Sequence[str]:
    """Regions of a level where nobody with the role works: names, for the admin to mend."""
    manned = (
        select(WorkerRegion.region_code)
        .join(WorkerRole, WorkerRole.worker_id == WorkerRegion.worker_id)
        .join(Worker, Worker.id == WorkerRegion.worker_id)
        .where(WorkerRole.role == role, Worker.is_active)
    )
    query = select(Region.name).where(Region.level == level, Region.code.not_in(manned)).order_by(Region.code)
    return session.scalars(query).all()


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A rule value with its history, the newest first."""

    name: str
    unit: str
    source: str
    values: tuple[tuple[date, Any], ...]


def settings(session: Session, actor: Actor) -> Sequence[SettingRow]:
    """Every setting with all its values."""
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    rows = session.scalars(select(OfficeSetting).order_by(OfficeSetting.name, OfficeSetting.effective_from.desc()))
    grouped: dict[str, list[OfficeSetting]] = {}
    for row in rows:
        grouped.setdefault(row.name, []).append(row)
    return [
        SettingRow(name, found[0].unit, found[0].source, tuple((row.effective_from, row.value) for row in found))
        for name, found in grouped.items()
    ]


def calendar_days(session: Session, actor: Actor) -> Sequence[CalendarDay]:
    """The office's own holidays and working days, by date."""
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    return session.scalars(select(CalendarDay).order_by(CalendarDay.on)).all()


@dataclass(frozen=True, slots=True)
class AccessRow:
    """Who saw or did what."""

    id: int
    at: datetime
    who: str
    action: str
    case_no: str | None
    subject_kind: str
    subject_id: int | None
    reason: str


def access_log(
    session: Session, actor: Actor, *, case_no: str = "", username: str = "", before: int | None = None
) -> Sequence[AccessRow]:
    """The access log, newest first, a page at a time (`before`: the last id shown)."""
    permissions.check_may_enter(actor, Area.ACCESS_LOG)
    query = (
        select(AccessLog, Worker.name, func.coalesce(Case.case_no, ArchivedCase.case_no))
        .outerjoin(Worker, Worker.id == AccessLog.actor_id)
        .outerjoin(Case, Case.id == AccessLog.case_id)
        .outerjoin(ArchivedCase, ArchivedCase.case_id == AccessLog.case_id)
        .order_by(AccessLog.id.desc())
        .limit(PAGE)
    )
    if case_no.strip():
        number = case_no.strip()
        here = select(Case.id).where(Case.case_no == number)
        gone = select(ArchivedCase.case_id).where(ArchivedCase.case_no == number)
        query = query.where(AccessLog.case_id == func.coalesce(here.scalar_subquery(), gone.scalar_subquery()))
    if username.strip():
        query = query.where(Worker.username == username.strip().lower())
    if before is not None:
        query = query.where(AccessLog.id < before)
    return [
        AccessRow(row.id, row.at, name or "Pilar", row.action, number, row.subject_kind, row.subject_id, row.reason)
        for row, name, number in session.execute(query)
    ]
