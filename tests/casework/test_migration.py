"""Instances move with the rows that mirror them: claimed tasks, drafts, timers, jobs, messages, incidents."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.bpmn.upgrade_plan import Plan
from engine.casework import migration, operation, tasks
from engine.store.history import History
from engine.store.incidents import Incident, IncidentState
from engine.store.instance_migrations import Outcome
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import JobState
from engine.store.messages import Subscription
from engine.store.tasks import Task
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


def test_a_claimed_task_keeps_who_has_it_what_was_typed_and_when_it_is_due(
    session: Session, operator: Actor, tksk: Actor
) -> None:
    schedule = d.z("taskSchedule", dueDate="P3D")
    instance_id = begin(
        session, d.start(), d.user("a", groups() + schedule, name="Lama"), d.end(), d.chain("start", "a", "end")
    )
    before = task_at(session, "a")
    tasks.claim(session, tksk, before.id)
    tasks.save_draft(session, tksk, before.id, {"note": ["Ibu Contoh"]}, "sha")
    was = (before.id, before.assignee_id, before.claimed_at, before.due_at)
    later = d.z("taskSchedule", dueDate="P9D")
    deploy(
        session,
        d.start(),
        d.user("b", groups("tksk, peksos", why="x") + later, name="Baru"),
        d.end(),
        d.chain("start", "b", "end"),
    )

    done, _ = move(session, operator, instance_id, rename={"a": "b"})

    after = task_at(session, "b")
    assert done.outcome is Outcome.MIGRATED
    assert (after.id, after.assignee_id, after.claimed_at, after.due_at) == was
    assert (after.name, after.candidate_groups, after.properties["why"]) == ("Baru", ["tksk", "peksos"], "x")
    draft = tasks.draft(session, tksk, after.id)
    assert draft is not None
    assert draft.answers == {"note": ["Ibu Contoh"]}
    tasks.complete(session, tksk, after.id, {"note": "selesai"})
    assert session.get_one(ProcessInstance, instance_id, populate_existing=True).state is InstanceState.COMPLETED


def test_the_history_says_who_moved_it_and_why(session: Session, operator: Actor) -> None:
    instance_id = begin(session, *ONE)
    deploy(session, *ONE, *LATE)
    _, run_id = move(session, operator, instance_id)
    row = session.scalars(select(History).where(History.kind == "instance.migrated")).one()
    assert (row.actor_id, row.instance_id) == (operator.id, instance_id)
    assert (row.detail["run"], row.detail["from"], row.detail["to"], row.detail["reason"]) == (run_id, 1, 2, REASON)
    assert [change["kind"] for change in row.detail["changes"]] == ["stays", "added"]
    instance = session.get_one(ProcessInstance, instance_id, populate_existing=True)
    assert (instance.definition_id, row.definition_id) == (route(session, operator).new.id,) * 2


def test_a_boundary_timer_is_added_kept_and_removed(session: Session, operator: Actor) -> None:
    instance_id = begin(session, *ONE)
    deploy(session, *ONE, *LATE)
    with clock.travel(clock.now() + timedelta(days=1)):
        move(session, operator, instance_id)
        due = job_at(session, "late").due_at
        assert due > clock.now() + timedelta(days=4)
        deploy(session, *ONE[:1], d.user("a", groups(), name="Baru"), *ONE[2:], *LATE)
        way = migration.route(session, operator, "p", 2, 3, Plan())
        migration.migrate(session, operator, migration.begin(session, operator, way, REASON).id, instance_id)
        assert job_at(session, "late").due_at == due
        deploy(session, *ONE)
        way = migration.route(session, operator, "p", 3, 4, Plan(remove=frozenset({"late"})))
        migration.migrate(session, operator, migration.begin(session, operator, way, REASON).id, instance_id)
    assert job_at(session, "late").state is JobState.CANCELLED


def test_a_subscription_follows_its_element_and_its_message(session: Session, operator: Actor) -> None:
    body = (d.start(), d.catch("a", d.event("message", messageRef="msg")), d.end(), d.chain("start", "a", "end"))
    instance_id = begin(session, *body, roots=MESSAGE)
    other = (d.start(), d.catch("b", d.event("message", messageRef="new")), d.end(), d.chain("start", "b", "end"))
    deploy(session, *other, roots=d.message("new", key="=number"))
    move(session, operator, instance_id, rename={"a": "b"})
    row = session.scalars(select(Subscription)).one()
    assert (row.element_id, row.name, row.correlation_key) == ("b", "new", "K1")


def test_a_job_keeps_its_attempts_and_one_that_is_called_otherwise_begins_anew(
    session: Session, operator: Actor
) -> None:
    def body(operation: str, id_: str = "a") -> tuple[str, ...]:
        return d.start(), d.service(id_, operation), d.end(), d.chain("start", id_, "end")

    instance_id = begin(session, *body("wrong"))
    job = job_at(session, "a")
    job.attempts, job.state, job.last_error = 3, JobState.DEAD, "unknown_operation"
    session.add(Incident(instance_id=instance_id, job_id=job.id, wait_id=job.wait_id, element_id="a", code="job_dead",
                         message="", created_at=clock.now()))  # fmt: skip
    session.flush()
    deploy(session, *body("wrong", "b"))
    move(session, operator, instance_id, rename={"a": "b"})
    job = job_at(session, "b")
    assert (job.attempts, job.state) == (3, JobState.DEAD)
    assert session.scalars(select(Incident.element_id)).one() == "b"

    deploy(session, *body("right", "b"))
    way = migration.route(session, operator, "p", 2, 3, Plan())
    migration.migrate(session, operator, migration.begin(session, operator, way, REASON).id, instance_id)
    job = job_at(session, "b")
    assert (job.operation, job.attempts, job.state) == ("right", 0, JobState.READY)
    assert session.scalars(select(Incident.state)).one() is IncidentState.RESOLVED


def test_a_job_that_is_being_done_is_not_called_otherwise_meanwhile(session: Session, operator: Actor) -> None:
    instance_id = begin(session, d.start(), d.service("a", "wrong"), d.end(), d.chain("start", "a", "end"))
    job_at(session, "a").state = JobState.RUNNING
    session.flush()
    deploy(session, d.start(), d.service("a", "right"), d.end(), d.chain("start", "a", "end"))
    found, _ = move(session, operator, instance_id)
    assert codes(found) == [("job_running", "a")]


def test_an_incident_is_retried_under_the_new_version(session: Session, operator: Actor) -> None:
    def body(condition: str) -> tuple[str, ...]:
        return (d.start(), d.gateway("exclusive", "x", default="no"), d.user("b", groups()), d.end(), d.end("e2"),
                d.flow("start", "x"), d.flow("x", "b", condition), d.flow("x", "e2", id="no"),
                d.flow("b", "end"))  # fmt: skip

    instance_id = begin(session, *body("=missing > 3"), n=5)
    deploy(session, *body("=n > 3"))
    move(session, operator, instance_id)
    operation.retry(session, operator, session.scalars(select(Incident.id)).one())
    assert task_at(session, "b").instance_id == instance_id


def test_half_of_many_is_done_and_stays_done(session: Session, operator: Actor, tksk: Actor) -> None:
    def body(id_: str) -> tuple[str, ...]:
        return (
            d.start(),
            d.user(id_, groups(), d.multi("=[1, 2, 3]", output="out", result="=n")),
            d.end(),
            d.chain("start", id_, "end"),
        )

    instance_id = begin(session, *body("a"))
    first, *others = session.scalars(select(Task.id).where(Task.element_id == "a").order_by(Task.id)).all()
    tasks.complete(session, tksk, first, {"note": "x", "n": "7"})
    deploy(session, *body("b"))
    move(session, operator, instance_id, rename={"a": "b"})
    for number, task_id in enumerate(others):
        tasks.complete(session, tksk, task_id, {"note": "x", "n": str(8 + number)})
    assert session.get_one(ProcessInstance, instance_id, populate_existing=True).state is InstanceState.COMPLETED


def test_what_a_call_activity_runs_moves_with_it(session: Session, operator: Actor, tksk: Actor) -> None:
    call = d.element("callActivity", "c", zeebe=d.z("calledElement", processId="q"))
    outer = (d.start(), call, d.end(), d.chain("start", "c", "end"))
    inner = d.process(d.start(), d.user("a", groups(), name="Lama"), d.end(), d.chain("start", "a", "end"), id="q")
    deploy(session, *outer, q=inner)
    instance_id = factories.start(session, "p").id
    new = d.process(d.start(), d.user("a", groups(), name="Baru"), *LATE, d.end(), d.chain("start", "a", "end"), id="q")
    deploy(session, *outer, q=new)
    move(session, operator, instance_id)
    assert task_at(session, "a").name == "Baru"
    assert job_at(session, "late").state is JobState.READY


def test_a_suspended_instance_stays_suspended_with_what_is_new(session: Session, operator: Actor) -> None:
    instance_id = begin(session, *ONE)
    operation.hold(session, operator, instance_id, REASON)
    deploy(session, *ONE, *LATE)
    move(session, operator, instance_id)
    row = session.get_one(ProcessInstance, instance_id, populate_existing=True)
    assert (row.state, job_at(session, "late").state) == (InstanceState.SUSPENDED, JobState.SUSPENDED)
    operation.go_on(session, operator, instance_id)
    assert job_at(session, "late").state is JobState.READY
