"""The order of the list of cases: which ones are read, from an index for each place, page by page, by keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Text,
    column,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union,
    values,
)
from sqlalchemy.orm import Session, aliased

from engine import clock, permissions
from engine.actors import Actor
from engine.queries import queue
from engine.store import folding, regions
from engine.store.cases import Case, CaseAccess
from engine.store.people import Person
from engine.store.regions import Region

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


def picked(session: Session, actor: Actor, filters: Filters, size: int) -> Select[*tuple[Any, ...]]:
    """Ids of the page's cases: by an index for each kecamatan or kabupaten, and of those that name the actor."""
    if not actor.has(*permissions.READS_REGION):
        query = _narrow(select(Case.id).where(permissions.sees_case(actor)), filters)
        return query.order_by(*order(filters)).limit(size)
    branches: list[Select[*tuple[Any, ...]]] = [_narrow(_naming(actor), filters)]
    among = queue.places(session, actor)
    for length in (8, 5):
        rows = [
            (place, village, restricted)
            for place, village in among
            if len(place) == length
            for restricted in ((False, True) if actor.restricted_duty else (False,))
        ]
        if rows:
            branches.append(_placed(rows, length, filters, size))
    return union(*branches).subquery("found").select()


def _naming(actor: Actor) -> Select[*tuple[Any, ...]]:
    access = select(CaseAccess.case_id).where(
        CaseAccess.worker_id == actor.id, or_(CaseAccess.until.is_(None), CaseAccess.until > clock.now())
    )
    return select(Case.id).where(Case.id.in_(access))


def _placed(rows: list[tuple[str, str, bool]], length: int, filters: Filters, size: int) -> Select[*tuple[Any, ...]]:
    place = values(
        column("prefix", Text), column("village", Text), column("restricted", Boolean), name=f"place_{length}"
    ).data(rows)
    query = select(Case.id.label("id"), Case.opened_at.label("opened_at")).where(
        literal_column(f'left("case".village_code, {length})') == place.c.prefix,
        Case.restricted == place.c.restricted,
        literal_column('("case".closed_at IS NULL)', Boolean) == (filters.state != CLOSED),
    )
    if any(village for _, village, _ in rows):
        query = query.where(or_(place.c.village == "", Case.village_code == place.c.village))
    one = _narrow(query, filters).order_by(*order(filters)).limit(size).correlate(place).lateral(f"one_{length}")
    found = select(one.c.id, one.c.opened_at).select_from(place.join(one, true())).subquery(f"found_{length}")
    keys = (found.c.opened_at, found.c.id)
    ordered = keys if filters.before else tuple(key.desc() for key in keys)
    return select(select(found.c.id).order_by(*ordered).limit(size).subquery().c.id)


def _narrow(query: Select[*tuple[Any, ...]], filters: Filters) -> Select[*tuple[Any, ...]]:
    """Only cases that fit the filters, behind (or before) the cursor: keys, never offsets."""
    query = query.where(*_conditions(filters))
    if filters.text.strip():
        village = aliased(Region)
        query = (
            query.join(Person, Person.id == Case.client_id)
            .join(village, village.code == Case.village_code)
            .where(_matches(filters.text.strip(), village))
        )
    begin = _read_cursor(filters.before or filters.after)
    if begin is None:
        return query
    keys = tuple_(Case.opened_at, Case.id)
    return query.where(keys > begin if filters.before else keys < begin)


def order(filters: Filters) -> list[ColumnElement[Any]]:
    """Newest first; read backwards before a cursor."""
    if filters.before:
        return [Case.opened_at.asc(), Case.id.asc()]
    return [Case.opened_at.desc(), Case.id.desc()]


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    closed = Case.closed_at.is_not(None)
    found: list[ColumnElement[bool]] = [closed if filters.state == CLOSED else ~closed]
    if filters.status:
        found.append(Case.status == filters.status)
    if filters.priority:
        found.append(Case.priority == filters.priority)
    if filters.region:
        found.append(Case.village_code.in_(regions.below(frozenset({filters.region}))))
    return found


def _matches(wanted: str, village: type[Region]) -> ColumnElement[bool]:
    """Case number, village, or every word of the client's name."""
    like = f"%{wanted.replace(chr(92), '').replace('%', '').replace('_', '')}%"
    found: list[ColumnElement[bool]] = [Case.case_no.ilike(like), village.name.ilike(like)]
    if words := folding.words(wanted):
        found.append(Person.name_words.contains(words))
    return or_(*found)


def cursor(opened_at: datetime, case_id: int) -> str:
    """The place of one case in the list, for an address."""
    return f"{opened_at.isoformat()}_{case_id}"


def _read_cursor(place: str) -> tuple[datetime, int] | None:
    """The keys of a cursor; None for one that is not ours."""
    at, _, number = place.partition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, int(number)) if moment.tzinfo is not None and number.isdecimal() else None
