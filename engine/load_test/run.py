"""Growing a database of load-test cases step by step: only where nobody works."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from psycopg import Connection
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM
from engine.casework import counting, demo, demo_data
from engine.casework.definitions import deploy_folder
from engine.errors import Conflict
from engine.load_test import fill, places, shapes
from engine.load_test.measure import Taken, measure
from engine.settings import PROJECT
from engine.store.session import Sessions, unit_of_work

OPEN_SHARE = 0.8


class NotEmpty(Conflict):
    """The database holds what is not ours."""

    code = "not_empty"


@dataclass(slots=True)
class Size:
    """One size: rows, how fast they were made, and what was measured."""

    cases: int
    open_tasks: int
    done_tasks: int
    database_mb: float
    seconds: float
    cases_per_s: float
    taken: dict[str, Taken] = field(default_factory=dict)


def check_empty(session: Session) -> None:
    """Raise NotEmpty unless only the demo's office and earlier load tests are here."""
    ours = [code for code, _ in (*places.regions(), *demo_data.REGIONS)]
    named = [row[0] for row in demo_data.WORKERS]
    found = {
        "cases": 'SELECT count(*) FROM "case" WHERE NOT region_code = ANY(:places)',
        "regions": "SELECT count(*) FROM region WHERE NOT code = ANY(:regions)",
        "workers": "SELECT count(*) FROM worker WHERE NOT username = ANY(:named) AND username NOT LIKE :uji",
        "people": "SELECT count(*) FROM person WHERE coalesce(village_code, '') NOT LIKE '99.%'",
    }
    values = {"places": places.kecamatan(), "regions": ours, "named": named, "uji": f"{places.PREFIX}.%"}
    for what, query in found.items():
        number = session.execute(text(query), values).scalar_one()
        if number:
            raise NotEmpty(f"This database holds {number} {what} of others; a load test wants one of its own.")


def grow(
    sessions: Sessions, engine: Engine, steps: list[int], *, share: float, seed: int, say: Callable[[str], None]
) -> list[Size]:
    """Bring the database to each number of cases in turn and measure there. Raises NotEmpty."""
    told = _begun(sessions, engine)
    found = []
    for cases in steps:
        say(f"Up to {cases} cases …")
        size = _fill_up(sessions, engine, told, cases, share, seed)
        say(f"{size.cases_per_s:.0f} cases a second; measuring …")
        size.taken = measure(sessions, seed=seed)
        found.append(size)
    return found


def fill_up(sessions: Sessions, engine: Engine, cases: int, *, share: float, seed: int) -> Size:
    """Bring the database to a number of cases, `share` of them running. Raises NotEmpty."""
    return _fill_up(sessions, engine, _begun(sessions, engine), cases, share, seed)


def _begun(sessions: Sessions, engine: Engine) -> shapes.Shapes:
    with sessions() as session:
        check_empty(session)
    _office(sessions, engine)
    with sessions() as session:
        return shapes.told(session)


def _fill_up(sessions: Sessions, engine: Engine, told: shapes.Shapes, cases: int, share: float, seed: int) -> Size:
    with sessions() as session:
        present = session.execute(text('SELECT count(*) FROM "case"')).scalar_one()
    begin = time.perf_counter()
    if cases > present:
        _fill(engine, told, present, cases - 1, share, seed)
    seconds = time.perf_counter() - begin
    _settle(sessions, engine)
    return _size(sessions, seconds, max(0, cases - present))


def _office(sessions: Sessions, engine: Engine) -> None:
    """The product's processes, the demo's office, and the districts of the load test."""
    with unit_of_work(sessions) as session:
        deploy_folder(session, SYSTEM, PROJECT / "workflows")
        demo.load(session)
    with sessions() as session:
        query = text("SELECT count(*) FROM region WHERE code = :code")
        is_there = session.execute(query, {"code": places.regions()[0][0]}).scalar_one()
    if not is_there:
        with engine.begin() as connection:
            places.lay(_driver(connection.connection.driver_connection), clock.now())


def _fill(engine: Engine, told: shapes.Shapes, first: int, last: int, share: float, seed: int) -> None:
    with engine.begin() as connection:
        fill.fill(_driver(connection.connection.driver_connection), told, first, last, share=share, seed=seed + first)


def _driver(connection: object) -> Connection:
    if not isinstance(connection, Connection):
        raise TypeError("The load test needs psycopg.")
    return connection


def _settle(sessions: Sessions, engine: Engine) -> None:
    """Counts as the scheduler keeps them, statistics and the visibility map as autovacuum would leave them."""
    while counting.keep_counts(sessions):
        pass
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
        connection.execute(text("RESET statement_timeout"))


_ROWS = text(
    """SELECT (SELECT count(*) FROM "case") AS cases,
       (SELECT count(*) FROM task WHERE state = 'open') AS open,
       (SELECT count(*) FROM task WHERE state <> 'open') AS done,
       pg_database_size(current_database()) / 1048576.0 AS mb"""
)


def _size(sessions: Sessions, seconds: float, added: int) -> Size:
    with sessions() as session:
        row = session.execute(_ROWS).one()
    return Size(row.cases, row.open, row.done, round(float(row.mb)), round(seconds, 1), round(added / seconds, 1))


def table(sizes: list[Size]) -> str:
    """What was measured, by size, with the ratio of the last size to the first."""
    width = 34
    lines = [
        "".join([f"{'cases':<{width}}", *(f"{size.cases:>16,}" for size in sizes)]),
        "".join([f"{'open tasks':<{width}}", *(f"{size.open_tasks:>16,}" for size in sizes)]),
        "".join([f"{'finished tasks':<{width}}", *(f"{size.done_tasks:>16,}" for size in sizes)]),
        "".join([f"{'database, MB':<{width}}", *(f"{size.database_mb:>16,.0f}" for size in sizes)]),
        "".join([f"{'cases a second, filling':<{width}}", *(f"{size.cases_per_s:>16,.0f}" for size in sizes)]),
        "".join([f"{'p50 / p95 in ms':<{width}}", " " * 16 * len(sizes), f"{'ratio p50':>11}{'p95':>7}"]),
    ]
    for name, first in sizes[0].taken.items():
        last = sizes[-1].taken[name]
        times = [f"{size.taken[name].p50:.2f} / {size.taken[name].p95:.2f}" for size in sizes]
        ratio = f"{last.p50 / first.p50:>11.2f}{last.p95 / first.p95:>7.2f}"
        lines.append("".join([f"{name:<{width}}", *(f"{text:>16}" for text in times), ratio]))
    return "\n".join(lines)


def as_json(sizes: list[Size]) -> str:
    """The same for programs."""
    return json.dumps([asdict(size) for size in sizes], indent=2) + "\n"
