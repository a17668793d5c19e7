"""The demo is loaded on every day alike, and everybody finds something in it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.casework import demo_data
from engine.queries import inbox
from engine.settings import PROJECT
from engine.store.cases import Case
from engine.store.disasters import DisasterEvent
from engine.store.history import History
from engine.store.incidents import Incident
from engine.store.messages import Subscription
from engine.store.session import make_engine, make_sessions
from engine.store.tasks import Task
from engine.store.workers import by_username
from engine.stories.demo import load_case, load_cases
from engine.stories.script import StoryError

# Whose first page is another one than the inbox.
NO_TASKS = {"analyst", "operator", "admin", "dpo"}
STATUSES = {"registered", "assessed", "planned", "awaiting_approval", "referred", "in_service", "monitoring"}
STATUSES |= {"closed", "withdrawn", "died"}


def test_the_demo_can_be_loaded_in_three_years(make_demo_db: Callable[[], str]) -> None:
    engine = make_engine(make_demo_db())
    try:
        with make_sessions(engine)() as session, clock.travel(clock.now() + timedelta(days=3 * 365)):
            told = load_cases(session, PROJECT / "workflows")
            assert told > 25
            assert session.scalars(select(func.count()).select_from(Case)).one() >= told - 5
            _lies_in_the_past(session)
            _is_for_everybody(session)
    finally:
        engine.dispose()


def _lies_in_the_past(session: Session) -> None:
    assert session.scalar(select(func.max(History.at))) <= clock.now()
    assert session.scalar(select(func.max(Task.created_at))) <= clock.now()


def _is_for_everybody(session: Session) -> None:
    at_work = [name for name, _, roles, *_ in demo_data.WORKERS if not NO_TASKS & set(roles)]
    assert [name for name in at_work if not _waiting(session, name)] == []
    for row in (Incident, DisasterEvent):
        assert session.scalars(select(row)).all(), row.__name__
    assert session.scalars(select(Subscription).where(Subscription.name == "msg_penetapan")).all()
    assert set(session.scalars(select(Case.status))) >= STATUSES
    assert session.scalars(select(Case).where(Case.restricted)).all()


def _waiting(session: Session, username: str) -> int:
    worker = by_username(session, username)
    assert worker is not None
    page = inbox.page(session, worker.actor(), "queue", inbox.Filters())
    return page.mine + page.queue


def test_a_case_of_the_demo_never_reaches_into_the_future(stage_session: Session) -> None:
    entry = {"story": "case/client_moved", "steps": 2, "ago": "PT1H", "pace": "PT2H"}
    with pytest.raises(StoryError, match="has passed already"):
        load_case(stage_session, PROJECT / "workflows", entry)
