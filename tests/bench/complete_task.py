"""What completing a task costs against the same SQL without an engine, on one server in one run.

Both contestants read the task and the instance and then write the same rows in one statement and one commit. The
engine's side also checks permission and form, loads the state, advances it and encodes it.
"""

import statistics
import time
from dataclasses import dataclass

from sqlalchemy import Engine, event, text

from engine.casework import tasks
from engine.store.session import make_sessions, unit_of_work
from tests import factories
from tests.bpmn import diagrams as d

ROUNDS = 400
WARM_UP = 40
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
    """About `size` bytes of facts."""
    return {"rounds": 1, **{f"fact_{number}": "nilai contoh " * 4 for number in range(size // 70)}}


def engine_side(engine: Engine, size: int) -> tuple[Figures, dict[str, int]]:
    """Complete tasks through the command; figures and the sizes written."""
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as session:
        worker = factories.worker(session, f"tksk{size}", "tksk")
        factories.deploy(session, {"p/p.bpmn": diagram()})
        instance_id = factories.start(session, "p", facts(size)).id
    times, counter = [], Counter(engine)
    for number in range(ROUNDS + WARM_UP):
        with sessions() as session:
            task_id = session.execute(OPEN, {"id": instance_id}).scalar_one()
        with counter:
            begin = time.perf_counter()
            with unit_of_work(sessions) as session:
                tasks.complete(session, worker, task_id, {}, idempotency_key=f"k{size}-{number}")
            times.append(time.perf_counter() - begin)
    return _figures(times, counter.count / (ROUNDS + WARM_UP)), _sizes(engine, instance_id)


def _sizes(engine: Engine, instance_id: int) -> dict[str, int]:
    query = text(
        "SELECT octet_length(body) AS body, (SELECT octet_length(detail::text) FROM history"
        " WHERE instance_id = :id ORDER BY id DESC LIMIT 1) AS detail FROM process_instance WHERE id = :id"
    )
    with engine.connect() as connection:
        row = connection.execute(query, {"id": instance_id}).one()
    return {"body": row.body, "detail": row.detail}


READ = text(
    """SELECT t.*, i.body, i.rev AS instance_rev FROM task t JOIN process_instance i ON i.id = t.instance_id
       WHERE t.id = :task"""
)
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


def limit_side(engine: Engine, size: int, sizes: dict[str, int]) -> Figures:
    """The same rows and bytes with two statements and no engine."""
    with unit_of_work(make_sessions(engine)) as session:
        instance_id = factories.start(session, "p", {"rounds": 1}).id
        actor = session.execute(text("SELECT max(id) FROM worker")).scalar_one()
        task = session.execute(OPEN, {"id": instance_id}).scalar_one()
    values = {
        "id": instance_id,
        "actor": actor,
        "body": b"\x01" * sizes["body"],
        "detail": '{"steps":"' + "x" * sizes["detail"] + '"}',
        "sha": "0" * 64,
    }
    times = []
    with engine.connect() as connection:
        for number in range(ROUNDS + WARM_UP):
            begin = time.perf_counter()
            row = connection.execute(READ, {"task": task}).one()
            changing = {"rev": row.instance_rev, "task": task, "wait": f"w{number}", "key": f"l{size}-{number}"}
            task = connection.execute(WRITE, values | changing).scalar_one()
            connection.commit()
            times.append(time.perf_counter() - begin)
    return _figures(times, 2)


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
        ours, sizes = engine_side(engine, size)
        limit = limit_side(engine, size, sizes)
        found |= {
            f"complete_task_{name}_p50_ms": ours.p50,
            f"complete_task_{name}_p95_ms": ours.p95,
            f"limit_{name}_p50_ms": limit.p50,
            f"complete_task_{name}_ratio_p50": round(ours.p50 / limit.p50, 2),
            f"complete_task_{name}_ratio_p95": round(ours.p95 / limit.p95, 2),
            f"complete_task_{name}_state_bytes": float(sizes["body"]),
            "complete_task_sql": ours.statements,
        }
    return found
