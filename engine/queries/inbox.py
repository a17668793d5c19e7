"""The inbox: a worker's own open tasks, the queue of their groups, and what they have done; ranked, filtered, paged."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from engine import clock, permissions
from engine.actors import Actor
from engine.queries.inbox_order import Filters, Sort, Tab, cursor, goes_back, is_ascending, keys, order, read_cursor
from engine.queries.places import village_of_task
from engine.store import folding, regions
from engine.store.cases import Case
from engine.store.instances import ProcessInstance
from engine.store.people import Person
from engine.store.regions import Region
from engine.store.tasks import Task, TaskState

__all__ = ["Filters", "Inbox", "Item", "Sort", "Step", "Tab", "page"]

SIZE = 25
_AHEAD = {"overdue": timedelta(0), "today": timedelta(days=1), "week": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Item:
    """One task in the list. The client is given by what initials need; names stay on the task page."""

    id: int
    name: str
    name_en: str
    process_id: str
    element_id: str
    why: str
    why_en: str
    urgency: int
    restricted: bool
    due_at: datetime | None
    created_at: datetime
    closed_at: datetime | None
    assignee_id: int | None
    case_no: str
    village: str
    client_name: str
    client_sex: str
    client_birth_date: date | None


@dataclass(frozen=True, slots=True)
class Step:
    """A step that has open tasks in the tab, with their number."""

    process_id: str
    element_id: str
    name: str
    name_en: str
    count: int


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of one tab, with what stands around it."""

    items: Sequence[Item]
    mine: int
    queue: int
    overdue: int
    steps: Sequence[Step]
    regions: Sequence[tuple[str, str]]
    next: str = ""
    previous: str = ""


@dataclass(slots=True)
class _Counts:
    mine: int = 0
    queue: int = 0
    overdue: int = 0
    steps: list[Step] = field(default_factory=list)


def page(session: Session, actor: Actor, tab: Tab, filters: Filters, *, size: int = SIZE) -> Inbox:
    """One page of the tab. Every count and row is what the actor may see."""
    counts = _counts(session, actor, tab)
    rows, has_more = _rows(session, actor, tab, filters, size)
    items = [_item(row) for row in rows]
    first, last = (_place(items[0], tab, filters), _place(items[-1], tab, filters)) if items else ("", "")
    going_back = goes_back(tab, filters)
    return Inbox(
        items,
        counts.mine,
        counts.queue,
        counts.overdue,
        counts.steps,
        _regions(session, actor),
        next=last if has_more or going_back else "",
        previous=first if filters.after or (going_back and has_more) else "",
    )


def _counts(session: Session, actor: Actor, tab: Tab) -> _Counts:
    """Numbers for both open tabs and the steps of this one, in one statement."""
    is_mine = Task.assignee_id == actor.id
    late = func.count().filter(Task.due_at < clock.now())
    query = (
        select(
            is_mine, Task.process_id, Task.element_id, func.max(Task.name), func.max(Task.name_en), func.count(), late
        )
        .where(or_(_mine(actor), _queue(actor)))
        .group_by(is_mine, Task.process_id, Task.element_id)
        .order_by(func.max(Task.name))
    )
    counts = _Counts()
    for mine, process_id, element_id, name, name_en, number, overdue in session.execute(query):
        if mine:
            counts.mine += number
            counts.overdue += overdue
        else:
            counts.queue += number
        if bool(mine) == (tab == "mine") and tab != "done":
            counts.steps.append(Step(process_id, element_id, name, name_en, number))
    return counts


def _mine(actor: Actor) -> ColumnElement[bool]:
    return and_(Task.state == TaskState.OPEN, Task.assignee_id == actor.id)


def _queue(actor: Actor) -> ColumnElement[bool]:
    return and_(permissions.offered_task(actor), Task.assignee_id.is_(None))


def _done(actor: Actor) -> ColumnElement[bool]:
    return and_(Task.state == TaskState.COMPLETED, Task.closed_by == actor.id, permissions.sees_task(actor))


def _rows(session: Session, actor: Actor, tab: Tab, filters: Filters, size: int) -> tuple[list[Row[Any]], bool]:
    """One page of rows. The page is picked among tasks alone; what is shown beside them is joined to those few."""
    picked = _picked(actor, tab, filters).limit(size + 1).cte("picked")
    village = aliased(Region)
    query: Select[*tuple[Any, ...]] = (
        select(
            Task,
            func.coalesce(Case.case_no, ProcessInstance.business_key),
            func.coalesce(village.name, Region.name),
            Person.name,
            Person.sex,
            Person.birth_date,
        )
        .join(picked, picked.c.id == Task.id)
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .join(Region, Region.code == Task.region_code)
        .outerjoin(Case, Case.id == Task.case_id)
        .outerjoin(village, village.code == village_of_task())
        .outerjoin(Person, Person.id == Case.client_id)
        .order_by(*order(tab, filters))
    )
    rows: list[Row[Any]] = list(session.execute(query))
    has_more = len(rows) > size
    rows = rows[:size]
    return (rows[::-1] if goes_back(tab, filters) else rows), has_more


def _picked(actor: Actor, tab: Tab, filters: Filters) -> Select[*tuple[Any, ...]]:
    """Ids of the tasks behind (or before) the cursor, in order: by keys, never by offset."""
    scope = {"mine": _mine, "queue": _queue, "done": _done}[tab](actor)
    query: Select[*tuple[Any, ...]] = select(Task.id).where(scope, *_conditions(filters))
    if text := filters.text.strip():
        village = aliased(Region)
        query = (
            query.join(ProcessInstance, ProcessInstance.id == Task.instance_id)
            .outerjoin(Case, Case.id == Task.case_id)
            .outerjoin(village, village.code == village_of_task())
            .outerjoin(Person, Person.id == Case.client_id)
            .where(_matches(text, village))
        )
    place = tuple_(*keys(tab, filters))
    begin = read_cursor(filters.before or filters.after, len(keys(tab, filters)))
    if begin is not None:
        query = query.where(place > begin if is_ascending(tab, filters) else place < begin)
    return query.order_by(*order(tab, filters))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.process:
        found.append(Task.process_id == filters.process)
    if filters.element:
        found.append(Task.element_id == filters.element)
    if filters.region:
        found.append(Task.region_code.in_(regions.below(frozenset({filters.region}))))
    if filters.priority in ("P1", "P2", "P3", "P4"):
        found.append(Task.urgency == int(filters.priority[1]))
    if filters.due in _AHEAD:
        found.append(Task.due_at < clock.now() + _AHEAD[filters.due])
    return found


def _matches(text: str, village: type[Region]) -> ColumnElement[bool]:
    """Case number, name of the step, village, or every word of the client's name."""
    like = "%" + re.sub(r"[\\%_]", "", text) + "%"
    found: list[ColumnElement[bool]] = [
        func.coalesce(Case.case_no, ProcessInstance.business_key).ilike(like),
        Task.name.ilike(like),
        Task.name_en.ilike(like),
        village.name.ilike(like),
    ]
    if words := folding.words(text):
        found.append(Person.name_words.contains(words))
    return or_(*found)


def _place(item: Item, tab: Tab, filters: Filters) -> str:
    return cursor(tab, filters, item.urgency, item.closed_at if tab == "done" else item.due_at, item.id)


def _item(row: Row[Any]) -> Item:
    task, case_no, village, name, sex, birth_date = tuple(row)
    return Item(
        task.id,
        task.name,
        task.name_en,
        task.process_id,
        task.element_id,
        str(task.properties.get("why") or ""),
        str(task.properties.get("why:en") or ""),
        task.urgency,
        task.restricted,
        task.due_at,
        task.created_at,
        task.closed_at,
        task.assignee_id,
        case_no,
        village,
        name or "",
        sex or "",
        birth_date,
    )


def _regions(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """The kecamatan that the actor works in, for the filter; none when there is only one."""
    if all(code.count(".") >= regions.Level.KECAMATAN - 1 for code in actor.regions) and len(actor.regions) < 2:
        return []
    query = (
        select(Region.code, Region.name)
        .where(Region.level == regions.Level.KECAMATAN, Region.code.in_(regions.below(actor.regions)))
        .order_by(Region.name)
    )
    return [(code, name) for code, name in session.execute(query)]
