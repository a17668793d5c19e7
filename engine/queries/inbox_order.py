"""The inbox's order and its cursors: where a page begins and ends, by keys, never by offset."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, DateTime, literal_column

from engine.store.tasks import DUE, Task

Tab = Literal["mine", "queue", "done"]
Sort = Literal["rank", "due"]
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


def keys(tab: Tab, filters: Filters) -> list[ColumnElement[Any]]:
    """What the list is ordered by."""
    if tab == "done":
        return [Task.closed_at.expression, Task.id.expression]
    due = literal_column(DUE.replace("due_at", "task.due_at"), DateTime(timezone=True))
    return [*([Task.urgency.expression] if filters.sort == "rank" else []), due, Task.id.expression]


def goes_back(tab: Tab, filters: Filters) -> bool:
    """Is a page asked for that ends before a cursor?"""
    return bool(filters.before) and read_cursor(filters.before, len(keys(tab, filters))) is not None


def is_ascending(tab: Tab, filters: Filters) -> bool:
    """Open tasks go up (P1 first, nearest first), done ones down; a page before a cursor is read backwards."""
    return (tab != "done") != goes_back(tab, filters)


def order(tab: Tab, filters: Filters) -> list[ColumnElement[Any]]:
    """The keys as ORDER BY takes them."""
    ascending = is_ascending(tab, filters)
    return [key.asc() if ascending else key.desc() for key in keys(tab, filters)]


def cursor(tab: Tab, filters: Filters, urgency: int, at: datetime | None, task_id: int) -> str:
    """The place of one task in the list, for an address. `at`: its deadline, or when it was closed."""
    parts = [(at or _NEVER).isoformat(), str(task_id)]
    return "_".join([str(urgency), *parts] if tab != "done" and filters.sort == "rank" else parts)


def read_cursor(text: str, length: int) -> tuple[Any, ...] | None:
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
