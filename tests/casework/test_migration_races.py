"""A move against a completion, a timer and a job that runs: each wins or loses as a whole, in every order."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.bpmn.upgrade_plan import Plan
from engine.casework import fsck, migration, tasks, work
from engine.errors import InvalidForm
from engine.store import jobs
from engine.store.history import History
from engine.store.instance_migrations import Outcome
from engine.store.instances import ProcessInstance
from engine.store.tasks import Task, TaskState
from tests import factories, small_case
from tests.bpmn import diagrams as d
from tests.casework.moving import FORM, LATE, REASON, deploy, groups
from tests.casework.racing import WRITE, Racer, racers
from tests.forms.builders import component

LOCK = "SELECT process_instance.rev"
TWO = (d.start(), d.user("a", groups()), d.user("b", groups()), d.end(), d.chain("start", "a", "b", "end"))
TYPED = {"note": "Ibu Contoh", "n": "3"}


def take(session: Session) -> Any:
    """A worker claims the next job."""
    return jobs.claim(session, None, 30)


class Scene:
    """One instance at task `a` of version 1, and a version 2 to move it to."""

    def __init__(self, one: Racer, other: Racer) -> None:
        self.one, self.other = one, other

    def set_up(self, *new: str, old: tuple[str, ...] = TWO, form: bytes = FORM) -> None:
        self.one.do(lambda session: self._set_up(session, old, new, form))

    def _set_up(self, session: Session, old: tuple[str, ...], new: tuple[str, ...], form: bytes) -> None:
        factories.places(session)
        self.tksk: Actor = factories.worker(session, "tksk01", "tksk")
        self.operator: Actor = factories.worker(session, "operator01", "operator")
        deploy(session, *old)
        self.instance_id = factories.start(session, "p", {"number": "K1"}).id
        self.task_id = session.scalar(select(Task.id))
        factories.deploy(session, {"p/p.bpmn": d.process(*new), "p/F.form": form})
        way = migration.route(session, self.operator, "p", 1, 2, Plan())
        self.run_id = migration.begin(session, self.operator, way, REASON).id

    def migrate(self, session: Session) -> Outcome:
        return migration.migrate(session, self.operator, self.run_id, self.instance_id).outcome

    def complete(self, session: Session) -> int:
        assert self.task_id is not None
        return tasks.complete(session, self.tksk, self.task_id, TYPED, idempotency_key="k1").task_id

    def told(self) -> list[str]:
        with self.one.sessions() as session:
            assert fsck.check(session) == []
        with self.one.sessions() as session:
            kinds = session.scalars(
                select(History.kind).where(History.instance_id == self.instance_id).order_by(History.id)
            )
            return [kind for kind in kinds if kind != "instance.started"]

    def open(self) -> list[str]:
        with self.one.sessions() as session:
            return list(session.scalars(select(Task.element_id).where(Task.state == TaskState.OPEN)))

    def version(self) -> int:
        with self.one.sessions() as session:
            row = session.get_one(ProcessInstance, self.instance_id)
            query = text("SELECT number FROM definition WHERE id = :id")
            return int(session.execute(query, {"id": row.definition_id}).scalar_one())


@pytest.fixture
def scene(committed_db: str) -> Iterator[Scene]:
    with racers(committed_db) as (one, other):
        yield Scene(one, other)


def test_a_completion_that_was_read_before_the_move_is_decided_anew_under_the_new_version(scene: Scene) -> None:
    scene.set_up(*TWO, *LATE)
    completing = scene.one.start(scene.complete, stop_before=WRITE)
    assert scene.other.do(scene.migrate) is Outcome.MIGRATED
    scene.one.go_on()
    assert completing.result() == scene.task_id
    assert scene.told() == ["instance.migrated", "task.completed"]
    assert scene.version() == 2


def test_a_move_that_was_read_before_a_completion_is_looked_at_anew(scene: Scene) -> None:
    scene.set_up(*TWO, *LATE)
    moving = scene.one.start(scene.migrate, stop_before=LOCK)
    scene.other.do(scene.complete)
    scene.one.go_on()
    assert moving.result() is Outcome.MIGRATED
    assert scene.told() == ["task.completed", "instance.migrated"]
    assert scene.open() == ["b"]


def test_a_completion_waits_for_a_move_that_is_being_written(scene: Scene) -> None:
    scene.set_up(*TWO, *LATE)
    moving = scene.one.start(scene.migrate, stop_before="INSERT INTO instance_migration")
    completing = scene.other.start(scene.complete)
    scene.one.go_on()
    assert (moving.result(), completing.result()) == (Outcome.MIGRATED, scene.task_id)
    assert scene.told() == ["instance.migrated", "task.completed"]


def test_who_completes_under_a_new_form_is_told_what_it_asks_and_keeps_what_was_typed(scene: Scene) -> None:
    more = component("textfield", "more", "Lagi", validate={"required": True})
    scene.set_up(*TWO, form=small_case.form_file("F", component("textfield", "note", "Catatan"), more, title="F"))
    assert scene.task_id is not None
    task_id = scene.task_id
    scene.other.do(lambda session: tasks.save_draft(session, scene.tksk, task_id, {"note": ["Ibu Contoh"]}, "sha"))
    completing = scene.one.start(scene.complete, stop_before=WRITE)
    scene.other.do(scene.migrate)
    scene.one.go_on()
    with pytest.raises(InvalidForm) as refused:
        completing.result()
    assert list(refused.value.messages) == ["more"]
    with scene.one.sessions() as session:
        draft = tasks.draft(session, scene.tksk, task_id)
        assert draft is not None
        assert draft.answers == {"note": ["Ibu Contoh"]}


def test_a_repeat_after_the_move_gets_the_first_answer(scene: Scene) -> None:
    scene.set_up(*TWO, *LATE)
    scene.one.do(scene.complete)
    scene.other.do(scene.migrate)
    assert scene.one.do(scene.complete) == scene.task_id
    assert scene.told() == ["task.completed", "instance.migrated"]


def test_a_move_does_not_wait_for_a_job_that_is_being_done(scene: Scene) -> None:
    body = (d.start(), d.service("a"), d.user("b", groups()), d.end(), d.chain("start", "a", "b", "end"))
    scene.set_up(*body, *LATE, old=body)
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session, context: work.JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        begun.set()
        assert go_on.wait(20)
        return {}

    working = scene.one._pool.submit(work.run_job, scene.one.sessions, {"work": slow})
    assert begun.wait(20)
    assert scene.other.do(scene.migrate) is Outcome.MIGRATED
    go_on.set()
    assert working.result()
    assert scene.told() == ["instance.migrated", "job.done"]


def test_a_job_that_was_taken_before_the_move_is_done_once_after_it(scene: Scene) -> None:
    body = (d.start(), d.service("a"), d.user("b", groups()), d.end(), d.chain("start", "a", "b", "end"))
    scene.set_up(*body, *LATE, old=body)
    effects: list[str] = []

    def once(session: Session, context: work.JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        effects.append(context.effect_key)
        return {}

    job_id, token = scene.one.do(take)
    assert scene.other.do(scene.migrate) is Outcome.MIGRATED
    work.attempt_job(scene.one.sessions, {"work": once}, job_id, token)
    assert len(effects) == 1
    assert scene.told() == ["instance.migrated", "job.done"]


def late_twice(scene: Scene) -> None:
    """A timer that is due, and a version that adds another one."""
    more = (d.boundary("more", "a", d.timer("P9D")), d.end("e9"), d.flow("more", "e9"))
    scene.set_up(*TWO, *LATE, *more, old=(*TWO, *LATE))
    scene.one.do(lambda session: session.execute(text("UPDATE job SET due_at = now() WHERE kind = 'timer'")))


def test_a_timer_fires_while_a_move_has_read(scene: Scene) -> None:
    late_twice(scene)
    moving = scene.one.start(scene.migrate, stop_before=LOCK)
    assert work.run_job(scene.other.sessions, {})
    scene.one.go_on()
    assert moving.result() is Outcome.MIGRATED
    assert scene.told() == ["timer.fired", "instance.migrated"]
    assert scene.open() == ["chase"]


def test_a_timer_that_was_taken_before_the_move_fires_after_it(scene: Scene) -> None:
    late_twice(scene)
    job_id, token = scene.one.do(take)
    assert scene.other.do(scene.migrate) is Outcome.MIGRATED
    work.attempt_job(scene.one.sessions, {}, job_id, token)
    assert scene.told() == ["instance.migrated", "timer.fired"]
    assert scene.open() == ["chase"]
