"""Two at once on one task: one outcome, a clear answer for who lost, and what they typed is kept."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import messages, tasks
from engine.errors import Conflict, IdempotencyMismatch, TaskNotOpen
from engine.store.answers import Answer
from engine.store.history import History
from engine.store.messages import InboundMessage, MessageState, Subscription
from engine.store.session import make_engine, make_sessions, unit_of_work
from engine.store.tasks import Task
from engine.store.workers import Worker, WorkerRegion, WorkerRole
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.moving import deploy
from tests.casework.races import BODY, KEPT, TYPED, Scene
from tests.casework.racing import WRITE, racers


@pytest.fixture
def scene(committed_db: str) -> Iterator[Scene]:
    with racers(committed_db) as (one, other):
        yield Scene(one, other)


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
    slow.result()
    assert (scene.open(), scene.completions()) == (["b"], 1)
    assert scene.count(InboundMessage, InboundMessage.state == MessageState.BUFFERED) == 1


def test_a_reply_that_nobody_waits_for_any_more_is_refused_and_not_kept(scene: Scene) -> None:
    with scene.one.sessions() as session:
        waiting = session.scalars(select(Subscription.id)).one()
    slow = scene.one.start(
        lambda session: messages.reply(session, scene.operator, waiting, {}, "letter-1"), stop_before=WRITE
    )
    scene.other.do(scene.complete())
    scene.one.go_on()
    with pytest.raises(Conflict):
        slow.result()
    assert (scene.open(), scene.completions(), scene.count(InboundMessage)) == (["b"], 1, 0)


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


def test_the_same_message_at_the_same_moment_is_one(scene: Scene) -> None:
    slow = scene.one.start(scene.message, stop_before=WRITE)
    repeat = scene.other.start(scene.message)
    scene.one.wait_until_blocked()
    scene.one.go_on()
    slow.result()
    repeat.result()
    assert (scene.open(), scene.count(InboundMessage)) == (["heard"], 1)


def test_the_same_key_for_two_tasks_at_the_same_moment_is_refused_for_the_second(scene: Scene) -> None:
    second = scene.one.do(lambda session: factories.start(session, "p", {"number": "K2"}).id)
    with scene.one.sessions() as session:
        other_task = session.scalars(select(Task.id).where(Task.instance_id == second)).one()
    slow = scene.one.start(scene.complete(), stop_before=WRITE)
    scene.other.do(lambda session: tasks.complete(session, scene.sari, other_task, {**TYPED}, idempotency_key="k1"))
    scene.one.go_on()
    with pytest.raises(IdempotencyMismatch):
        slow.result()
    assert scene.completions() == 1


def test_the_key_of_another_worker_is_another_key(scene: Scene) -> None:
    scene.one.do(scene.complete())
    with pytest.raises(TaskNotOpen):
        scene.other.do(scene.complete(scene.budi))
