"""`complete_task` against the same SQL without an engine: ratio at most 3 at the median, statements at most 4."""

from sqlalchemy import Engine

from engine.store.session import make_engine
from tests.bench import case_step, complete_task, report

MOST_RATIO, MOST_RATIO_P95 = 3.0, 4.0
MOST_STATEMENTS = 4
MOST_WAL = 6 * 1024
MOST_WAL_OF_NEWS = 8 * 1024  # on average: now and then the base is written anew, and the server writes for itself


def test_complete_task(committed_db: str) -> None:
    engine: Engine = make_engine(committed_db)
    try:
        figures = complete_task.measure(engine)
    finally:
        engine.dispose()
    report.keep(figures)
    for size in ("2kb", "20kb"):
        assert figures[f"complete_task_{size}_ratio_p50"] <= MOST_RATIO
        assert figures[f"complete_task_{size}_ratio_p95"] <= MOST_RATIO_P95
        assert figures[f"complete_task_{size}_wal_bytes"] <= MOST_WAL
        assert figures[f"news_{size}_wal_bytes"] <= MOST_WAL_OF_NEWS
    assert figures["complete_task_sql"] <= MOST_STATEMENTS


def test_a_step_of_the_shipped_case(committed_db: str) -> None:
    engine: Engine = make_engine(committed_db)
    try:
        figures = case_step.measure(engine)
    finally:
        engine.dispose()
    report.keep(figures)
    assert figures["complete_case_task_ratio_p50"] <= MOST_RATIO
    assert figures["complete_case_task_sql"] <= MOST_STATEMENTS
