"""The years of history and access log: partitions for those to come, and none for those of which nothing is left."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

TABLES = ("history", "access_log")
YEARS_AHEAD = 2
_LOCK_MS = 500
"""Whoever waits for a lock makes others wait behind it: not for longer than this."""

_ADD = text("SELECT add_partition(:parent, :part, :low, :high)")
_PARTS = text(
    """
    SELECT parent.relname AS parent, part.relname AS part, pg_get_expr(part.relpartbound, part.oid) AS bounds
    FROM pg_inherits i JOIN pg_class part ON part.oid = i.inhrelid JOIN pg_class parent ON parent.oid = i.inhparent
    WHERE parent.oid IN (to_regclass('history'), to_regclass('access_log')) ORDER BY 1, 2
    """
)
_IS_DEFAULT = "DEFAULT"


@dataclass(frozen=True, slots=True)
class Part:
    """A partition of a table; `end`: the moment before which its rows are, None for the one that takes the rest."""

    parent: str
    name: str
    end: datetime | None

    @property
    def takes_the_rest(self) -> bool:
        """Whether it is there for what no other one takes."""
        return self.end is None


def parts(session: Session) -> list[Part]:
    """All partitions, by table."""
    return [Part(row.parent, row.part, _end(row.bounds)) for row in session.execute(_PARTS)]


def _end(bounds: str) -> datetime | None:
    """From FOR VALUES FROM ('…') TO ('2027-01-01 00:00:00+00')."""
    if bounds == _IS_DEFAULT:
        return None
    return datetime.fromisoformat(bounds.rpartition("TO ('")[2].removesuffix("')"))


def missing(session: Session, now: datetime) -> list[str]:
    """Names of the partitions that should be there by now for the years to come."""
    known = parts(session)
    first_year = now.astimezone(UTC).year + 1
    found = []
    for parent in sorted({part.parent for part in known}):
        own = [part for part in known if part.parent == parent]
        names = {part.name for part in own}
        # The first one takes all years up to its end.
        until = min((part.end for part in own if part.end is not None), default=now)
        found += [
            name
            for year in range(first_year, first_year + YEARS_AHEAD)
            if (name := f"{parent}_{year}") not in names and until < _begin(year + 1)
        ]
    return found


def add(session: Session, name: str) -> bool:
    """Make one partition that is `missing`; True if it is new.

    Who writes waits for nothing. Who reads waits while this waits for those who read already: half a second at most.
    """
    parent, _, year = name.rpartition("_")
    session.execute(text(f"SET LOCAL lock_timeout = {_LOCK_MS}"))
    values = {"parent": parent, "part": name, "low": _begin(int(year)), "high": _begin(int(year) + 1)}
    return bool(session.execute(_ADD, values).scalar_one())


def with_a_rest(session: Session) -> Iterator[str]:
    """Partitions for the rest that hold rows: their year was not made in time, or a clock was wrong."""
    for part in parts(session):
        if part.takes_the_rest and _holds_rows(session, part.name):
            yield part.name


def drop_empty(session: Session, now: datetime) -> list[str]:
    """Drop past years of the history that nothing is left of, and say which. The log is never thinned out."""
    session.execute(text(f"SET LOCAL lock_timeout = {_LOCK_MS}"))
    dropped = []
    for part in parts(session):
        is_past = part.end is not None and part.end <= now
        if part.parent != "history" or not is_past or _holds_rows(session, part.name):
            continue
        session.execute(text(f'LOCK TABLE "{part.name}" IN ACCESS EXCLUSIVE MODE'))
        if not _holds_rows(session, part.name):
            session.execute(text(f'DROP TABLE "{part.name}"'))
            dropped.append(part.name)
    return dropped


def _holds_rows(session: Session, name: str) -> bool:
    query = 'SELECT EXISTS (SELECT FROM "{}")'  # a name that PostgreSQL gave us
    return bool(session.execute(text(query.format(name))).scalar_one())


def _begin(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)
