"""Who gets a message or a signal: one of several, who comes late, who is held, who is interrupted by it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM
from engine.casework import instances, messages, work
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobState
from engine.store.messages import InboundMessage, MessageState, Subscription
from engine.store.session import Sessions, make_engine, make_sessions, unit_of_work
from tests import factories
from tests.bpmn import diagrams as d

LETTER = d.event("message", messageRef="m")
FLOOD = d.event("signal", signalRef="sig")
ROOTS = d.message("m", "reply", key="=number") + d.element("signal", "sig", name="flood")


@pytest.fixture
def sessions(committed_db: str) -> Iterator[Sessions]:
    engine = make_engine(committed_db)
    made = make_sessions(engine)
    with unit_of_work(made) as session:
        factories.places(session)
    yield made
    engine.dispose()


def begin(sessions: Sessions, *parts: str, number: str = "N-1", **variables: object) -> int:
    """An instance of a process of these parts between start and end; its id."""
    with unit_of_work(sessions) as session:
        body = d.process(d.start(), *parts, d.end(), id="p", roots=ROOTS)
        factories.deploy(session, {"p/p.bpmn": body})
        return factories.start(session, "p", {"number": number, **variables}).id


def send(sessions: Sessions, message_id: str, number: str = "N-1") -> MessageState:
    with unit_of_work(sessions) as session:
        return messages.receive(session, SYSTEM, "reply", number, {}, source="office", message_id=message_id).state


def run_all(sessions: Sessions) -> None:
    while work.run_job(sessions, {}):
        pass


def state(sessions: Sessions, instance_id: int) -> InstanceState:
    with sessions() as session:
        return session.get_one(ProcessInstance, instance_id).state


def waiting(session: Session) -> list[str]:
    return list(session.scalars(select(Subscription.element_id).order_by(Subscription.id)))


CATCH = (d.catch("Wait", LETTER), d.chain("start", "Wait", "end"))


def test_of_two_that_wait_the_one_that_waits_longer_gets_it(sessions: Sessions) -> None:
    first, second = begin(sessions, *CATCH), begin(sessions, *CATCH)
    assert send(sessions, "1") is MessageState.DELIVERED
    assert (state(sessions, first), state(sessions, second)) == (InstanceState.COMPLETED, InstanceState.ACTIVE)
    assert send(sessions, "1") is MessageState.DELIVERED
    assert state(sessions, second) is InstanceState.ACTIVE
    assert send(sessions, "2") is MessageState.DELIVERED
    assert state(sessions, second) is InstanceState.COMPLETED


def test_another_key_is_for_somebody_else(sessions: Sessions) -> None:
    first = begin(sessions, *CATCH)
    assert send(sessions, "1", "N-2") is MessageState.BUFFERED
    assert state(sessions, first) is InstanceState.ACTIVE


def test_a_kept_message_is_let_go_after_its_time(sessions: Sessions) -> None:
    assert send(sessions, "1") is MessageState.BUFFERED
    with clock.travel(clock.now() + messages.TIME_TO_LIVE + timedelta(seconds=1)):
        with unit_of_work(sessions) as session:
            messages.expire_buffered(session)
        late = begin(sessions, *CATCH)
        run_all(sessions)
    assert state(sessions, late) is InstanceState.ACTIVE


def test_an_event_gateway_takes_what_came_before_it(sessions: Sessions) -> None:
    send(sessions, "1")
    choice = (
        d.gateway("eventBased", "g"),
        d.catch("Answer", LETTER),
        d.catch("Late", d.timer("P3D")),
        d.end("given_up"),
        d.chain("start", "g", "Answer", "end"),
        d.chain("g", "Late", "given_up"),
    )
    instance = begin(sessions, *choice)
    run_all(sessions)
    assert state(sessions, instance) is InstanceState.COMPLETED
    with sessions() as session:
        timers = session.scalars(select(Job.state).where(Job.element_id == "Late")).all()
    assert set(timers) <= {JobState.CANCELLED, JobState.DONE}


def test_each_instance_of_a_receive_task_takes_one_of_those_kept(sessions: Sessions) -> None:
    for one in ("1", "2", "3"):
        send(sessions, one)
    task = d.element("receiveTask", "Collect", d.multi("=[1, 2]"), messageRef="m")
    instance = begin(sessions, task, d.chain("start", "Collect", "end"))
    run_all(sessions)
    assert state(sessions, instance) is InstanceState.COMPLETED
    with sessions() as session:
        states = session.scalars(select(InboundMessage.state).order_by(InboundMessage.id)).all()
    assert states == [MessageState.DELIVERED, MessageState.DELIVERED, MessageState.BUFFERED]


def test_a_message_for_an_instance_that_is_held_is_kept_until_it_goes_on(sessions: Sessions) -> None:
    instance = begin(sessions, *CATCH)
    with unit_of_work(sessions) as session:
        instances.suspend(session, SYSTEM, instance, "audit")
    assert send(sessions, "1") is MessageState.BUFFERED
    run_all(sessions)
    assert state(sessions, instance) is InstanceState.SUSPENDED
    with unit_of_work(sessions) as session:
        instances.resume(session, SYSTEM, instance)
    for _ in range(2):
        work.sweep(sessions)
    run_all(sessions)
    assert state(sessions, instance) is InstanceState.COMPLETED


def test_a_message_and_a_wait_that_missed_each_other_are_brought_together(sessions: Sessions) -> None:
    """Each read before the other wrote: both are there, and no job for them."""
    send(sessions, "1")
    instance = begin(sessions, *CATCH)
    with unit_of_work(sessions) as session:
        session.execute(delete(Job))
    assert len(work.sweep(sessions)) == 1
    run_all(sessions)
    assert state(sessions, instance) is InstanceState.COMPLETED


def test_a_signal_passes_by_who_is_held(sessions: Sessions) -> None:
    heard = (d.catch("Hear", FLOOD), d.chain("start", "Hear", "end"))
    held, running = begin(sessions, *heard), begin(sessions, *heard)
    with unit_of_work(sessions) as session:
        instances.suspend(session, SYSTEM, held, "audit")
        assert messages.broadcast(session, "signal:flood", {}) == 1
    assert state(sessions, running) is InstanceState.COMPLETED
    assert state(sessions, held) is InstanceState.SUSPENDED


def test_a_signal_that_interrupts_one_of_its_receivers_reaches_the_others(sessions: Sessions) -> None:
    inside = d.sub(
        "Work", d.start("s1"), d.gateway("parallel", "f"), d.user("Do"), d.catch("Hear", FLOOD), d.end("e1"),
        d.chain("s1", "f", "Do", "e1"), d.chain("f", "Hear", "e1"),
    )  # fmt: skip
    leave = (
        d.boundary("Leave", "Work", FLOOD),
        d.end("left"),
        d.chain("start", "Work", "end"),
        d.chain("Leave", "left"),
    )
    first = begin(sessions, inside, *leave)
    second = begin(sessions, d.catch("Hear", FLOOD), d.chain("start", "Hear", "end"))
    with unit_of_work(sessions) as session:
        messages.broadcast(session, "signal:flood", {})
    assert state(sessions, first) is InstanceState.COMPLETED
    assert state(sessions, second) is InstanceState.COMPLETED
    with sessions() as session:
        assert waiting(session) == []
