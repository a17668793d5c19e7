"""The office that stories are told in: the shipped processes and the demo's people, in a transaction rolled back."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine.store.session import make_engine


@pytest.fixture(scope="session")
def office(make_demo_db: Callable[[], str]) -> Iterator[Engine]:
    """The engine of a database with the demo's office."""
    engine = make_engine(make_demo_db())
    yield engine
    engine.dispose()


@pytest.fixture
def stage_session(office: Engine) -> Iterator[Session]:
    """A session whose work is gone after the story."""
    with office.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()
