"""The list of cases: what the actor may read, filtered, newest first, paged by keys; counts that fit the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from engine import permissions
from engine.actors import Actor
from engine.queries.pending import Pending, pending_of
from engine.store import folding, regions
from engine.store.cases import Case
from engine.store.people import Person
from engine.store.regions import Level, Region
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker

SIZE = 25
OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for. `state`: open or closed. `after`/`before`: where a page begins or ends."""

    state: str = OPEN
    status: str = ""
    priority: str = ""
    region: str = ""
    text: str = ""
    after: str = ""
    before: str = ""

    @property
    def active(self) -> int:
        """How many filters narrow the list (tab and search not counted)."""
        return sum(bool(value) for value in (self.status, self.priority, self.region))


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
    counts = _counts(session, actor)
    waits = pending_of(session, [row[0].id for row in rows if row[0].id not in steps and row[0].closed_at is None])
    items = [_item(row, steps.get(row[0].id), waits.get(row[0].id, ())) for row in rows]
    first, last = (_cursor(items[0]), _cursor(items[-1])) if items else ("", "")
    going_back = bool(filters.before)
    wants_closed = filters.state == CLOSED
    return Cases(
        items,
        sum(number for _, is_closed, number in counts if not is_closed),
        sum(number for _, is_closed, number in counts if is_closed),
        [(status, number) for status, is_closed, number in counts if is_closed == wants_closed],
        _kecamatan(session, actor),
        next=last if has_more or going_back else "",
        previous=first if filters.after or (going_back and has_more) else "",
    )


def _counts(session: Session, actor: Actor) -> list[tuple[str, bool, int]]:
    is_closed = Case.closed_at.is_not(None)
    query = (
        select(Case.status, is_closed, func.count())
        .where(permissions.sees_case(actor))
        .group_by(Case.status, is_closed)
        .order_by(func.count().desc(), Case.status)
    )
    return [(status, bool(closed), number) for status, closed, number in session.execute(query)]


def _rows(session: Session, actor: Actor, filters: Filters, size: int) -> tuple[list[Any], bool]:
    village = aliased(Region)
    query = (
        select(Case, village.name, Person.name, Person.sex, Person.birth_date)
        .join(Person, Person.id == Case.client_id)
        .join(village, village.code == Case.village_code)
        .where(permissions.sees_case(actor), *_conditions(filters, village))
    )
    rows = list(session.execute(_paged(query, filters).limit(size + 1)))
    has_more = len(rows) > size
    rows = rows[:size]
    return (rows[::-1] if filters.before else rows), has_more


def _conditions(filters: Filters, village: type[Region]) -> list[ColumnElement[bool]]:
    closed = Case.closed_at.is_not(None)
    found: list[ColumnElement[bool]] = [closed if filters.state == CLOSED else ~closed]
    if filters.status:
        found.append(Case.status == filters.status)
    if filters.priority:
        found.append(Case.priority == filters.priority)
    if filters.region:
        found.append(Case.village_code.in_(regions.below(frozenset({filters.region}))))
    if filters.text.strip():
        found.append(_matches(filters.text.strip(), village))
    return found


def _matches(text: str, village: type[Region]) -> ColumnElement[bool]:
    """Case number, village, or every word of the client's name."""
    like = f"%{text.replace(chr(92), '').replace('%', '').replace('_', '')}%"
    found: list[ColumnElement[bool]] = [Case.case_no.ilike(like), village.name.ilike(like)]
    if words := folding.words(text):
        found.append(Person.name_words.contains(words))
    return or_(*found)


def _paged(query: Select[*tuple[Any, ...]], filters: Filters) -> Select[*tuple[Any, ...]]:
    """Newest first, beginning behind (or ending before) the cursor: keys, never offsets."""
    keys = (Case.opened_at.expression, Case.id.expression)
    cursor = _read_cursor(filters.before or filters.after)
    backwards = bool(filters.before)
    query = query.order_by(*((Case.opened_at, Case.id) if backwards else (Case.opened_at.desc(), Case.id.desc())))
    if cursor is None:
        return query
    return query.where(tuple_(*keys) > cursor if backwards else tuple_(*keys) < cursor)


def _cursor(item: Item) -> str:
    return f"{item.opened_at.isoformat()}_{item.id}"


def _read_cursor(text: str) -> tuple[datetime, int] | None:
    """The keys of a cursor; None for one that is not ours."""
    at, _, number = text.partition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, int(number)) if moment.tzinfo is not None and number.isdecimal() else None


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
