"""The inbox: a worker's own open tasks, the queue of their groups, and what they have done; ranked, filtered, paged."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from engine import clock, permissions
from engine.actors import Actor
from engine.queries import queue
from engine.queries.inbox_order import Filters, Sort, Tab, cursor, goes_back, is_ascending, keys, order, read_cursor
from engine.queries.places import village_of_task
from engine.queries.queue import Kind
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
    waiting = _Waiting(queue.kinds(session, actor), queue.named(session, actor))
    counts = _counts(tab, waiting)
    rows, has_more = _rows(session, actor, tab, filters, size, waiting)
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


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What is in the actor's queue, what is the actor's own, and restricted tasks of cases that name the actor."""

    kinds: Sequence[Kind]
    named: Sequence[tuple[int, Kind]]

    @property
    def free(self) -> list[Kind]:
        return [*(kind for kind in self.kinds if not kind.is_mine), *(kind for _, kind in self.named)]

    @property
    def mine(self) -> list[Kind]:
        return [kind for kind in self.kinds if kind.is_mine]


def _counts(tab: Tab, waiting: _Waiting) -> _Counts:
    """Numbers for both open tabs and the steps of this one."""
    shown = {"mine": waiting.mine, "queue": waiting.free, "done": []}[tab]
    return _Counts(
        mine=sum(kind.number for kind in waiting.mine),
        queue=sum(kind.number for kind in waiting.free),
        overdue=sum(kind.overdue for kind in waiting.mine),
        steps=_together(Step(kind.process_id, kind.element_id, kind.name, kind.name_en, kind.number) for kind in shown),
    )


def _together(steps: Iterable[Step]) -> list[Step]:
    """One entry for each step, by name: different groups may be asked to do the same one."""
    found: dict[tuple[str, str], Step] = {}
    for step in steps:
        key = (step.process_id, step.element_id)
        before = found.get(key)
        found[key] = replace(step, count=step.count + before.count) if before else step
    return sorted(found.values(), key=lambda step: step.name)


def _mine(actor: Actor) -> ColumnElement[bool]:
    return and_(Task.state == TaskState.OPEN, Task.assignee_id == actor.id)


def _done(actor: Actor) -> ColumnElement[bool]:
    return and_(
        Task.state == TaskState.COMPLETED, Task.closed_by == actor.id, permissions.sees_task(actor, joined=True)
    )


def _rows(
    session: Session, actor: Actor, tab: Tab, filters: Filters, size: int, waiting: _Waiting
) -> tuple[list[Row[Any]], bool]:
    """One page of rows. The page is picked among tasks alone; what is shown beside them is joined to those few."""
    if tab == "queue":
        ids = _picked_queue(session, actor, filters, size + 1, waiting)
    else:
        scope = {"mine": _mine, "done": _done}[tab](actor)
        tasks = select(Task.id).outerjoin(Case, Case.id == Task.case_id) if tab == "done" else select(Task.id)
        ids = _narrow(tasks.where(scope), tab, filters).order_by(*order(tab, filters)).limit(size + 1)
    picked = ids.cte("picked")
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
        .limit(size + 1)
    )
    rows: list[Row[Any]] = list(session.execute(query))
    has_more = len(rows) > size
    rows = rows[:size]
    return (rows[::-1] if goes_back(tab, filters) else rows), has_more


def _picked_queue(
    session: Session, actor: Actor, filters: Filters, size: int, waiting: _Waiting
) -> Select[*tuple[Any, ...]]:
    """Ids of the queue's page, which `named` ones belong to as well."""
    wanted = [kind for kind in waiting.kinds if not kind.is_mine and filters.element in ("", kind.element_id)]
    sets = [(kind.groups, kind.restricted) for kind in wanted]
    in_order = queue.Order(filters.sort == "rank", is_ascending("queue", filters))
    among = queue.places(session, actor)
    ids = queue.picked(among, sets, lambda tasks: _narrow(tasks, "queue", filters), in_order, size)
    named = _narrow(select(Task.id).where(Task.id.in_([number for number, _ in waiting.named])), "queue", filters)
    if ids is None:
        return named
    return ids if not waiting.named else union_all(ids.subquery().select(), named).subquery().select()


def _narrow(tasks: Select[*tuple[Any, ...]], tab: Tab, filters: Filters) -> Select[*tuple[Any, ...]]:
    """Only tasks that fit the filters, behind (or before) the cursor: by keys, never by offset."""
    query = tasks.where(*_conditions(filters))
    if text := filters.text.strip():
        village = aliased(Region)
        query = query if tab == "done" else query.outerjoin(Case, Case.id == Task.case_id)
        query = (
            query.join(ProcessInstance, ProcessInstance.id == Task.instance_id)
            .outerjoin(village, village.code == village_of_task())
            .outerjoin(Person, Person.id == Case.client_id)
            .where(_matches(text, village))
        )
    place = tuple_(*keys(tab, filters))
    begin = read_cursor(filters.before or filters.after, len(keys(tab, filters)))
    if begin is not None:
        query = query.where(place > begin if is_ascending(tab, filters) else place < begin)
    return query


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
