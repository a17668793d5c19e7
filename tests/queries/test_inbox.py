"""The inbox: who sees which task, in which order, page by page, and how many there are."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.casework import tasks
from engine.queries import inbox
from engine.queries.inbox import Filters
from engine.store.tasks import Task
from tests import factories, small_case


@pytest.fixture
def sari(session: Session) -> Actor:
    return factories.worker(session, "tksk31", "tksk")


def made(session: Session, actor: Actor, name: str, *, urgency: int = 3, hours: float | None = None) -> Task:
    """An open task with a priority and a deadline."""
    task = small_case.open_task(session, small_case.register(session, actor, name))
    task.urgency = urgency
    task.due_at = clock.now() + timedelta(hours=hours) if hours is not None else None
    session.flush()
    return task


def ids(page: inbox.Inbox) -> list[int]:
    return [item.id for item in page.items]


def test_the_queue_is_for_the_groups_and_regions_of_the_worker(session: Session, sari: Actor) -> None:
    task = made(session, sari, "Rukmini Contoh")
    elsewhere = factories.worker(session, "tksk32", "tksk", at=("99.01.02",))
    other_role = factories.worker(session, "fo31", "fo")
    assert ids(inbox.page(session, sari, "queue", Filters())) == [task.id]
    for actor in (elsewhere, other_role):
        page = inbox.page(session, actor, "queue", Filters())
        assert (ids(page), page.queue) == ([], 0)


def test_a_claimed_task_moves_to_mine_and_a_finished_one_to_done(session: Session, sari: Actor) -> None:
    task = made(session, sari, "Rukmini Contoh")
    tasks.claim(session, sari, task.id)
    page = inbox.page(session, sari, "mine", Filters())
    assert (ids(page), page.mine, page.queue) == ([task.id], 1, 0)
    assert [(step.element_id, step.count) for step in page.steps] == [("AssessNeeds", 1)]
    tasks.complete(session, sari, task.id, {"wish": "Makan teratur"})
    assert task.id in ids(inbox.page(session, sari, "done", Filters()))
    assert inbox.page(session, sari, "mine", Filters()).mine == 0


def test_a_restricted_task_is_for_named_people_only(session: Session, sari: Actor) -> None:
    task = made(session, sari, "Rukmini Contoh")
    on_duty = factories.worker(session, "tksk33", "tksk", restricted_duty=True)
    other = factories.worker(session, "tksk34", "tksk")
    task.restricted = True
    session.flush()
    assert inbox.page(session, other, "queue", Filters()).queue == 0
    assert ids(inbox.page(session, on_duty, "queue", Filters())) == [task.id]


def test_the_most_urgent_stands_first_then_the_nearest_deadline(session: Session, sari: Actor) -> None:
    later = made(session, sari, "A", urgency=2, hours=9)
    undated = made(session, sari, "B", urgency=2)
    first = made(session, sari, "C", urgency=1, hours=90)
    late = made(session, sari, "D", urgency=2, hours=-1)
    page = inbox.page(session, sari, "queue", Filters())
    assert ids(page) == [first.id, late.id, later.id, undated.id]
    by_due = inbox.page(session, sari, "queue", Filters(sort="due"))
    assert ids(by_due) == [late.id, later.id, first.id, undated.id]


@pytest.mark.parametrize("sort", ["rank", "due"])
def test_pages_follow_each_other_without_gap_or_repeat_both_ways(
    session: Session, sari: Actor, sort: inbox.Sort
) -> None:
    for number in range(7):
        made(session, sari, f"N{number}", urgency=1 + number % 3, hours=None if number % 4 == 0 else number)
    everything = ids(inbox.page(session, sari, "queue", Filters(sort=sort)))
    seen, after = [], ""
    for _ in range(4):
        page = inbox.page(session, sari, "queue", Filters(sort=sort, after=after), size=2)
        seen += ids(page)
        after = page.next
        if not after:
            break
    assert seen == everything
    back = inbox.page(session, sari, "queue", Filters(sort=sort, before=page.previous), size=2)
    assert ids(back) == everything[4:6]
    assert ids(inbox.page(session, sari, "queue", Filters(sort=sort, before=back.previous), size=2)) == everything[2:4]


@pytest.mark.parametrize(
    "cursor", ["x", "1_2", "1_2026-01-01_3", "a_2026-01-01T00:00:00+00:00_b", "'; drop table task"]
)
def test_a_cursor_that_is_not_ours_begins_at_the_beginning(session: Session, sari: Actor, cursor: str) -> None:
    task = made(session, sari, "Rukmini Contoh")
    assert ids(inbox.page(session, sari, "queue", Filters(after=cursor))) == [task.id]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(text="rukmini"), True),
        (Filters(text="Roekmini"), True),
        (Filters(text="budi"), False),
        (Filters(text="ASESMEN"), True),
        (Filters(text="contoh asri"), True),
        (Filters(text="100%"), False),
        (Filters(process="case"), True),
        (Filters(process="pkh"), False),
        (Filters(element="AssessNeeds"), True),
        (Filters(element="DecidePlan"), False),
        (Filters(region="99.01"), True),
        (Filters(region="99.01.02"), False),
        (Filters(priority="P2"), True),
        (Filters(priority="P1"), False),
        (Filters(due="today"), True),
        (Filters(due="overdue"), False),
    ],
)
def test_filters_narrow_the_list_but_not_the_counts(
    session: Session, sari: Actor, filters: Filters, found: bool
) -> None:
    task = made(session, sari, "Rukmini Contoh", urgency=2, hours=3)
    page = inbox.page(session, sari, "queue", filters)
    assert ids(page) == ([task.id] if found else [])
    assert page.queue == 1


def test_the_case_number_finds_the_task(session: Session, sari: Actor) -> None:
    task = made(session, sari, "Rukmini Contoh")
    number = inbox.page(session, sari, "queue", Filters()).items[0].case_no
    assert number.startswith("99.01.01-")
    assert ids(inbox.page(session, sari, "queue", Filters(text=number[-6:]))) == [task.id]


def test_regions_are_offered_to_those_who_work_in_several(session: Session, sari: Actor) -> None:
    head = factories.worker(session, "kb31", "kabid", at=("99.01",))
    assert inbox.page(session, sari, "mine", Filters()).regions == []
    assert len(inbox.page(session, head, "mine", Filters()).regions) == 3


def test_a_page_takes_three_statements_at_most(session: Session, sari: Actor) -> None:
    for number in range(5):
        made(session, sari, f"N{number}")
    session.expire_all()
    statements: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
    inbox.page(session, sari, "queue", Filters())
    assert len(statements) <= 3
