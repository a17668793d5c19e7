"""The list of cases: what the actor may read, filtered, newest first, paged by keys; counts that fit the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from engine import clock, permissions
from engine.actors import Actor
from engine.queries.case_order import CLOSED, OPEN, Filters, cursor, order, picked
from engine.queries.pending import Pending, pending_of
from engine.store import counts, regions
from engine.store.cases import Case
from engine.store.people import Person
from engine.store.regions import Level, Region
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker

__all__ = ["CLOSED", "OPEN", "Cases", "Filters", "Item", "Step", "page"]

SIZE = 25


@dataclass(frozen=True, slots=True)
class Step:
    """The open task that is due first: what the case waits for."""

    task_id: int
    name: str
    name_en: str
    due_at: datetime | None
    assignee: str


@dataclass(frozen=True, slots=True)
class Item:
    """One case in the list. The client is given by what initials need; names stay on the case page.

    `pending`: what an open case without a step for anybody waits for.
    """

    id: int
    case_no: str
    village: str
    status: str
    priority: str
    restricted: bool
    opened_at: datetime
    closed_at: datetime | None
    client_name: str
    client_sex: str
    client_birth_date: date | None
    step: Step | None
    pending: Sequence[Pending] = ()


@dataclass(frozen=True, slots=True)
class Cases:
    """One page of the list. `statuses`: (code, count) over the tab, for the filter."""

    items: Sequence[Item]
    open: int
    closed: int
    statuses: Sequence[tuple[str, int]]
    regions: Sequence[tuple[str, str]]
    next: str = ""
    previous: str = ""


def page(session: Session, actor: Actor, filters: Filters, *, size: int = SIZE) -> Cases:
    """One page of cases that the actor may read; four statements, and two more if cases wait without a task."""
    rows, has_more = _rows(session, actor, filters, size)
    steps = _steps(session, [row[0].id for row in rows])
    numbers = _counts(session, actor)
    waits = pending_of(session, [row[0].id for row in rows if row[0].id not in steps and row[0].closed_at is None])
    items = [_item(row, steps.get(row[0].id), waits.get(row[0].id, ())) for row in rows]
    first, last = (_place(items[0]), _place(items[-1])) if items else ("", "")
    going_back = bool(filters.before)
    wants_closed = filters.state == CLOSED
    return Cases(
        items,
        sum(number for _, is_closed, number in numbers if not is_closed),
        sum(number for _, is_closed, number in numbers if is_closed),
        [(status, number) for status, is_closed, number in numbers if is_closed == wants_closed],
        _kecamatan(session, actor),
        next=last if has_more or going_back else "",
        previous=first if filters.after or (going_back and has_more) else "",
    )


_COUNTS = text(
    """
    SELECT status, is_closed, sum(number)::bigint FROM (
      SELECT status, is_closed, restricted, number FROM case_count WHERE scope = ANY(:scopes)
      UNION ALL
      SELECT status, is_closed, restricted, number FROM case_change
      WHERE EXISTS (SELECT FROM region_scopes(village_code) AS scope WHERE scope = ANY(:scopes))) AS counted
    WHERE :duty OR NOT restricted
    GROUP BY 1, 2 HAVING sum(number) > 0
    UNION ALL
    SELECT status, closed_at IS NOT NULL, count(*) FROM "case"
    WHERE id IN (SELECT case_id FROM case_access WHERE worker_id = :worker AND (until IS NULL OR until > :now))
      AND NOT (EXISTS (SELECT FROM region_scopes(village_code) AS scope WHERE scope = ANY(:scopes))
               AND (:duty OR NOT restricted))
    GROUP BY 1, 2
    """
)


def _counts(session: Session, actor: Actor) -> list[tuple[str, bool, int]]:
    """(status, closed, number) of what the actor may read, most first: kept counts for whoever reads regions."""
    if actor.has(*permissions.READS_REGION):
        rows = session.execute(_COUNTS, _values(actor))
    else:
        is_closed = Case.closed_at.is_not(None)
        query = select(Case.status, is_closed, func.count()).where(permissions.sees_case(actor))
        rows = session.execute(query.group_by(Case.status, is_closed))
    found: dict[tuple[str, bool], int] = {}
    for status, closed, number in rows:
        found[status, bool(closed)] = found.get((status, bool(closed)), 0) + number
    return sorted(((*key, number) for key, number in found.items()), key=lambda row: (-row[2], row[0]))


def _values(actor: Actor) -> dict[str, Any]:
    return {
        "scopes": counts.scopes_of(actor.regions),
        "duty": actor.restricted_duty,
        "worker": actor.id,
        "now": clock.now(),
    }


def _rows(session: Session, actor: Actor, filters: Filters, size: int) -> tuple[list[Any], bool]:
    """One page. What the list is ordered by is picked first; what is shown beside it is joined to those few."""
    few = picked(session, actor, filters, size + 1).cte("picked")
    village = aliased(Region)
    query = (
        select(Case, village.name, Person.name, Person.sex, Person.birth_date)
        .join(few, few.c.id == Case.id)
        .join(Person, Person.id == Case.client_id)
        .join(village, village.code == Case.village_code)
        .order_by(*order(filters))
        .limit(size + 1)
    )
    rows = list(session.execute(query))
    has_more = len(rows) > size
    rows = rows[:size]
    return (rows[::-1] if filters.before else rows), has_more


def _place(item: Item) -> str:
    return cursor(item.opened_at, item.id)


def _steps(session: Session, case_ids: list[int]) -> dict[int, Step]:
    """The open task of each case that is due first."""
    if not case_ids:
        return {}
    query = (
        select(Task.case_id, Task.id, Task.name, Task.name_en, Task.due_at, Worker.name)
        .outerjoin(Worker, Worker.id == Task.assignee_id)
        .where(Task.case_id.in_(case_ids), Task.state == TaskState.OPEN)
        .ext(distinct_on(Task.case_id))
        .order_by(Task.case_id, func.coalesce(Task.due_at, literal_column("'infinity'::timestamptz")), Task.id)
    )
    return {
        case_id: Step(task_id, name, name_en, due_at, assignee or "")
        for case_id, task_id, name, name_en, due_at, assignee in session.execute(query)
        if case_id is not None
    }


def _item(row: Any, step: Step | None, pending: Sequence[Pending]) -> Item:
    case, village, name, sex, birth_date = row
    return Item(
        case.id,
        case.case_no,
        village,
        case.status,
        case.priority,
        case.restricted,
        case.opened_at,
        case.closed_at,
        name or "",
        sex or "",
        birth_date,
        step,
        pending,
    )


def _kecamatan(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """The kecamatan (or, inside one, the villages) that the actor works in, for the filter; none if only one."""
    query = (
        select(Region.code, Region.name, Region.level)
        .where(Region.level >= Level.KECAMATAN, Region.code.in_(regions.below(actor.regions)))
        .order_by(Region.code)
    )
    rows = session.execute(query).all()
    kecamatan = [(code, name) for code, name, level in rows if level == Level.KECAMATAN]
    villages = [(code, name) for code, name, level in rows if level == Level.VILLAGE]
    shown = kecamatan if len(kecamatan) > 1 else villages
    return shown if len(shown) > 1 else []
