"""Calls to other systems: under one key, a few at once, and never blindly twice where a repeat is not recognised."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.casework import outside, work
from engine.casework.outside import Receiver
from engine.casework.work import JobContext, Operations
from engine.store.incidents import Incident
from engine.store.jobs import Job, JobState
from engine.store.session import Sessions, make_engine, make_sessions, unit_of_work
from tests import factories
from tests.bpmn import diagrams as d
from tests.faults.outside import Outside

BODY = d.process(
    d.start(), d.service("tell", "tell"), d.user("next", d.z("assignmentDefinition", candidateGroups="tksk")), d.end(),
    d.chain("start", "tell", "next", "end"),
)  # fmt: skip
AGAIN = text("UPDATE job SET due_at = now() WHERE state = 'ready'")


@pytest.fixture
def sessions(committed_db: str) -> Iterator[Sessions]:
    engine = make_engine(committed_db)
    made = make_sessions(engine)
    with unit_of_work(made) as session:
        factories.deploy(session, {"p/p.bpmn": BODY})
        factories.start(session, "p")
    yield made
    engine.dispose()


@pytest.fixture
def receiver() -> Iterator[Outside]:
    other = Outside()
    yield other
    other.close()


def telling(receiver: Outside, *, recognises_repeats: bool, after: Callable[[], None] | None = None) -> Operations:
    """The operation `tell`; `after` happens when the call has been answered."""

    def tell(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        outside.send(session, context, Receiver(receiver.url, recognises_repeats), {"subject": "x"})
        if after is not None:
            after()
        return {}

    return {"tell": tell}


def attempt(sessions: Sessions, operations: Operations) -> Job:
    with unit_of_work(sessions) as session:
        session.execute(AGAIN)
    assert work.run_job(sessions, operations)
    return job(sessions)


def job(sessions: Sessions) -> Job:
    with sessions() as session:
        return session.scalars(select(Job)).one()


def incidents(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Incident.message)))


@pytest.mark.parametrize("manner", ["500", "close"])
def test_who_recognises_repeats_is_called_again_under_the_same_key(
    sessions: Sessions, receiver: Outside, manner: str
) -> None:
    operations = telling(receiver, recognises_repeats=True)
    receiver.manner = manner
    first = attempt(sessions, operations)
    assert (first.state, first.attempts, first.last_error) == (JobState.READY, 1, "outside_failed")
    assert attempt(sessions, operations).state is JobState.DONE
    assert list(receiver.attempts.values()) == [2]
    assert len(receiver.effects) == 1


@pytest.mark.parametrize("manner", ["500", "close"])
def test_who_does_not_is_called_once_and_then_a_person_decides(
    sessions: Sessions, receiver: Outside, manner: str
) -> None:
    receiver.manner = manner
    assert attempt(sessions, telling(receiver, recognises_repeats=False)).state is JobState.DEAD
    assert incidents(sessions) == ["tell: maybe_sent"]
    assert list(receiver.attempts.values()) == [1]


def test_a_worker_that_died_while_sending_is_not_followed_by_a_second_call(
    sessions: Sessions, receiver: Outside
) -> None:
    """Its lease ends, another worker takes the job, and finds the note that it was being sent."""

    def die() -> None:
        raise KeyboardInterrupt

    operations = telling(receiver, recognises_repeats=False, after=die)
    with pytest.raises(KeyboardInterrupt):
        attempt(sessions, operations)
    with unit_of_work(sessions) as session:
        session.execute(text("UPDATE job SET lease_until = now() - interval '1 second'"))
    work.sweep(sessions)
    assert attempt(sessions, telling(receiver, recognises_repeats=False)).state is JobState.DEAD
    assert incidents(sessions) == ["tell: maybe_sent"]
    assert list(receiver.attempts.values()) == [1]


def test_who_has_no_room_says_when_and_the_attempt_does_not_count(sessions: Sessions, receiver: Outside) -> None:
    for recognises in (True, False):
        receiver.manner = "429"
        waiting = attempt(sessions, telling(receiver, recognises_repeats=recognises))
        assert (waiting.state, waiting.attempts, waiting.last_error) == (JobState.READY, 0, "not_yet")
        with sessions() as session:
            seconds = session.scalar(text("SELECT extract(epoch FROM due_at - now()) FROM job"))
        assert seconds is not None
        assert 0.5 < seconds <= 2
    assert attempt(sessions, telling(receiver, recognises_repeats=False)).state is JobState.DONE


def test_a_host_is_called_by_a_few_at_once(sessions: Sessions, receiver: Outside) -> None:
    """The others wait their turn, whichever process they are in."""
    to = Receiver(receiver.url, recognises_repeats=True)
    with sessions() as one, sessions() as two:
        for busy in (one, two):
            outside._take_place(busy, to)
        waiting = attempt(sessions, telling(receiver, recognises_repeats=True))
        assert (waiting.state, waiting.attempts, waiting.last_error) == (JobState.READY, 0, "not_yet")
        assert receiver.attempts == {}
        two.rollback()
        assert attempt(sessions, telling(receiver, recognises_repeats=True)).state is JobState.DONE


def test_who_is_not_there_got_nothing(sessions: Sessions, receiver: Outside) -> None:
    receiver.close()
    waiting = attempt(sessions, telling(receiver, recognises_repeats=False))
    assert (waiting.state, waiting.last_error) == (JobState.READY, "outside_failed")
