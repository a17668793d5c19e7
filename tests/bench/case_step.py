"""What a step of the shipped `case` process costs against its own SQL sent again without the engine.

The engine completes one case's assessment while its statements are written down; they are then sent again, with the
numbers of the next case in them, on a bare connection. In turns, so that the machine troubles both alike.
"""

import re
import statistics
import time
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from engine.actors import Actor
from engine.casework import tasks
from engine.store.session import make_sessions, unit_of_work
from engine.store.workers import by_username
from tests.bench import bench_http

WARM_UP, ROUNDS = 40, 300
IDS = text("SELECT id AS task_id, instance_id, case_id FROM task WHERE id = :id")
Statements = list[tuple[str, dict[str, Any]]]


class Written:
    """Writes down the statements that an engine sends while it is entered."""

    def __init__(self, engine: Engine) -> None:
        self.statements: Statements = []
        self._engine = engine

    def _note(self, _c: Any, _cursor: Any, statement: str, parameters: dict[str, Any], *_: Any) -> None:
        self.statements.append((statement, dict(parameters)))

    def __enter__(self) -> "Written":
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)


def moved_to(statements: Statements, ids: dict[str, int], others: dict[str, int]) -> Statements:
    """The same statements about another case: its numbers for the first one's, its own key."""

    def change(name: str, value: Any) -> Any:
        if name == "command_key":
            return f"again-{others['task_id']}"
        if name in ids:
            return others[name] if value == ids[name] else value
        if isinstance(value, str) and value[:1] in "[{":
            for each, number in ids.items():
                value = re.sub(rf'"{each}":\s*{number}\b', f'"{each}":{others[each]}', value)
        return value

    return [(sql, {name: change(name, value) for name, value in values.items()}) for sql, values in statements]


def measure(engine: Engine) -> dict[str, float]:
    """Flat figures: milliseconds, ratio, statements."""
    bench_http.WARM_UP, bench_http.MEASURED = 0, 2 * (WARM_UP + ROUNDS)
    todo, _ = bench_http.fill(engine)
    sessions = make_sessions(engine)
    with sessions() as session:
        found = by_username(session, "tksk00")
        assert found is not None
        actor = found.actor()
    mine, theirs, counts = [], [], []
    with engine.connect() as connection:
        for ours, again in zip(todo[::2], todo[1::2], strict=True):
            ids, others = (dict(connection.execute(IDS, {"id": id_}).one()._mapping) for id_ in (ours, again))
            connection.rollback()
            with Written(engine) as written:
                mine.append(_complete(sessions, actor, ours))
            counts.append(len(written.statements))
            theirs.append(_send(connection, moved_to(written.statements, ids, others)))
        done = connection.execute(bench_http.DONE).scalar_one()
    assert done == len(todo), "what was sent again did not complete the other half"
    return _figures(mine, theirs, counts)


def _figures(mine: list[float], theirs: list[float], counts: list[int]) -> dict[str, float]:
    ours, limit = (statistics.median(times[WARM_UP:]) * 1000 for times in (mine, theirs))
    p95s = [sorted(times[WARM_UP:])[int(ROUNDS * 0.95)] for times in (mine, theirs)]
    return {
        "complete_case_task_p50_ms": round(ours, 3),
        "complete_case_task_limit_p50_ms": round(limit, 3),
        "complete_case_task_ratio_p50": round(ours / limit, 2),
        "complete_case_task_ratio_p95": round(p95s[0] / p95s[1], 2),
        "complete_case_task_sql": statistics.mean(counts[WARM_UP:]),
    }


def _complete(sessions: Any, actor: Actor, task_id: int) -> float:
    begin = time.perf_counter()
    with unit_of_work(sessions) as session:
        tasks.complete(session, actor, task_id, bench_http.ANSWERS, idempotency_key=f"ours-{task_id}")
    return time.perf_counter() - begin


def _send(connection: Connection, statements: Statements) -> float:
    begin = time.perf_counter()
    for statement, values in statements:
        connection.exec_driver_sql(statement, values).all()
    connection.commit()
    return time.perf_counter() - begin
