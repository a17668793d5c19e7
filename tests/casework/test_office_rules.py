"""Settings and calendar are kept between requests, and still every request goes by what holds now."""

from datetime import date
from typing import Any

from sqlalchemy import Engine, delete, event, insert, text
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM
from engine.casework import accounts, office
from engine.casework.rules import office_rules
from engine.store.office import CalendarDay, OfficeSetting
from engine.store.session import make_engine, make_sessions, unit_of_work
from engine.store.workers import by_username
from tests import factories

FREE = date(2026, 3, 5)


def ask(engine: Engine, token: str) -> tuple[Any, bool, int]:
    """What a request of its own finds: the setting, whether the day is worked on, and statements it took."""
    count = 0

    def note(*_: Any) -> None:
        nonlocal count
        count += 1

    event.listen(engine, "before_cursor_execute", note)
    with make_sessions(engine)() as session:
        assert accounts.find_session(session, token) is not None
        rules = office_rules(session)
        found = rules.find("most"), rules.calendar.is_working_day(FREE), count
    event.remove(engine, "before_cursor_execute", note)
    return found


def signed_in(session: Session) -> str:
    factories.worker(session, "sari", "tksk")
    worker = by_username(session, "sari")
    assert worker is not None
    values = {"name": "most", "effective_from": date(2020, 1, 1), "value": 3, "created_at": clock.now()}
    session.execute(insert(OfficeSetting).values(unit="", source="", **values))
    return accounts.open_session(session, worker, "test")


def test_a_change_holds_from_the_next_request_and_nothing_is_read_twice(committed_db: str) -> None:
    engine, other = make_engine(committed_db), make_engine(committed_db)
    with unit_of_work(make_sessions(other)) as session:
        token = signed_in(session)
    assert ask(engine, token) == (3, True, 3)
    assert ask(engine, token) == (3, True, 1)
    with unit_of_work(make_sessions(other)) as session:
        office.set_value(session, SYSTEM, "most", 4, date(2021, 1, 1))
        assert ask(engine, token) == (3, True, 1), "not before it is committed"
    assert ask(engine, token) == (4, True, 3)
    with other.begin() as connection:
        connection.execute(insert(CalendarDay).values(on=FREE, is_off=True, name="Libur"))
    assert ask(engine, token) == (4, False, 3)
    with other.begin() as connection:
        connection.execute(delete(CalendarDay))
    assert ask(engine, token)[1]
    with other.begin() as connection:
        connection.execute(text("TRUNCATE office_setting"))
    assert ask(engine, token)[0] is None
    engine.dispose()
    other.dispose()


def test_who_changes_a_setting_goes_by_it_at_once_and_nobody_by_what_was_taken_back(session: Session) -> None:
    token = signed_in(session)
    assert accounts.find_session(session, token) is not None
    assert office_rules(session).find("most") == 3
    with session.begin_nested() as inner:
        office.set_value(session, SYSTEM, "most", 5, date(2022, 1, 1))
        assert office_rules(session).find("most") == 5
        inner.rollback()
    assert accounts.find_session(session, token) is not None
    assert office_rules(session).find("most") == 3
