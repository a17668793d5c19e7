"""The inbox: a worker's own open tasks, the queue of their groups, and what they have done; ranked, filtered, paged."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from engine import clock, permissions
from engine.actors import Actor
from engine.store import folding, regions
from engine.store.cases import Case
from engine.store.instances import ProcessInstance
from engine.store.people import Person
from engine.store.regions import Region
from engine.store.tasks import Task, TaskState

Tab = Literal["mine", "queue", "done"]
Sort = Literal["rank", "due"]
SIZE = 25
_AHEAD = {"overdue": timedelta(0), "today": timedelta(days=1), "week": timedelta(days=7)}
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for. `due`: overdue, today or week. `after`/`before`: where a page begins or ends."""

    process: str = ""
    element: str = ""
    region: str = ""
    priority: str = ""
    due: str = ""
    text: str = ""
    sort: Sort = "rank"
    after: str = ""
    before: str = ""

    @property
    def active(self) -> int:
        """How many filters narrow the list (search and order not counted)."""
        return sum(bool(value) for value in (self.process, self.element, self.region, self.priority, self.due))


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
    first, last = (_cursor(items[0], tab, filters), _cursor(items[-1], tab, filters)) if items else ("", "")
    going_back = bool(filters.before)
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
    village = aliased(Region)
    scope = {"mine": _mine, "queue": _queue, "done": _done}[tab](actor)
    query: Select[*tuple[Any, ...]] = (
        select(
            Task,
            func.coalesce(Case.case_no, ProcessInstance.business_key),
            func.coalesce(village.name, Region.name),
            Person.name,
            Person.sex,
            Person.birth_date,
        )
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .join(Region, Region.code == Task.region_code)
        .outerjoin(Case, Case.id == Task.case_id)
        .outerjoin(village, village.code == Case.village_code)
        .outerjoin(Person, Person.id == Case.client_id)
        .where(scope, *_conditions(filters, village))
    )
    rows: list[Row[Any]] = list(session.execute(_paged(query, tab, filters).limit(size + 1)))
    has_more = len(rows) > size
    rows = rows[:size]
    return (rows[::-1] if filters.before else rows), has_more


def _conditions(filters: Filters, village: type[Region]) -> list[ColumnElement[bool]]:
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
    if filters.text.strip():
        found.append(_matches(filters.text.strip(), village))
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


def _paged(query: Select[*tuple[Any, ...]], tab: Tab, filters: Filters) -> Select[*tuple[Any, ...]]:
    """Order, and begin behind (or end before) the cursor: keys, never offsets."""
    if tab == "done":
        keys: list[ColumnElement[Any]] = [Task.closed_at.expression, Task.id.expression]
        order: list[ColumnElement[Any]] = [Task.closed_at.desc(), Task.id.desc()]
        reverse: list[ColumnElement[Any]] = [Task.closed_at.asc(), Task.id.asc()]
    else:
        due = func.coalesce(Task.due_at, literal(_NEVER))
        keys = [*([Task.urgency.expression] if filters.sort == "rank" else []), due, Task.id.expression]
        order = [key.asc() for key in keys]
        reverse = [key.desc() for key in keys]
    cursor = _read_cursor(filters.before or filters.after, len(keys))
    if cursor is None:
        return query.order_by(*order)
    ascending = (tab != "done") != bool(filters.before)
    where = tuple_(*keys) > cursor if ascending else tuple_(*keys) < cursor
    return query.where(where).order_by(*(reverse if filters.before else order))


def _cursor(item: Item, tab: Tab, filters: Filters) -> str:
    if tab == "done":
        parts: list[str] = [(item.closed_at or _NEVER).isoformat(), str(item.id)]
    else:
        parts = [(item.due_at or _NEVER).isoformat(), str(item.id)]
        if filters.sort == "rank":
            parts.insert(0, str(item.urgency))
    return "_".join(parts)


def _read_cursor(text: str, length: int) -> tuple[Any, ...] | None:
    """The keys of a cursor; None for one that is not ours."""
    parts = text.split("_")
    if len(parts) != length:
        return None
    try:
        at = datetime.fromisoformat(parts[-2])
        numbers = [int(part) for part in (*parts[:-2], parts[-1])]
    except ValueError:
        return None
    return None if at.tzinfo is None else (*numbers[:-1], at, numbers[-1])


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
