"""What completing a task costs against the same SQL without an engine, on one server in one run.

Both contestants read the task and the instance and then write the same rows in one statement and one commit. The
engine's side also checks permission and form, loads the state, advances it and encodes it.
"""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, event, text

from engine.actors import SYSTEM
from engine.casework import messages, tasks
from engine.store.session import make_sessions, unit_of_work
from engine.store.workers import by_username
from tests import factories
from tests.bpmn import diagrams as d

ROUNDS = 400
WARM_UP = 40
WAL_ROUNDS = 100
WRITTEN = text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
OPEN = text("SELECT id FROM task WHERE instance_id = :id AND state = 'open'")


@dataclass(frozen=True)
class Figures:
    """Milliseconds per completion, and statements."""

    p50: float
    p95: float
    statements: float


def diagram() -> bytes:
    """A loop with a gateway: every completion evaluates a condition and opens the next task."""
    return d.process(
        d.start(),
        d.user("Assess", d.z("assignmentDefinition", candidateGroups="tksk"), name="Asesmen"),
        d.gateway("exclusive", "Again", default="Again-end"),
        d.end(),
        d.flow("start", "Assess"),
        d.flow("Assess", "Again"),
        d.flow("Again", "Assess", "=rounds > 0"),
        d.flow("Again", "end"),
    )


def facts(size: int) -> dict[str, object]:
    """About `size` bytes of facts that compression does not make much smaller."""
    chance = random.Random(size)  # noqa: S311 - figures, not secrets
    return {"rounds": 1, **{f"fact_{number}": f"{chance.getrandbits(240):060x}" for number in range(size // 75)}}


def listening() -> bytes:
    """Waits for a message again and again."""
    news = d.catch("News", d.event("message", messageRef="news"))
    parts = (d.start(), d.gateway("exclusive", "Again"), news, d.chain("start", "Again", "News", "Again"))
    return d.process(*parts, id="q", roots=d.message("news", key="=number"))


Step = Callable[[int], None]


def engine_side(engine: Engine, size: int) -> tuple[Step, Callable[[], int], int]:
    """A step that completes the open task through the command; the next task; the instance."""
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as session:
        found = by_username(session, "tksk01")
        worker = factories.worker(session, "tksk01", "tksk") if found is None else found.actor()
        factories.deploy(session, {"p/p.bpmn": diagram()})
        instance_id = factories.start(session, "p", facts(size)).id

    def next_task() -> int:
        with sessions() as session:
            return int(session.execute(OPEN, {"id": instance_id}).scalar_one())

    def step(task_id: int) -> None:
        with unit_of_work(sessions) as session:
            tasks.complete(session, worker, task_id, {}, idempotency_key=f"k{task_id}")

    return step, next_task, instance_id


def _sizes(engine: Engine, instance_id: int) -> dict[str, int]:
    query = text(
        "SELECT octet_length(body) AS body, coalesce(octet_length(base), 0) AS base,"
        " (SELECT octet_length(detail::text) FROM history WHERE instance_id = :id ORDER BY id DESC LIMIT 1) AS detail"
        " FROM process_instance WHERE id = :id"
    )
    with engine.connect() as connection:
        row = connection.execute(query, {"id": instance_id}).one()
    return {"body": row.body, "base": row.base, "detail": row.detail}


READ = text(
    """SELECT t.*, i.body, i.base, i.rev AS instance_rev FROM task t JOIN process_instance i ON i.id = t.instance_id
       WHERE t.id = :task"""
)
BASED = text("UPDATE process_instance SET base = :base WHERE id = :id")
WRITE = text(
    """
    WITH moved AS (UPDATE process_instance SET body = :body, rev = rev + 1 WHERE id = :id AND rev = :rev RETURNING id),
    closed AS (UPDATE task SET state = 'completed', rev = task.rev + 1, closed_at = now(), closed_by = (:actor)::bigint
               FROM moved WHERE task.id = :task RETURNING 1),
    opened AS (INSERT INTO task (instance_id, wait_id, process_id, element_id, name, name_en, candidate_groups,
                 region_code, restricted, urgency, priority, state, rev, properties, local, created_at)
               SELECT moved.id, (:wait)::text, 'p', 'Assess', 'Asesmen', '', ARRAY['tksk'], '99.01.01.2001', false, 3,
                 50, 'open', 1, '{}', '{}', now() FROM moved RETURNING id),
    noted AS (INSERT INTO history (at, kind, instance_id, actor_id, process_id, element_id, detail)
              SELECT now(), 'task.completed', moved.id, (:actor)::bigint, 'p', 'Assess', (:detail)::jsonb
              FROM moved RETURNING 1),
    kept AS (INSERT INTO command (actor_id, idempotency_key, name, body_sha256, answer, created_at)
             SELECT (:actor)::bigint, (:key)::text, 'complete_task', (:sha)::text, '{}', now() FROM moved RETURNING 1)
    SELECT opened.id FROM opened
    """
)


def limit_side(connection: Connection, size: int, sizes: dict[str, int]) -> Callable[[], None]:
    """A step that writes the same rows and bytes with two statements and no engine."""
    with unit_of_work(make_sessions(connection.engine)) as session:
        instance_id = factories.start(session, "p", {"rounds": 1}).id
        actor = session.execute(text("SELECT max(id) FROM worker")).scalar_one()
        first = session.execute(OPEN, {"id": instance_id}).scalar_one()
        session.execute(BASED, {"id": instance_id, "base": b"\x01" * sizes["base"] or None})
    values = {
        "id": instance_id,
        "actor": actor,
        "body": b"\x01" * sizes["body"],
        "detail": '{"steps":"' + "x" * sizes["detail"] + '"}',
        "sha": "0" * 64,
    }
    at = {"task": first}

    def step() -> None:
        row = connection.execute(READ, at).one()
        key = f"{size}-{at['task']}"
        changing = {"rev": row.instance_rev, "wait": f"w{key}", "key": f"l{key}"}
        at["task"] = connection.execute(WRITE, values | at | changing).scalar_one()
        connection.commit()

    return step


def contest(engine: Engine, size: int) -> tuple[Figures, Figures, dict[str, int]]:
    """Engine and limit in turns, so that whatever else the machine does troubles both alike."""
    ours, next_task, instance_id = engine_side(engine, size)
    ours(next_task())
    sizes = _sizes(engine, instance_id)
    mine: list[float] = []
    theirs: list[float] = []
    counter = Counter(engine)
    with engine.connect() as connection:
        limit = limit_side(connection, size, sizes)
        for _ in range(ROUNDS + WARM_UP):
            task_id = next_task()
            with counter:
                mine.append(seconds(lambda task_id=task_id: ours(task_id)))  # type: ignore[misc]
            theirs.append(seconds(limit))
    return _figures(mine, counter.count / (ROUNDS + WARM_UP)), _figures(theirs, 2), sizes


def wal_per_step(engine: Engine, size: int) -> float:
    """Bytes of write-ahead log that one completion writes, whole pages after a checkpoint left out."""
    step, next_task, _ = engine_side(engine, size)
    for _ in range(WARM_UP):
        step(next_task())
    todo = next_task()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        written = []
        for _ in range(WAL_ROUNDS):
            before = connection.execute(WRITTEN).scalar_one()
            step(todo)
            written.append(float(connection.execute(WRITTEN).scalar_one() - before))
            todo = next_task()
    return statistics.median(written)


def wal_of_news(engine: Engine, size: int) -> float:
    """Bytes of write-ahead log that a message with five new facts writes, each time others: the mean of many."""
    sessions, chance = make_sessions(engine), random.Random(0)  # noqa: S311 - figures, not secrets
    with unit_of_work(sessions) as session:
        factories.deploy(session, {"q/q.bpmn": listening()})
        factories.start(session, "q", facts(size) | {"number": f"K{size}"})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        before = connection.execute(WRITTEN).scalar_one()
        for number in range(WAL_ROUNDS):
            names = (f"fact_{(5 * number + index) % (size // 75)}" for index in range(5))
            news = {name: f"{chance.getrandbits(240):060x}" for name in names}
            with unit_of_work(sessions) as session:
                messages.receive(
                    session, SYSTEM, "news", f"K{size}", news, source="bench", message_id=f"{size}-{number}"
                )
        return float(connection.execute(WRITTEN).scalar_one() - before) / WAL_ROUNDS


def seconds(work: Callable[[], None]) -> float:
    """How long the work took."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _figures(times: list[float], statements: float) -> Figures:
    ordered = sorted(times[WARM_UP:])
    p95 = ordered[int(len(ordered) * 0.95)]
    return Figures(round(statistics.median(ordered) * 1000, 3), round(p95 * 1000, 3), round(statements, 1))


class Counter:
    """Counts statements while it is entered."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        self._engine = engine

    def _note(self, *_: object) -> None:
        self.count += 1

    def __enter__(self) -> "Counter":
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)


def measure(engine: Engine) -> dict[str, float]:
    """Flat figures: milliseconds, ratios, statements and bytes."""
    found: dict[str, float] = {}
    for size, name in ((2_000, "2kb"), (20_000, "20kb")):
        ours, limit, sizes = contest(engine, size)
        found |= {
            f"complete_task_{name}_p50_ms": ours.p50,
            f"complete_task_{name}_p95_ms": ours.p95,
            f"limit_{name}_p50_ms": limit.p50,
            f"complete_task_{name}_ratio_p50": round(ours.p50 / limit.p50, 2),
            f"complete_task_{name}_ratio_p95": round(ours.p95 / limit.p95, 2),
            f"complete_task_{name}_state_bytes": float(sizes["body"] + sizes["base"]),
            f"complete_task_{name}_wal_bytes": wal_per_step(engine, size),
            f"news_{name}_wal_bytes": wal_of_news(engine, size),
            "complete_task_sql": ours.statements,
        }
    return found
