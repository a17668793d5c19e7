"""Orders for many instances: one transaction each, resumed after a crash, told honestly, never done twice."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import batches, operation, signs
from engine.casework.selection import Selection
from engine.errors import Conflict, InvalidForm
from engine.queries import batches as queries
from engine.store import batches as store
from engine.store.batches import BatchItem, ItemState
from engine.store.history import History
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.session import Sessions, make_engine, make_sessions, unit_of_work
from engine.store.workers import Worker
from tests import factories
from tests.bpmn import diagrams as d

REASON = "Versi ini keliru"
SIMPLE = d.process(d.start(), d.user("a"), d.end(), d.chain("start", "a", "end"))
Office = tuple[Sessions, Actor, list[int]]


@pytest.fixture
def office(committed_db: str) -> Iterator[Office]:
    """Four instances, and an operator."""
    engine = make_engine(committed_db)
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as session:
        factories.deploy(session, {"p/p.bpmn": SIMPLE})
        ids = [factories.start(session, "p").id for _ in range(4)]
        operator = factories.worker(session, "operator11", "operator")
    yield sessions, operator, ids
    engine.dispose()


def order(office: Office, action: str = "suspend", key: str | None = None) -> int:
    with unit_of_work(office[0]) as session:
        return batches.order(session, office[1], action, Selection(), REASON, key)


def run(sessions: Sessions) -> int:
    done = 0
    while batches.go_on(sessions):
        done += 1
    return done


def states(session: Session) -> list[InstanceState]:
    return list(session.scalars(select(ProcessInstance.state).order_by(ProcessInstance.id)))


def test_each_instance_is_done_once_and_the_rest_is_told(office: Office) -> None:
    sessions, operator, ids = office
    number = order(office, key="k")
    assert order(office, key="k") == number
    with unit_of_work(sessions) as session:
        operation.end(session, operator, ids[1], REASON)

    assert run(sessions) == 4

    with sessions() as session:
        row = queries.find(session, operator, number)
        assert row.numbers == {"done": 3, "refused": 1}
        assert row.finished_at is not None
        assert [(one.code, one.count) for one in queries.reasons(session, operator, number)] == [("conflict", 1)]
        assert [one.instance_id for one in queries.left(session, operator, number)] == [ids[1]]
        assert states(session).count(InstanceState.SUSPENDED) == 3
        told = session.scalars(select(History).where(History.kind == "instance.suspended")).all()
        assert [(one.detail["reason"], one.actor_id) for one in told] == [(REASON, operator.id)] * 3
    assert not batches.go_on(sessions)


def test_who_dies_in_between_leaves_it_to_the_next(office: Office) -> None:
    sessions, operator, _ids = office
    number = order(office, "cancel")
    with unit_of_work(sessions) as session:
        lost = store.claim(session, 60)
    assert lost is not None
    assert run(sessions) == 3, "the held one is left alone"
    with unit_of_work(sessions) as session:
        session.execute(update(BatchItem).values(held_until=None))
    assert run(sessions) == 1
    with unit_of_work(sessions) as session:
        assert not store.close(session, lost, ItemState.FAILED), "who was lost has no say any more"
        assert queries.find(session, operator, number).numbers == {"done": 4}


def test_what_ends_its_worker_again_and_again_is_given_up(office: Office) -> None:
    sessions, operator, _ids = office
    number = order(office)
    with unit_of_work(sessions) as session:
        session.execute(update(BatchItem).values(attempts=store.MOST_ATTEMPTS))
    run(sessions)
    with sessions() as session:
        assert queries.find(session, operator, number).numbers == {"failed": 4}
        assert set(states(session)) == {InstanceState.ACTIVE}


def test_a_stopped_order_does_nothing_more(office: Office) -> None:
    sessions, operator, _ids = office
    number = order(office)
    assert batches.go_on(sessions)
    with unit_of_work(sessions) as session:
        batches.stop(session, operator, number)
    assert not batches.go_on(sessions)
    with unit_of_work(sessions) as session:
        assert queries.find(session, operator, number).numbers == {"done": 1, "stopped": 3}
        with pytest.raises(Conflict):
            batches.stop(session, operator, number)


def test_who_may_no_longer_act_is_obeyed_no_longer(office: Office) -> None:
    sessions, operator, _ids = office
    number = order(office)
    with unit_of_work(sessions) as session:
        session.execute(update(Worker).where(Worker.id == operator.id).values(is_active=False))
    run(sessions)
    with sessions() as session:
        assert {one.code for one in queries.reasons(session, operator, number)} == {"worker_inactive"}
        assert set(states(session)) == {InstanceState.ACTIVE}


@pytest.mark.parametrize("action", ["resume", "retry"])
def test_nothing_is_ordered_for_nothing(office: Office, action: str) -> None:
    with pytest.raises(InvalidForm):
        order(office, action)


def test_a_process_says_now_and_then_that_it_is_there(office: Office) -> None:
    sessions, operator, _ids = office
    sign = signs.Signing(sessions, "worker")
    sign()
    sign()
    with sessions() as session:
        assert [(one.kind, one.is_silent) for one in queries.signs(session, operator)] == [("worker", False)]
