"""Timers that are due together are fired in one transaction; one that fails or is held costs the others nothing."""

from uuid import UUID

import pytest
from sqlalchemy import Engine, event, text

from engine.casework import firing, fsck, work
from engine.errors import Interrupted
from engine.store import jobs
from engine.store.session import Sessions, make_sessions, unit_of_work
from tests import factories
from tests.bpmn import diagrams as d

RESTING = d.process(d.start(), d.catch("rest", d.timer("PT1H")), d.end(), d.chain("start", "rest", "end"), id="rest")
# Two timers at one task, and neither ends it.
TWO = d.process(
    d.start(), d.user("visit"), d.end(), d.chain("start", "visit", "end"),
    d.boundary("one", "visit", d.timer("PT1H"), interrupting=False), d.end("e1"), d.chain("one", "e1"),
    d.boundary("other", "visit", d.timer("PT1H"), interrupting=False), d.end("e2"), d.chain("other", "e2"),
    id="two",
)  # fmt: skip
DUE = text("UPDATE job SET due_at = now() - interval '1 second' WHERE kind = 'timer'")
FIRED = text("SELECT instance_id, xmin::text AS by FROM history WHERE kind = 'timer.fired' ORDER BY id")
HELD = text("SELECT FROM process_instance WHERE id = :id FOR UPDATE")
STATES = text("SELECT state, attempts, lease_token FROM job WHERE instance_id = ANY(:ids)")


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return make_sessions(engine)


def brew(sessions: Sessions, count: int, process_id: str = "rest") -> list[int]:
    """Instances whose timers are due."""
    with unit_of_work(sessions) as session:
        factories.deploy(session, {"rest/rest.bpmn": RESTING})
        factories.deploy(session, {"two/two.bpmn": TWO})
        begun = [factories.start(session, process_id).id for _ in range(count)]
        session.flush()
        session.execute(DUE)
        return begun


def claim(sessions: Sessions) -> list[tuple[int, UUID]]:
    with unit_of_work(sessions) as session:
        return jobs.claim_some(session, None, 30, 20)


def fired(sessions: Sessions) -> list[tuple[int, str]]:
    """Instance and transaction of each firing; everything else is in order too."""
    with sessions() as session:
        assert [breach for breach in fsck.check(session) if breach.rule != "job_late"] == []
        return [(row.instance_id, row.by) for row in session.execute(FIRED)]


def test_many_are_fired_in_one_transaction(sessions: Sessions) -> None:
    begun = brew(sessions, 5)
    assert work.run_job(sessions, {})
    assert [instance for instance, _ in fired(sessions)] == begun
    assert len({transaction for _, transaction in fired(sessions)}) == 1
    assert not work.run_job(sessions, {})


def test_two_of_one_instance_go_one_after_the_other(sessions: Sessions) -> None:
    (instance,) = brew(sessions, 1, "two")
    assert work.run_job(sessions, {})
    (one, first), (other, second) = fired(sessions)
    assert (one, other, first == second) == (instance, instance, False)


def test_one_that_fails_costs_the_others_only_the_try(sessions: Sessions) -> None:
    begun = brew(sessions, 4)
    with unit_of_work(sessions) as session:
        kept = session.execute(text("SELECT body FROM process_instance WHERE id = :id"), {"id": begun[2]}).scalar_one()
        session.execute(text(r"UPDATE process_instance SET body = '\x00ff' WHERE id = :id"), {"id": begun[2]})
    assert work.run_job(sessions, {})
    with unit_of_work(sessions) as session:
        assert session.execute(text("SELECT count(*) FROM incident WHERE instance_id = :id"), {"id": begun[2]}).scalar()
        session.execute(text("DELETE FROM incident"))
        session.execute(text("UPDATE process_instance SET body = :body WHERE id = :id"), {"body": kept, "id": begun[2]})
        session.execute(text("UPDATE job SET state = 'ready', attempts = 0 WHERE state = 'dead'"))
    assert [instance for instance, _ in fired(sessions)] == [begun[0], begun[1], begun[3]]


def test_one_that_somebody_holds_is_not_waited_for(sessions: Sessions) -> None:
    begun = brew(sessions, 3)
    claimed = claim(sessions)
    with sessions() as somebody:
        somebody.execute(HELD, {"id": begun[1]})
        (left,) = firing.fire_together(sessions, claimed, "15s")
    assert [instance for instance, _ in fired(sessions)] == [begun[0], begun[2]]
    work.attempt_job(sessions, {}, *left)
    assert sorted(instance for instance, _ in fired(sessions)) == begun


def test_a_lost_lease_leaves_a_timer_to_whoever_has_it_now(sessions: Sessions) -> None:
    begun = brew(sessions, 2)
    claimed = claim(sessions)
    with unit_of_work(sessions) as session:
        session.execute(
            text("UPDATE job SET lease_token = gen_random_uuid() WHERE instance_id = :id"), {"id": begun[0]}
        )
    assert [job_id for job_id, _ in firing.fire_together(sessions, claimed, "15s")] == [claimed[0][0]]
    assert [instance for instance, _ in fired(sessions)] == [begun[1]]


def test_a_worker_that_is_to_stop_gives_all_of_them_back(sessions: Sessions, engine: Engine) -> None:
    begun = brew(sessions, 3)

    def stop(*about: object) -> None:
        if "new_history" in str(about[2]):
            raise Interrupted("The process is to stop.")

    event.listen(engine, "before_cursor_execute", stop)
    assert work.run_job(sessions, {})
    event.remove(engine, "before_cursor_execute", stop)
    with sessions() as session:
        assert [tuple(row) for row in session.execute(STATES, {"ids": begun})] == [("ready", 0, None)] * 3
    assert fired(sessions) == []
