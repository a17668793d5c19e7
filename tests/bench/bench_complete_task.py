"""`complete_task` against the same SQL without an engine: ratio at most 3 at the median, statements at most 4."""

from sqlalchemy import Engine

from engine.store.session import make_engine
from tests.bench import complete_task, report

MOST_RATIO = 3.0
MOST_STATEMENTS = 4


def test_complete_task(committed_db: str) -> None:
    engine: Engine = make_engine(committed_db)
    try:
        figures = complete_task.measure(engine)
    finally:
        engine.dispose()
    report.keep(figures)
    assert figures["complete_task_2kb_ratio_p50"] <= MOST_RATIO
    assert figures["complete_task_20kb_ratio_p50"] <= MOST_RATIO
    assert figures["complete_task_sql"] <= MOST_STATEMENTS
