"""Kept counts: right before and after they are added up, at every change of a task or a case."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.casework import counting, tasks
from engine.queries import cases, inbox, team
from engine.store import counts
from engine.store.tasks import Task
from tests import factories, small_case


@pytest.fixture
def sari(session: Session) -> Actor:
    return factories.worker(session, "tksk61", "tksk")


@pytest.fixture
def head(session: Session) -> Actor:
    return factories.worker(session, "kb61", "kabid", at=("99.01",), restricted_duty=True)


def opened(session: Session, actor: Actor, name: str) -> Task:
    return small_case.open_task(session, small_case.register(session, actor, name))


def seen(session: Session, sari: Actor, head: Actor) -> tuple[object, ...]:
    page = inbox.page(session, sari, "queue", inbox.Filters())
    board = team.board(session, head, team.Filters())
    listed = cases.page(session, head, cases.Filters())
    loads = [(load.worker_id, load.open, load.overdue, load.today, load.done) for load in board.loads]
    return page.queue, page.steps, board.open, board.free, board.overdue, board.steps, loads, listed.open, listed.closed


def differing(session: Session) -> list[str]:
    return [row for query in counts.DIFFERING.values() for row in session.scalars(text(query))]


def test_what_is_shown_does_not_change_when_it_is_added_up(session: Session, sari: Actor, head: Actor) -> None:
    first, second, third = (opened(session, sari, f"Orang {number}") for number in range(3))
    first.due_at = clock.now() - timedelta(hours=1)
    session.flush()
    tasks.claim(session, sari, second.id)
    tasks.claim(session, sari, third.id)
    tasks.complete(session, sari, third.id, {"wish": "Makan teratur"})
    before = seen(session, sari, head)
    assert (before[0], before[4]) == (2, 1)  # the first one, and what the third one led to
    assert differing(session) == []
    assert counts.add_up(session) > 0
    assert seen(session, sari, head) == before
    counts.stage(session, clock.now(), counting.end_of_day(session))
    assert seen(session, sari, head) == before
    counts.add_up(session)
    assert seen(session, sari, head) == before
    assert session.execute(text("SELECT count(*) FROM work_change")).scalar_one() == 0
    assert differing(session) == []


def test_a_new_deadline_begins_anew(session: Session, sari: Actor, head: Actor) -> None:
    task = opened(session, sari, "Orang Satu")
    task.due_at = clock.now() - timedelta(hours=1)
    session.flush()
    counts.stage(session, clock.now(), counting.end_of_day(session))
    assert team.board(session, head, team.Filters()).overdue == 1
    session.refresh(task)
    task.due_at = clock.now() + timedelta(days=9)
    session.flush()
    assert team.board(session, head, team.Filters()).overdue == 0
    assert differing(session) == []


def test_a_count_that_was_changed_by_hand_is_found_and_mended(session: Session, sari: Actor, head: Actor) -> None:
    opened(session, sari, "Orang Satu")
    counts.add_up(session)
    session.execute(text("UPDATE step_count SET number = number + 1"))
    assert differing(session) != []
    counts.recount(session)
    assert differing(session) == []
    assert inbox.page(session, sari, "queue", inbox.Filters()).queue == 1
