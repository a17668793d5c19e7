"""The demo is loaded on every day alike."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select

from engine import clock
from engine.settings import PROJECT
from engine.store.cases import Case
from engine.store.session import make_engine, make_sessions
from engine.stories.demo import load_cases


def test_the_demo_can_be_loaded_in_three_years(make_demo_db: Callable[[], str]) -> None:
    engine = make_engine(make_demo_db())
    try:
        with make_sessions(engine)() as session, clock.travel(clock.now() + timedelta(days=3 * 365)):
            told = load_cases(session, PROJECT / "workflows")
            cases = session.scalar(select(func.count()).select_from(Case))
    finally:
        engine.dispose()
    assert told > 5
    assert cases is not None
    assert cases >= told - 1
