"""`pilar load-test` makes a database that the engine could have made itself, and only where nobody works."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from engine.casework import fsck
from engine.load_test import measure, run
from engine.store.session import make_engine, make_sessions, unit_of_work
from tests import factories

CASES = 400


def test_what_it_fills_keeps_every_promise(make_demo_db: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "ROUNDS", 2)
    monkeypatch.setattr(measure, "WARM_UP", 0)
    engine = make_engine(make_demo_db())
    sessions = make_sessions(engine)
    sizes = run.grow(sessions, engine, [CASES // 2, CASES], share=0.5, seed=3, say=lambda _: None)
    assert [size.cases for size in sizes] == [CASES // 2, CASES]
    assert sizes[-1].open_tasks == pytest.approx(CASES / 2, rel=0.1)
    assert all(taken.p50 > 0 for taken in sizes[-1].taken.values())
    assert "supervisor's board" in run.table(sizes)
    with sessions() as session:
        assert fsck.check(session) == []
    with sessions() as session:
        assert session.execute(text("SELECT count(DISTINCT nik_index) FROM person")).scalar_one() == CASES
    engine.dispose()


def test_it_refuses_a_database_in_use(committed_db: str) -> None:
    engine = make_engine(committed_db)
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as session:
        factories.worker(session, "somebody", "tksk")
    with pytest.raises(run.NotEmpty):
        run.grow(sessions, engine, [100], share=0.8, seed=1, say=lambda _: None)
    with sessions() as session:
        assert session.execute(text("SELECT count(*) FROM definition")).scalar_one() == 0
    engine.dispose()
