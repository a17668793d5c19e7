"""What people did stays true when instances move; runs go on where they were left, and moves are taken back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.bpmn.upgrade_plan import Plan
from engine.casework import migration, migration_plan, tasks
from engine.casework.migration import MovedOn
from engine.casework.migration_plan import InvalidPlan
from engine.errors import Conflict, Forbidden, InvalidForm, NotFound
from engine.store.history import History
from engine.store.instance_migrations import InstanceMigration, Outcome
from engine.store.instances import ProcessInstance
from engine.store.jobs import JobState
from engine.store.messages import Subscription
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.moving import (
    LATE,
    MESSAGE,
    ONE,
    REASON,
    begin,
    check_waits,
    codes,
    deploy,
    groups,
    job_at,
    move,
    route,
    task_at,
)


@pytest.fixture
def operator(session: Session) -> Actor:
    return factories.worker(session, "operator01", "operator")


@pytest.fixture
def tksk(session: Session) -> Actor:
    return factories.worker(session, "tksk01", "tksk")


@pytest.fixture(autouse=True)
def _sound(session: Session) -> Iterator[None]:
    yield
    check_waits(session)


# -- four eyes --------------------------------------------------------------------------------------------------------


def approval(*, four_eyes: bool, first: str = "a") -> tuple[str, ...]:
    properties = {"fourEyes": "true"} if four_eyes else {}
    return (d.start(), d.user(first, groups()), d.user("decide", groups(**properties)), d.end(),
            d.chain("start", first, "decide", "end"))  # fmt: skip


def test_an_approval_that_waits_stays_one(session: Session, operator: Actor, tksk: Actor) -> None:
    instance_id = begin(session, *approval(four_eyes=True))
    tasks.complete(session, tksk, task_at(session, "a").id, {"note": "x"})
    deploy(session, *approval(four_eyes=False))
    found, _ = move(session, operator, instance_id)
    assert codes(found) == [("four_eyes_lost", "decide")]


def test_a_task_taken_by_who_worked_on_the_case_does_not_become_an_approval(
    session: Session, operator: Actor, tksk: Actor
) -> None:
    instance_id = begin(session, *approval(four_eyes=False))
    tasks.complete(session, tksk, task_at(session, "a").id, {"note": "x"})
    tasks.claim(session, tksk, task_at(session, "decide").id)
    deploy(session, *approval(four_eyes=True))
    found, _ = move(session, operator, instance_id)
    assert codes(found) == [("four_eyes_broken", "decide")]
    tasks.release(session, tksk, task_at(session, "decide").id)
    found, _ = move(session, operator, instance_id)
    assert found.outcome is Outcome.MIGRATED


def test_finished_work_that_an_approval_needs_is_not_lost(session: Session, operator: Actor, tksk: Actor) -> None:
    instance_id = begin(session, *approval(four_eyes=True))
    tasks.complete(session, tksk, task_at(session, "a").id, {"note": "x"})
    deploy(session, *approval(four_eyes=True, first="other"))
    found, _ = move(session, operator, instance_id)
    assert codes(found) == [("finished_work_removed", "a")]
    found, _ = move(session, operator, instance_id, rename={"a": "other"})
    assert found.outcome is Outcome.MIGRATED
    with pytest.raises(Forbidden):
        tasks.claim(session, tksk, task_at(session, "decide").id)


# -- back -------------------------------------------------------------------------------------------------------------


def test_a_move_is_taken_back_with_its_rows(session: Session, operator: Actor, tksk: Actor) -> None:
    instance_id = begin(session, *ONE, *LATE)
    due, version = job_at(session, "late").due_at, session.get_one(ProcessInstance, instance_id).definition_id
    deploy(session, d.start(), d.user("b", groups("peksos"), name="Baru"), d.end(), d.chain("start", "b", "end"),
           d.sub("es", d.start("es1", d.event("message", messageRef="msg"), isInterrupting="false"), d.end("ee"),
                 d.chain("es1", "ee"), event_driven=True), roots=MESSAGE)  # fmt: skip
    _, run_id = move(session, operator, instance_id, rename={"a": "b"}, remove=frozenset({"late"}))
    assert session.scalars(select(Subscription.element_id)).all() == ["es1"]

    migration.take_back(session, operator, run_id, instance_id, "Ternyata keliru")

    task, row = task_at(session, "a"), session.get_one(ProcessInstance, instance_id, populate_existing=True)
    assert (task.name, task.candidate_groups, row.definition_id) == ("Lama", ["tksk"], version)
    assert (job_at(session, "late").state, job_at(session, "late").due_at) == (JobState.READY, due)
    assert session.scalars(select(Subscription.id)).all() == []
    assert session.scalars(select(InstanceMigration.outcome)).one() is Outcome.TAKEN_BACK
    assert "instance.migration_taken_back" in session.scalars(select(History.kind)).all()
    tasks.complete(session, tksk, task.id, {"note": "x"})


def test_a_task_that_was_removed_comes_back_with_whom_it_was(session: Session, operator: Actor, tksk: Actor) -> None:
    fork = (d.start(), d.gateway("parallel", "f"), d.user("a", groups()), d.end(), d.chain("start", "f", "a", "end"))
    instance_id = begin(session, *fork, d.user("b", groups()), d.end("e2"), d.chain("f", "b", "e2"))
    task = tasks.claim(session, tksk, task_at(session, "b").id)
    deploy(session, *fork)
    _, run_id = move(session, operator, instance_id, remove=frozenset({"b"}))
    migration.take_back(session, operator, run_id, instance_id, "Ternyata keliru")
    assert (task_at(session, "b").id, task_at(session, "b").assignee_id) == (task.id, tksk.id)


def test_there_is_no_way_back_after_the_next_step(session: Session, operator: Actor, tksk: Actor) -> None:
    two = (d.start(), d.user("a", groups()), d.user("b", groups()), d.end(), d.chain("start", "a", "b", "end"))
    instance_id = begin(session, *two)
    deploy(session, *two, *LATE)
    _, run_id = move(session, operator, instance_id)
    tasks.complete(session, tksk, task_at(session, "a").id, {"note": "x"})
    with pytest.raises(MovedOn):
        migration.take_back(session, operator, run_id, instance_id, "Ternyata keliru")
    migration.finish(session, operator, run_id)
    assert session.scalars(select(InstanceMigration.former).execution_options(populate_existing=True)).one() is None


# -- runs -------------------------------------------------------------------------------------------------------------


def test_a_run_goes_on_where_it_was_left(session: Session, operator: Actor) -> None:
    first = begin(session, *ONE)
    second = factories.start(session, "p").id
    deploy(session, *ONE, *LATE)
    way = route(session, operator)
    run = migration.begin(session, operator, way, REASON)
    assert migration.to_move(session, way) == [first, second]
    migration.migrate(session, operator, run.id, first)
    assert migration.begin(session, operator, way, "Dilanjutkan").id == run.id
    assert migration.to_move(session, way) == [second]
    assert migration.how_many(session, way) == 1
    migration.finish(session, operator, run.id)
    assert migration.begin(session, operator, way, REASON).id != run.id
    with pytest.raises(Conflict):
        migration.migrate(session, operator, run.id, first)


def test_who_may_and_what_is_asked_for(session: Session, operator: Actor, tksk: Actor) -> None:
    instance_id = begin(session, *ONE)
    deploy(session, *ONE, *LATE)
    with pytest.raises(Forbidden):
        route(session, tksk)
    with pytest.raises(NotFound):
        migration.route(session, operator, "p", 1, 9, Plan())
    with pytest.raises(InvalidPlan, match="unknown_element nothing"):
        route(session, operator, rename={"nothing": "a"})
    with pytest.raises(InvalidForm):
        migration.begin(session, operator, route(session, operator), " ")
    run = migration.begin(session, operator, route(session, operator), REASON)
    with pytest.raises(Forbidden):
        migration.migrate(session, tksk, run.id, instance_id)


@pytest.mark.parametrize("text", ["- a", "rename: [a]", "rename: {a: [b]}", "what: 1", "a: [", "rename: {a: }"])
def test_a_plan_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidPlan):
        migration_plan.read(text)


def test_a_plan_is_read_and_kept() -> None:
    plan = migration_plan.read("rename: {a: b, q/c: d}\nremove: [x, y]\nprocesses: {q: r}\n")
    assert plan == Plan({"a": "b", "q/c": "d"}, frozenset({"x", "y"}), {"q": "r"})
    assert migration_plan.from_json(migration_plan.as_json(plan)) == plan
    assert migration_plan.read("") == Plan()
