"""The statements that are sent most: each reads by the index that is meant for it, and few pages, at 6,000 cases.

The statements are those that the application sends, caught on their way to the database.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from engine.load_test import measure, run
from engine.queries import case_page, cases, history, inbox, people, task_page
from engine.store import jobs
from engine.store.session import make_engine, make_sessions

CASES = 6_000
MOST_BUFFERS = 200
MOST_OF_A_PAGE = 600
"""For a list's page: 26 rows, each joined by key to up to five tables, at three to four pages a look-up."""


@dataclass(frozen=True)
class Plan:
    """What PostgreSQL did: the indexes and tables it read, and how many pages."""

    sql: str
    indexes: frozenset[str]
    scanned: frozenset[str]
    buffers: int


@pytest.fixture(scope="module")
def filled(make_demo_db: Callable[[], str]) -> Iterator[Engine]:
    """A database of 6,000 cases, as `pilar load-test` makes it."""
    engine = make_engine(make_demo_db())
    run.fill_up(make_sessions(engine), engine, CASES, share=0.8, seed=1)
    yield engine
    engine.dispose()


@pytest.fixture
def session(filled: Engine) -> Iterator[Session]:
    with make_sessions(filled)() as session:
        yield session
        session.rollback()


@pytest.fixture
def scene(session: Session) -> measure.Scene:
    return measure.scene(session, 1)


def plans(session: Session, act: Callable[[], object]) -> list[Plan]:
    """Carry it out once for what is read the first time only, then see how each of its statements is carried out."""
    with session.begin_nested() as attempt:
        act()
        attempt.rollback()
    sent: list[tuple[str, Any]] = []
    connection = session.connection()

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    with session.begin_nested() as attempt:
        event.listen(connection, "before_cursor_execute", note)
        act()
        event.remove(connection, "before_cursor_execute", note)
        attempt.rollback()
    return [_plan(session, statement, values) for statement, values in sent if _is_ours(statement)]


def _is_ours(statement: str) -> bool:
    return statement.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "INSERT", "DELETE"))


def _plan(session: Session, statement: str, values: Mapping[str, Any]) -> Plan:
    with session.begin_nested() as attempt:
        cursor = session.connection().connection.cursor()
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
        root = cursor.fetchone()[0][0]["Plan"]
        attempt.rollback()
    nodes = list(_nodes(root))
    return Plan(
        " ".join(statement.split()),
        frozenset(node["Index Name"] for node in nodes if "Index Name" in node and node["Actual Loops"]),
        frozenset(node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan" and node["Actual Loops"]),
        root["Shared Hit Blocks"] + root["Shared Read Blocks"],
    )


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


Act = Callable[[Session, measure.Scene], object]
HOT: dict[str, tuple[Act, str, str]] = {
    "queue of a kecamatan": (
        lambda s, at: inbox.page(s, at.tksk, "queue", inbox.Filters()), "picked AS", "ix_task_open_kecamatan"
    ),
    "queue's counts": (
        lambda s, at: inbox.page(s, at.tksk, "queue", inbox.Filters()), "FROM step_count", "pk_step_count"
    ),
    "own tasks": (lambda s, at: inbox.page(s, at.tksk, "mine", inbox.Filters()), "picked AS", "ix_task_open_mine"),
    "task page": (lambda s, at: task_page.page(s, at.tksk, at.tasks[0]), "FROM task JOIN", "pk_task"),
    "case page's steps": (lambda s, at: case_page.page(s, at.tksk, at.cases[0]), "FROM task JOIN", "ix_task_case_id"),
    "history": (
        lambda s, at: history.of_case(s, at.tksk, at.cases[0]), "FROM history", "history_first_case_id_id_idx"
    ),
    "case list": (lambda s, at: cases.page(s, at.tksk, cases.Filters()), "picked AS", "ix_case_kecamatan"),
    "person by NIK": (
        lambda s, at: people.search(s, at.back_office, at.names[0][1]), "person.nik_index =", "ix_person_nik_index"
    ),
    "person by name": (
        lambda s, at: people.search(s, at.back_office, at.names[0][0]), "person_words", "ix_person_words"
    ),
    "claim of a due job": (lambda s, _: jobs.claim(s, None, 30), "UPDATE job", "ix_job_ready"),

}  # fmt: skip


@pytest.mark.parametrize("name", HOT)
def test_it_reads_by_its_index_and_few_pages(session: Session, scene: measure.Scene, name: str) -> None:
    act, part, index = HOT[name]
    session.execute(
        text("UPDATE job SET due_at = now() WHERE id IN (SELECT id FROM job WHERE state = 'ready' LIMIT 9)")
    )
    found = [plan for plan in plans(session, lambda: act(session, scene)) if part in plan.sql]
    assert found
    assert index in found[0].indexes, found[0]
    assert found[0].buffers <= (MOST_OF_A_PAGE if "picked AS" in found[0].sql else MOST_BUFFERS)
    assert not found[0].scanned & {"task", "case", "person", "process_instance", "job", "history_first", "answer"}
