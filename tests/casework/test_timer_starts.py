"""Processes that start by themselves: by a timer, once for each time, also after downtime; by a signal."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine import clock
from engine.casework import beginnings, definitions, fsck, messages, work
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job, JobState
from engine.store.session import Sessions, make_engine, make_sessions, unit_of_work
from engine.store.timer_starts import MOST_ATTEMPTS, TimerStart
from tests import factories
from tests.bpmn import diagrams as d

MONDAY = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
TASK = d.user("Look", d.z("assignmentDefinition", candidateGroups="tksk"))


def monthly(timer: str = "R/P1M", kind: str = "timeCycle", *more: str) -> dict[str, bytes]:
    zeebe = d.properties(region="99.01")
    parts = [d.start("Monthly", d.timer(timer, kind), zeebe), TASK, d.end(), d.chain("Monthly", "Look", "end"), *more]
    return {"round/round.bpmn": d.process(*parts, id="round")}


def instances(session: Session) -> list[ProcessInstance]:
    return list(session.scalars(select(ProcessInstance).order_by(ProcessInstance.id)))


def row(session: Session) -> TimerStart:
    return session.scalars(select(TimerStart)).one()


@pytest.fixture
def sessions(committed_db: str) -> Iterator[Sessions]:
    engine = make_engine(committed_db)
    made = make_sessions(engine)
    with unit_of_work(made) as session:
        factories.places(session)
    yield made
    engine.dispose()


def test_it_starts_when_due_and_says_what_was_missed(session: Session) -> None:
    factories.places(session)
    with clock.travel(MONDAY):
        factories.deploy(session, monthly())
        assert row(session).due_at == datetime(2026, 2, 5, 2, 0, tzinfo=UTC)
        assert work.run_due(session, {}) == 0
    with clock.travel(MONDAY + timedelta(days=31)):
        assert work.run_due(session, {}) == 1
        assert work.run_due(session, {}) == 0
    with clock.travel(MONDAY + timedelta(days=31 + 28 + 31 + 30 + 3)):
        assert work.run_due(session, {}) == 1
    first, second = instances(session)
    assert (first.region_code, first.business_key, first.process_id) == ("99.01", "Monthly-202602050200", "round")
    seen = []
    for instance in (first, second):
        loaded = beginnings.instances.running.load(session, instance.id)
        seen.append(loaded.instance.variables()["missed"])
    assert seen == [0, 2]
    assert row(session).due_at == datetime(2026, 6, 5, 2, 0, tzinfo=UTC)


def test_a_start_that_breaks_is_put_off_and_holds_up_no_job(sessions: Sessions) -> None:
    """Whatever it raises: leases of dead workers are taken back all the same."""
    with unit_of_work(sessions) as session:
        factories.deploy(
            session, {**monthly(), "p/p.bpmn": d.process(d.start(), d.service("s"), d.chain("start", "s"))}
        )
        factories.start(session, "p")
        session.execute(text("UPDATE timer_start SET due_at = now(), element_id = 'gone'"))
        session.execute(text("UPDATE job SET state = 'running', attempts = 1, lease_until = now() - interval '1 s'"))
    (job_id,) = work.sweep(sessions)
    with sessions() as session:
        assert session.get_one(Job, job_id).state is JobState.READY
        assert (row(session).attempts, row(session).last_error) == (1, "StopIteration")


def test_publishing_the_same_timer_again_keeps_its_time(session: Session) -> None:
    factories.places(session)
    with clock.travel(MONDAY):
        factories.deploy(session, monthly())
    with clock.travel(MONDAY + timedelta(days=20)):
        factories.deploy(session, monthly("R/P1M", "timeCycle", d.user("more"), d.flow("Look", "more")))
        assert row(session).due_at == datetime(2026, 2, 5, 2, 0, tzinfo=UTC)
        assert row(session).definition_id == definitions.latest_of_process(session, "round").id
        factories.deploy(session, monthly("R/P7D"))
        assert row(session).due_at == datetime(2026, 2, 1, 2, 0, tzinfo=UTC)
        factories.deploy(
            session, {"round/round.bpmn": d.process(d.start(), d.end(), d.chain("start", "end"), id="round")}
        )
        assert session.scalars(select(TimerStart)).all() == []


def test_a_date_starts_once_and_never_again(session: Session) -> None:
    factories.places(session)
    with clock.travel(MONDAY):
        factories.deploy(session, monthly("2026-02-01T08:00", "timeDate"))
    with clock.travel(MONDAY + timedelta(days=60)):
        assert work.run_due(session, {}) == 1
        factories.deploy(session, monthly("2026-02-01T08:00", "timeDate", d.user("more"), d.flow("Look", "more")))
        assert work.run_due(session, {}) == 0
        assert row(session).due_at is None


def test_the_sweeper_starts_by_the_database_s_clock(sessions: Sessions) -> None:
    with unit_of_work(sessions) as session:
        factories.deploy(session, monthly())
    with clock.travel(datetime(2036, 1, 1, tzinfo=UTC)):  # a process whose own clock is wrong
        assert beginnings.start_by_timer(sessions) == 0
    with unit_of_work(sessions) as session:
        session.execute(text("UPDATE timer_start SET due_at = now() - interval '1 second'"))
    work.sweep(sessions)
    work.sweep(sessions)
    with unit_of_work(sessions) as session:
        assert len(instances(session)) == 1


def test_one_that_fails_is_put_off_and_holds_up_nobody(sessions: Sessions) -> None:
    files = monthly() | {
        "good/good.bpmn": d.process(d.start("s", d.timer("R/P1D", "timeCycle")), TASK, d.chain("s", "Look"), id="good")
    }
    with unit_of_work(sessions) as session:
        factories.deploy(session, files)
        session.execute(text("UPDATE timer_start SET due_at = now() - interval '1 hour'"))
        session.execute(text("UPDATE timer_start SET timer = 'nonsense' WHERE process_id = 'round'"))
    for _ in range(MOST_ATTEMPTS + 1):
        beginnings.start_by_timer(sessions)
        with unit_of_work(sessions) as session:
            session.execute(text("UPDATE timer_start SET held_until = NULL"))
    with unit_of_work(sessions) as session:
        assert [one.process_id for one in instances(session)] == ["good"]
        bad = session.scalars(select(TimerStart).where(TimerStart.process_id == "round")).one()
        assert (bad.attempts, bad.last_error) == (MOST_ATTEMPTS, "bad_timer")
    with sessions() as session:
        assert f"timer_start {bad.id}" in [breach.subject for breach in fsck.check(session)]


def test_a_signal_starts_what_waits_for_it_and_its_sender_hears_it_once(session: Session) -> None:
    factories.places(session)
    roots = d.element("signal", "sig", name="flood")
    heard = d.boundary("Heard", "Look", d.event("signal", signalRef="sig"), interrupting=False)
    tell = d.throw("tell", d.event("signal", signalRef="sig"))
    sender = d.process(d.start(), TASK, heard, tell, d.end(), d.end("e2"),
                       d.gateway("parallel", "f"), d.chain("start", "f", "Look", "end"), d.chain("f", "tell"),
                       d.chain("Heard", "e2"), id="sender", roots=roots)  # fmt: skip
    started = d.process(d.start("By", d.event("signal", signalRef="sig")), TASK, d.chain("By", "Look"), id="started",
                        roots=roots)  # fmt: skip
    factories.deploy(session, {"sender/s.bpmn": sender, "started/s.bpmn": started})
    instance = factories.start(session, "sender")
    while work.run_due(session, {}):
        pass
    assert [one.process_id for one in instances(session)] == ["sender", "started"]
    caught = session.execute(text("SELECT detail->'steps' FROM history WHERE instance_id = :id"), {"id": instance.id})
    marks = [step[:2] for (steps,) in caught for step in steps]
    assert marks.count(["caught", "Heard"]) == 1
    assert messages.broadcast(session, "signal:flood", {"region": "99.01.01"}) == 2
