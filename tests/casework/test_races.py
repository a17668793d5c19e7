"""Two at once on one task: one outcome, a clear answer for who lost, and what they typed is kept."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.casework import fsck, messages, operation, tasks, work
from engine.casework.tasks import Completed
from engine.errors import Conflict, IdempotencyMismatch, TaskNotOpen
from engine.store import jobs
from engine.store.answers import Answer
from engine.store.history import History
from engine.store.jobs import Job, JobState
from engine.store.session import make_engine, make_sessions, unit_of_work
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker, WorkerRegion, WorkerRole
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.moving import deploy, groups
from tests.casework.racing import WRITE, Racer, racers

TYPED = {"note": "Ibu Contoh", "n": "3"}
BODY = (
    d.start(), d.user("a", groups()), d.user("b", groups()), d.end(), d.chain("start", "a", "b", "end"),
    d.boundary("late", "a", d.timer("P5D")), d.user("chase", groups()), d.end("e2"), d.chain("late", "chase", "e2"),
    d.boundary("news", "a", d.event("message", messageRef="msg")), d.user("heard", groups()), d.end("e3"),
    d.chain("news", "heard", "e3"),
)  # fmt: skip


class Scene:
    """A task `a` that two may do, with a timer and a message that interrupt it."""

    def __init__(self, one: Racer, other: Racer) -> None:
        self.one, self.other = one, other
        one.do(self._set_up)

    def _set_up(self, session: Session) -> None:
        self.sari = factories.worker(session, "tksk01", "tksk")
        self.budi = factories.worker(session, "tksk02", "tksk")
        self.head = factories.worker(session, "kb01", "kabid")
        self.operator = factories.worker(session, "operator01", "operator")
        deploy(session, *BODY, roots=d.message("msg", key="=number"))
        self.instance_id = factories.start(session, "p", {"number": "K1"}).id
        self.task_id = session.scalars(select(Task.id)).one()
        tasks.save_draft(session, self.sari, self.task_id, {"note": ["Ibu Contoh"]}, "sha")

    def complete(self, actor: Actor | None = None, key: str = "k1", **typed: str) -> Callable[[Session], Completed]:
        who, answers = actor or self.sari, {**TYPED, **typed}
        return lambda session: tasks.complete(session, who, self.task_id, answers, idempotency_key=key)

    def assign(self, session: Session) -> None:
        tasks.assign(session, self.head, self.task_id, self.budi.id or 0)

    def cancel(self, session: Session) -> None:
        operation.end(session, self.operator, self.instance_id, "Salah catat")

    def message(self, session: Session) -> None:
        messages.receive(session, SYSTEM, "msg", "K1", {}, source="test", message_id="1")

    def claim_timer(self) -> tuple[int, Any]:
        """The timer is due, and a worker has taken it."""

        def claim(session: Session) -> Any:
            session.execute(text("UPDATE job SET due_at = now() WHERE kind = 'timer'"))
            return jobs.claim(session, None, 30)

        found: tuple[int, Any] = self.one.do(claim)
        return found

    def kept(self) -> dict[str, Any] | None:
        """Sari's draft."""
        with self.one.sessions() as session:
            draft = tasks.draft(session, self.sari, self.task_id)
            return draft.answers if draft is not None else None

    def open(self) -> list[str]:
        """Open tasks; everything else is in order too."""
        with self.one.sessions() as session:
            assert [breach for breach in fsck.check(session) if breach.rule != "job_late"] == []
        with self.one.sessions() as session:
            return list(session.scalars(select(Task.element_id).where(Task.state == TaskState.OPEN)))

    def count(self, model: type, *where: Any) -> int:
        with self.one.sessions() as session:
            return session.scalar(select(func.count()).select_from(model).where(*where)) or 0

    def completions(self) -> int:
        return self.count(History, History.kind == "task.completed")


@pytest.fixture
def scene(committed_db: str) -> Iterator[Scene]:
    with racers(committed_db) as (one, other):
        yield Scene(one, other)


KEPT = {"note": ["Ibu Contoh"]}


def test_fifty_claims_have_one_winner_and_forty_nine_clear_answers(committed_db: str) -> None:
    engine = make_engine(committed_db, pool_size=50)
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as session:
        first = factories.worker(session, "tksk00", "tksk")
        deploy(session, *BODY, roots=d.message("msg", key="=number"))
        factories.start(session, "p", {"number": "K1"})
        task_id = session.scalars(select(Task.id)).one()
        actors = [first, *colleagues(session, first, 49)]
    together = threading.Barrier(50)

    def claim(actor: Actor) -> str:
        with sessions() as session:
            session.execute(text("SELECT 1"))
            together.wait(30)
            try:
                tasks.claim(session, actor, task_id)
                session.commit()
            except TaskNotOpen as refused:
                return str(refused)
        return "taken"

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(claim, actors))
    with sessions() as session:
        task = session.get_one(Task, task_id)
        winner = session.get_one(Worker, task.assignee_id)
        assert session.scalar(select(func.count()).select_from(History).where(History.kind == "task.claimed")) == 1
    engine.dispose()
    assert answers.count("taken") == 1
    assert actors[answers.index("taken")].id == winner.id
    assert len([answer for answer in answers if winner.name in answer]) == 49


def colleagues(session: Session, like: Actor, count: int) -> list[Actor]:
    """Workers with the password, roles and regions of another: hashing fifty passwords takes longer than the test."""
    password = session.get_one(Worker, like.id).password_hash
    rows = [
        Worker(
            username=f"tksk{number:02}",
            name=f"Petugas tksk{number:02}",
            password_hash=password,
            roles=[WorkerRole(role=role) for role in like.roles],
            regions=[WorkerRegion(region_code=code) for code in like.regions],
        )
        for number in range(1, count + 1)
    ]
    session.add_all(rows)
    session.flush()
    return [row.actor() for row in rows]


def test_two_complete_one_task(scene: Scene) -> None:
    slow = scene.one.start(scene.complete(), stop_before=WRITE)
    scene.other.do(scene.complete(scene.budi, key="k2"))
    scene.one.go_on()
    with pytest.raises(TaskNotOpen, match="completed by Petugas tksk02"):
        slow.result()
    assert (scene.open(), scene.completions(), scene.count(Answer)) == (["b"], 1, 1)


def test_a_completion_loses_against_a_reassignment_and_keeps_what_was_typed(scene: Scene) -> None:
    slow = scene.one.start(scene.complete(), stop_before=WRITE)
    scene.other.do(scene.assign)
    scene.one.go_on()
    with pytest.raises(TaskNotOpen, match="Petugas tksk02"):
        slow.result()
    assert (scene.open(), scene.completions(), scene.kept()) == (["a"], 0, KEPT)


def test_a_reassignment_loses_against_a_completion(scene: Scene) -> None:
    slow = scene.one.start(scene.assign, stop_before="FOR UPDATE")
    scene.other.do(scene.complete())
    scene.one.go_on()
    with pytest.raises(TaskNotOpen, match="completed by Petugas tksk01"):
        slow.result()
    assert (scene.open(), scene.completions()) == (["b"], 1)


def test_a_completion_loses_against_a_cancellation_and_keeps_what_was_typed(scene: Scene) -> None:
    slow = scene.one.start(scene.complete(), stop_before=WRITE)
    scene.other.do(scene.cancel)
    scene.one.go_on()
    with pytest.raises(TaskNotOpen, match="cancelled"):
        slow.result()
    assert (scene.open(), scene.completions(), scene.kept()) == ([], 0, KEPT)


def test_a_cancellation_that_was_read_before_a_completion_ends_what_came_of_it(scene: Scene) -> None:
    slow = scene.one.start(scene.cancel, stop_before=WRITE)
    scene.other.do(scene.complete())
    scene.one.go_on()
    slow.result()
    assert (scene.open(), scene.completions()) == ([], 1)


def test_a_completion_loses_against_a_message(scene: Scene) -> None:
    slow = scene.one.start(scene.complete(), stop_before=WRITE)
    scene.other.do(scene.message)
    scene.one.go_on()
    with pytest.raises(TaskNotOpen, match="cancelled"):
        slow.result()
    assert (scene.open(), scene.completions(), scene.kept()) == (["heard"], 0, KEPT)


def test_a_message_that_was_read_before_a_completion_is_kept_for_who_waits_next(scene: Scene) -> None:
    slow = scene.one.start(scene.message, stop_before=WRITE)
    scene.other.do(scene.complete())
    scene.one.go_on()
    with pytest.raises(Conflict):
        slow.result()
    assert (scene.open(), scene.completions()) == (["b"], 1)


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


# -- repeats ----------------------------------------------------------------------------------------------------------


def test_a_repeat_at_the_same_moment_gets_the_first_answer(scene: Scene) -> None:
    slow = scene.one.start(scene.complete(), stop_before=WRITE)
    first = scene.other.do(scene.complete())
    scene.one.go_on()
    second = slow.result()
    assert (first.replayed, second.replayed) == (False, True)
    assert (first.task_id, first.instance_id) == (second.task_id, second.instance_id)
    assert (scene.open(), scene.completions(), scene.count(Answer)) == (["b"], 1, 1)


def test_the_same_key_with_another_body_is_refused(scene: Scene) -> None:
    slow = scene.one.start(scene.complete(note="Lain"), stop_before=WRITE)
    scene.other.do(scene.complete())
    scene.one.go_on()
    with pytest.raises(IdempotencyMismatch):
        slow.result()
    with pytest.raises(IdempotencyMismatch):
        scene.other.do(scene.complete(note="Lain lagi"))
    assert scene.completions() == 1


def test_the_key_of_another_worker_is_another_key(scene: Scene) -> None:
    scene.one.do(scene.complete())
    with pytest.raises(TaskNotOpen):
        scene.other.do(scene.complete(scene.budi))
