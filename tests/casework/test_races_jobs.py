"""People against timers and operations: nobody waits for what runs in the background, and nothing happens twice."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.casework import operation, work
from engine.casework.firing import Claimed, fire_together
from engine.errors import TaskNotOpen
from engine.store import jobs
from engine.store.history import History
from engine.store.incidents import Incident
from engine.store.jobs import Job, JobState
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.moving import deploy
from tests.casework.races import KEPT, Scene
from tests.casework.racing import WRITE, racers

HOLD = "FOR NO KEY UPDATE OF process_instance"


@pytest.fixture
def scene(committed_db: str) -> Iterator[Scene]:
    with racers(committed_db) as (one, other):
        yield Scene(one, other)


def _fire_together(scene: Scene, *, stop_before: str) -> "Future[list[Claimed]]":
    """Somebody fires the timers of two instances in one transaction, and stands still before that statement."""
    claimed = scene.claim_timers()
    return scene.other.start(lambda _: fire_together(scene.other.sessions, claimed, "15s"), stop_before=stop_before)


def test_a_completion_loses_against_a_timer(scene: Scene) -> None:
    job_id, token = scene.claim_timer()
    slow = scene.one.start(scene.complete(), stop_before=WRITE)
    work.attempt_job(scene.other.sessions, {}, job_id, token)
    scene.one.go_on()
    with pytest.raises(TaskNotOpen, match="cancelled"):
        slow.result()
    assert (scene.open(), scene.completions(), scene.kept()) == (["chase"], 0, KEPT)


def test_a_completion_waits_for_a_timer_that_is_being_written(scene: Scene) -> None:
    """Both touch the instance and then the timer's job, in this order: none waits for the other for ever."""
    job_id, token = scene.claim_timer()
    firing = scene.other.start(
        lambda session: work.attempt_job(scene.other.sessions, {}, job_id, token), stop_before=WRITE
    )
    completing = scene.one.start(scene.complete())
    scene.one.wait_until_blocked()
    scene.other.go_on()
    firing.result()
    with pytest.raises(TaskNotOpen, match="cancelled"):
        completing.result()
    assert (scene.open(), scene.completions(), scene.kept()) == (["chase"], 0, KEPT)


def test_a_timer_that_was_taken_before_a_completion_finds_nothing_to_do(scene: Scene) -> None:
    """Its worker has read that the job is its own, and has not yet got hold of the instance."""
    job_id, token = scene.claim_timer()
    firing = scene.other.start(lambda _: work.attempt_job(scene.other.sessions, {}, job_id, token), stop_before=HOLD)
    scene.one.do(scene.complete())
    scene.other.go_on()
    firing.result()
    assert (scene.open(), scene.completions()) == (["b"], 1)
    assert scene.count(Job, Job.id == job_id, Job.state == JobState.CANCELLED) == 1
    assert scene.count(History, History.kind == "timer.fired") == scene.count(Incident) == 0


def test_a_completion_loses_against_timers_that_are_fired_together(scene: Scene) -> None:
    claimed = scene.claim_timers()
    slow = scene.one.start(scene.complete(), stop_before=WRITE)
    assert fire_together(scene.other.sessions, claimed, "15s") == []
    scene.one.go_on()
    with pytest.raises(TaskNotOpen, match="cancelled"):
        slow.result()
    assert (scene.open(), scene.completions(), scene.kept()) == (["chase", "chase"], 0, KEPT)


def test_a_completion_waits_for_timers_that_are_being_fired_together(scene: Scene) -> None:
    firing = _fire_together(scene, stop_before=WRITE)
    completing = scene.one.start(scene.complete())
    scene.one.wait_until_blocked()
    scene.other.go_on()
    assert firing.result() == []
    with pytest.raises(TaskNotOpen, match="cancelled"):
        completing.result()
    assert (scene.open(), scene.completions(), scene.kept()) == (["chase", "chase"], 0, KEPT)


def test_timers_that_were_taken_together_before_a_completion_fire_but_for_its_own(scene: Scene) -> None:
    firing = _fire_together(scene, stop_before=HOLD)
    scene.one.do(scene.complete())
    scene.other.go_on()
    (left,) = firing.result()
    work.attempt_job(scene.other.sessions, {}, *left)
    assert (scene.open(), scene.completions()) == (["b", "chase"], 1)
    assert scene.count(History, History.kind == "timer.fired") == 1
    assert scene.count(Incident) == 0


def test_a_cancellation_does_not_wait_for_an_operation(scene: Scene) -> None:
    """What the operation did inside is taken back, and nobody tries it again."""

    def begin(session: Session) -> int:
        deploy(session, d.start(), d.service("s"), d.end(), d.chain("start", "s", "end"))
        return factories.start(session, "p").id

    instance_id = scene.one.do(begin)
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session, context: work.JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        session.add(History(kind="effect", detail={}))
        session.flush()
        begun.set()
        assert go_on.wait(20)
        return {}

    working = scene.one._pool.submit(work.run_job, scene.one.sessions, {"work": slow})
    assert begun.wait(20)
    scene.other.do(lambda session: operation.end(session, scene.operator, instance_id, "Salah catat"))
    go_on.set()
    assert working.result()
    assert scene.count(History, History.kind == "effect") == 0
    assert scene.count(Job, Job.instance_id == instance_id, Job.state != JobState.CANCELLED) == 0
    assert not work.run_job(scene.one.sessions, {"work": slow})


def test_a_lease_is_prolonged_while_an_operation_runs(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "LEASE_SECONDS", 1)

    def begin(session: Session) -> None:
        deploy(session, d.start(), d.service("s"), d.end(), d.chain("start", "s", "end"))
        factories.start(session, "p")

    scene.one.do(begin)

    def slow(session: Session, context: work.JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Longer than its lease: until that was prolonged three times."""
        seen: set[Any] = set()
        while len(seen) < 4:
            seen.add(
                scene.other.do(lambda session: session.scalar(select(Job.lease_until).where(Job.id == context.job_id)))
            )
            assert scene.other.do(jobs.expire) == []
        return {}

    assert work.run_job(scene.one.sessions, {"work": slow})
    assert scene.count(Job, Job.kind == "service", Job.state == JobState.DONE) == 1


def test_a_lease_that_is_to_be_prolonged_does_not_wait_for_the_job_that_is_being_finished(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the one would wait for the other: what prolongs ends before the job's transaction does."""
    monkeypatch.setattr(work, "LEASE_SECONDS", 0.3)

    def begin(session: Session) -> None:
        deploy(session, d.start(), d.service("s"), d.end(), d.chain("start", "s", "end"))
        factories.start(session, "p")

    scene.one.do(begin)
    prolonging = scene.one.watch("UPDATE job SET lease_until")
    working = scene.one.start(
        lambda _: work.run_job(scene.one.sessions, {"work": lambda *_: {}}), stop_before="INSERT INTO history"
    )
    prolonging.clear()
    assert prolonging.wait(20)
    scene.one.go_on()
    assert working.result(10)
    assert scene.count(Job, Job.kind == "service", Job.state == JobState.DONE) == 1


def test_a_job_whose_instance_is_held_meanwhile_waits_with_it(scene: Scene) -> None:
    job_id, token = scene.claim_timer()
    scene.other.do(lambda session: operation.hold(session, scene.operator, scene.instance_id, "Diperiksa dulu"))
    work.attempt_job(scene.one.sessions, {}, job_id, token)
    assert scene.count(Job, Job.id == job_id, Job.state == JobState.SUSPENDED) == 1
    scene.other.do(lambda session: operation.go_on(session, scene.operator, scene.instance_id))
    scene.one.do(lambda session: session.execute(text("UPDATE job SET due_at = now() WHERE kind = 'timer'")))
    assert work.run_job(scene.one.sessions, {})
    assert scene.open() == ["chase"]
