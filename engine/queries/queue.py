"""The queue of a worker's groups and regions: its counts are kept, its tasks read in order from an index."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    Text,
    cast,
    column,
    literal_column,
    or_,
    select,
    text,
    true,
    union_all,
    values,
)
from sqlalchemy.orm import Session, aliased

from engine import clock, permissions
from engine.actors import Actor
from engine.store import counts
from engine.store.cases import CaseAccess
from engine.store.regions import Level, Region
from engine.store.tasks import DUE, Task

# As indexes have them, word for word: not as parameters.
OPEN: ColumnElement[bool] = literal_column("task.state = 'open'")
KECAMATAN: ColumnElement[str] = literal_column("left(task.region_code, 8)")
KABUPATEN: ColumnElement[str] = literal_column("left(task.region_code, 5)")
DUE_KEY: ColumnElement[Any] = literal_column(DUE.replace("due_at", "task.due_at"))


@dataclass(frozen=True, slots=True)
class Kind:
    """Tasks of one step: free ones for the same groups, or one's own. `overdue` is known of one's own."""

    process_id: str
    element_id: str
    groups: tuple[str, ...]
    restricted: bool
    name: str
    name_en: str
    number: int
    overdue: int = 0
    is_mine: bool = False


_KINDS = text(
    """
    SELECT process_id, element_id, candidate_groups, restricted, max(name), max(name_en), sum(number)::bigint,
           0::bigint, false FROM (
      SELECT process_id, element_id, candidate_groups, restricted, name, name_en, number FROM step_count
      WHERE scope = ANY(:scopes) AND is_free
      UNION ALL
      SELECT process_id, element_id, candidate_groups, restricted, name, name_en, number FROM work_change
      WHERE done_on IS NULL AND worker_id IS NULL
        AND EXISTS (SELECT FROM region_scopes(region_code) AS scope WHERE scope = ANY(:scopes))
    ) AS counted
    WHERE candidate_groups && :groups AND (:duty OR NOT restricted)
    GROUP BY 1, 2, 3, 4 HAVING sum(number) > 0
    UNION ALL
    SELECT process_id, element_id, '{}'::text[], false, max(name), max(name_en), count(*),
           count(*) FILTER (WHERE due_at < :now), true
    FROM task WHERE state = 'open' AND assignee_id = :worker GROUP BY 1, 2
    """
)


def kinds(session: Session, actor: Actor) -> list[Kind]:
    """What waits in the actor's queue, by step, groups and restriction, and the actor's own tasks; one statement."""
    found = session.execute(
        _KINDS,
        {
            "scopes": counts.scopes_of(actor.regions),
            "groups": sorted(actor.groups),
            "duty": actor.restricted_duty,
            "worker": actor.id,
            "now": clock.now(),
        },
    )
    return [Kind(process, element, tuple(groups), *rest) for process, element, groups, *rest in found]


_SETS = text(
    """
    SELECT DISTINCT candidate_groups, restricted FROM (
      SELECT candidate_groups, restricted FROM step_count WHERE scope = ANY(:scopes) AND number > 0
      UNION ALL
      SELECT candidate_groups, restricted FROM work_change
      WHERE done_on IS NULL AND EXISTS (SELECT FROM region_scopes(region_code) AS scope WHERE scope = ANY(:scopes))
    ) AS counted
    WHERE candidate_groups && :groups AND (:duty OR NOT restricted)
    """
)


def sets(session: Session, actor: Actor) -> list[tuple[tuple[str, ...], bool]]:
    """(groups, restricted) of the open tasks, taken or free, that the actor's groups and regions are asked to do."""
    values = {
        "scopes": counts.scopes_of(actor.regions),
        "groups": sorted(actor.groups),
        "duty": actor.restricted_duty,
    }
    return [(tuple(groups), restricted) for groups, restricted in session.execute(_SETS, values)]


def named(session: Session, actor: Actor) -> list[tuple[int, Kind]]:
    """Restricted tasks in the queue of somebody named for their case: few, so they are looked up; (id, kind)."""
    if actor.restricted_duty or actor.id is None:
        return []
    access = aliased(CaseAccess)
    query = (
        select(Task.id, Task.process_id, Task.element_id, Task.candidate_groups, Task.name, Task.name_en)
        .join(access, access.case_id == Task.case_id)
        .where(
            access.worker_id == actor.id,
            or_(access.until.is_(None), access.until > clock.now()),
            Task.restricted,
            Task.assignee_id.is_(None),
            permissions.offered_task(actor),
        )
    )
    return [
        (task_id, Kind(process, element, tuple(groups), True, name, name_en, 1))
        for task_id, process, element, groups, name, name_en in session.execute(query)
    ]


def places(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """(kecamatan or kabupaten, village or "") that make up the actor's regions; a province is all its kabupaten.

    What belongs to the province itself (a task of its own office) stands under its own code.
    """
    found: list[tuple[str, str]] = []
    provinces: list[str] = []
    for code in counts.scopes_of(actor.regions):
        level = code.count(".") + 1
        if level == Level.PROVINCE:
            provinces.append(code)
        else:
            found.append((code[:8], code if level == Level.VILLAGE else ""))
    if provinces:
        query = select(Region.code).where(Region.level == Level.KABUPATEN, Region.parent_code.in_(provinces))
        found += [(code, "") for code in (*provinces, *session.scalars(query))]
    return found


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is ordered: by urgency first or by deadline alone; upwards, or backwards before a cursor."""

    by_urgency: bool = True
    ascending: bool = True

    def of(self, columns: Any) -> list[ColumnElement[Any]]:
        """The order of `columns`, which have `urgency`, `due` and `id`."""
        keys = [*([columns.urgency] if self.by_urgency else []), columns.due, columns.id]
        return [key.asc() if self.ascending else key.desc() for key in keys]


@dataclass(frozen=True, slots=True)
class _Keys:
    urgency: Any = Task.urgency
    due: Any = DUE_KEY
    id: Any = Task.id


Narrow = Callable[[Select[*tuple[Any, ...]]], Select[*tuple[Any, ...]]]
Sets = Iterable[tuple[tuple[str, ...], bool]]


def picked(
    among: Sequence[tuple[str, str]], sets: Sets, narrow: Narrow, order: Order, size: int, *, free: bool | None = True
) -> Select[*tuple[Any, ...]] | None:
    """Ids of at most `size` open tasks: read from an index for each place, groups and restriction, then merged.

    `sets`: (groups, restricted); `narrow` adds conditions. None if there is no place or no set: nothing to read.
    """
    # An order that does not begin with the urgency is the merge of the orders within each.
    urgencies = (0,) if order.by_urgency else (1, 2, 3, 4)
    rows = [
        (place, village, list(groups), restricted, is_free, urgency)
        for place, village in among
        for groups, restricted in sorted(set(sets))
        for is_free in ((True, False) if free is None else (free,))
        for urgency in urgencies
    ]
    small, large = ([row for row in rows if (len(row[0]) == 8) == is_small] for is_small in (True, False))
    branches = [
        _branch(some, length, here, narrow, order, size)
        for some, length, here in ((small, 8, KECAMATAN), (large, 5, KABUPATEN))
        if some
    ]
    if not branches:
        return None
    found = union_all(*branches).subquery("found")
    return select(found.c.id).order_by(*order.of(found.c)).limit(size)


def _branch(
    rows: list[tuple[Any, ...]], length: int, here: ColumnElement[str], narrow: Narrow, order: Order, size: int
) -> Select[*tuple[Any, ...]]:
    place = values(
        column("prefix", Text), column("village", Text), column("groups", ARRAY(Text)), column("restricted", Boolean),
        column("is_free", Boolean), column("urgency", BigInteger), name=f"place_{length}",
    ).data(rows)  # fmt: skip
    tasks: Select[*tuple[Any, ...]] = select(
        Task.id.label("id"), Task.urgency.label("urgency"), DUE_KEY.label("due")
    ).where(
        OPEN,
        here == place.c.prefix,
        Task.candidate_groups == cast(place.c.groups, ARRAY(Text)),
        Task.restricted == place.c.restricted,
        literal_column("(task.assignee_id IS NULL)", Boolean) == place.c.is_free,
    )
    if any(row[1] for row in rows):
        tasks = tasks.where(or_(place.c.village == "", Task.region_code == place.c.village))
    if not order.by_urgency:
        tasks = tasks.where(Task.urgency == place.c.urgency)
    one = narrow(tasks).order_by(*order.of(_Keys())).limit(size).correlate(place).lateral(f"one_{length}")
    return select(one.c.id, one.c.urgency, one.c.due).select_from(place.join(one, true()))
