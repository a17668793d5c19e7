"""What one case looks like in every table: stories of the product, told in a transaction that is taken back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.settings import PROJECT
from engine.stories import demo

TABLES = (
    "case", "process_instance", "task", "history", "job", "subscription", "answer", "consent", "referral", "outbox",
    "case_access",
)  # fmt: skip
OF_INSTANCE = ("task", "job", "subscription", "outbox")

# Weight, and the story as an entry of workflows/demo.yaml would have it. The last ones are told to their end.
STORIES: tuple[tuple[int, dict[str, Any]], ...] = (
    (20, {"story": "case/pregnant_mother", "ago": "P7D", "pace": "PT23H", "steps": 8}),
    (15, {"story": "case/hungry_old_woman", "ago": "P2D", "pace": "PT11H", "steps": 4}),
    (1, {"story": "case/beaten_wife", "ago": "PT25M", "steps": 1}),
    (6, {"story": "case/client_moved", "ago": "P1D", "steps": 1}),
    (6, {"story": "case/client_moved", "ago": "P2D", "pace": "PT19H", "steps": 2}),
    (12, {"story": "case/plan_rejected", "ago": "P4D", "pace": "PT26H", "steps": 4}),
    (10, {"story": "case/returned_three_times", "ago": "P9D", "pace": "PT20H", "steps": 11}),
    (5, {"story": "case/question_answered", "ago": "PT5H", "steps": 2}),
    (25, {"story": "case/lost_and_refused", "ago": "P35D", "pace": "PT6H", "steps": 9}),
    (30, {"story": "case/client_died", "ago": "P60D", "pace": "PT23H", "steps": 99}),
    (30, {"story": "case/question_answered", "ago": "P60D", "pace": "PT1H", "steps": 99}),
    (40, {"story": "case/consent_refused", "ago": "P60D", "pace": "PT11H", "steps": 99}),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """One told case: `open` tasks in all; `done` ones; how often it occurs among those that are as far as it is."""

    number: int
    weight: int
    is_closed: bool
    open: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Shapes:
    """All told cases, and their rows as PostgreSQL copies them out, by table."""

    all: tuple[Shape, ...]
    rows: dict[str, bytes]


def told(session: Session) -> Shapes:
    """Tell the stories, each on its own, and keep their rows only. The demo's office must be there."""
    shapes: list[Shape] = []
    rows = dict.fromkeys(TABLES, b"")
    for weight, entry in STORIES:
        last = session.execute(text('SELECT coalesce(max(id), 0) FROM "case"')).scalar_one()
        demo.load_case(session, PROJECT / "workflows", entry)
        session.flush()
        found = [_shape(session, number, weight) for number in _numbers(session, last)]
        for name in TABLES:
            rows[name] += b"".join(_copied(session, name, [one.number for one in found]))
        shapes += found
        session.rollback()
    return Shapes(tuple(shapes), rows)


def _numbers(session: Session, after: int) -> list[int]:
    """New cases that have one instance, as nearly all have."""
    query = text(
        'SELECT c.id FROM "case" c JOIN process_instance p ON p.case_id = c.id WHERE c.id > :after'
        " GROUP BY c.id HAVING count(*) = 1"
    )
    return list(session.execute(query, {"after": after}).scalars())


def _shape(session: Session, number: int, weight: int) -> Shape:
    query = text(
        """SELECT c.closed_at IS NOT NULL AS is_closed, count(t.id) FILTER (WHERE t.state = 'open') AS open,
                  count(t.id) AS tasks
           FROM "case" c LEFT JOIN task t ON t.case_id = c.id WHERE c.id = :id GROUP BY c.id"""
    )
    row = session.execute(query, {"id": number}).one()
    return Shape(number, weight, row.is_closed, row.open, row.tasks)


def _copied(session: Session, table: str, cases: list[int]) -> Iterator[bytes]:
    """The table's rows of the told cases."""
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, Connection):
        raise TypeError("The load test needs psycopg.")
    ids = sql.SQL(",").join(map(sql.Literal, cases))
    of_case = sql.SQL("SELECT id FROM process_instance WHERE case_id IN ({})").format(ids)
    if table in OF_INSTANCE:
        where = sql.SQL("instance_id IN ({})").format(of_case)
    else:
        where = sql.SQL("{} IN ({})").format(sql.Identifier("id" if table == "case" else "case_id"), ids)
    statement = sql.SQL("COPY (SELECT * FROM {} WHERE {}) TO STDOUT").format(sql.Identifier(table), where)
    with connection.cursor().copy(statement) as copy:
        for block in copy:
            yield bytes(block)
