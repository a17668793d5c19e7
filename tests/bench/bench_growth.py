"""Cost that does not grow: the thousandth round of a case against the tenth, a thousand instances against a hundred."""

import statistics
import time
from collections.abc import Callable

from sqlalchemy import Engine, text

from engine.actors import Actor
from engine.casework import tasks
from engine.store.session import Sessions, make_engine, make_sessions, unit_of_work
from tests import factories
from tests.bench import complete_task, report
from tests.bpmn import diagrams as d

PAIRS = 200
MOST_LOOP, MOST_MANY, MOST_STATE = 1.1, 20, 16 * 1024
OPEN = text("SELECT id FROM task WHERE instance_id = :id AND state = 'open' ORDER BY id")
STATE = text("SELECT octet_length(body) FROM process_instance WHERE id = :id")
MANY = d.process(
    d.start(),
    d.user("Visit", d.z("assignmentDefinition", candidateGroups="tksk"), d.multi("=homes", output="out", result="=1")),
    d.end(),
    d.chain("start", "Visit", "end"),
)


def test_growth(committed_db: str) -> None:
    engine = make_engine(committed_db)
    figures = loop(engine) | many(engine)
    engine.dispose()
    report.keep(figures)
    assert figures["loop_1000_over_10"] <= MOST_LOOP
    assert figures["loop_1000_state_bytes"] <= MOST_STATE
    assert figures["multi_instance_1000_over_100"] <= MOST_MANY


def loop(engine: Engine) -> dict[str, float]:
    """The same round of an old and a young instance, in turns."""
    old, old_task, old_id = complete_task.engine_side(engine, 2_000)
    young, young_task, _ = complete_task.engine_side(engine, 2_000)
    for _ in range(1_000):
        old(old_task())
    for _ in range(10):
        young(young_task())
    pairs = [(_seconds(old, old_task()), _seconds(young, young_task())) for _ in range(PAIRS)]
    with engine.connect() as connection:
        state = connection.execute(STATE, {"id": old_id}).scalar_one()
    medians = [statistics.median(side) for side in zip(*pairs, strict=True)]
    return {"loop_1000_over_10": round(medians[0] / medians[1], 3), "loop_1000_state_bytes": float(state)}


def many(engine: Engine) -> dict[str, float]:
    """Seconds to start and complete a parallel multi-instance of a thousand, against one of a hundred."""
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as session:
        worker = factories.worker(session, "tksk09", "tksk")
        factories.deploy(session, {"m/m.bpmn": MANY.replace(b'id="p"', b'id="m"')})
    hundred = min(_whole(engine, sessions, worker, 100) for _ in range(3))
    return {"multi_instance_1000_over_100": round(_whole(engine, sessions, worker, 1_000) / hundred, 1)}


def _whole(engine: Engine, sessions: Sessions, worker: Actor, number: int) -> float:
    begin = time.perf_counter()
    with unit_of_work(sessions) as session:
        instance_id = factories.start(session, "m", {"homes": list(range(number))}).id
    with engine.connect() as connection:
        todo = list(connection.execute(OPEN, {"id": instance_id}).scalars())
    assert len(todo) == number
    for task_id in todo:
        with unit_of_work(sessions) as session:
            tasks.complete(session, worker, task_id, {})
    return time.perf_counter() - begin


def _seconds(step: Callable[[int], None], task_id: int) -> float:
    return complete_task.seconds(lambda: step(task_id))
