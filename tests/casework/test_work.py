"""Jobs: done once, given back when they fail, an incident in the end; messages find exactly one receiver."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM
from engine.casework import messages, operation, tasks, work
from engine.casework.work import BpmnError, JobContext
from engine.store.incidents import Incident, IncidentState
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobState
from engine.store.messages import InboundMessage, MessageState, Outbox, OutboxState, Subscription
from engine.store.session import Sessions, make_engine, make_sessions, unit_of_work
from engine.store.tasks import Task, TaskState
from tests import factories
from tests.bpmn import diagrams as d

ERROR = '<bpmn:error id="e" errorCode="NO_PLACE"/>'
WITH_JOB = d.process(
    d.start(),
    d.service("Ask", "ask-provider"),
    d.element("boundaryEvent", "Full", '<bpmn:errorEventDefinition errorRef="e"/>', attachedToRef="Ask"),
    d.user("Go", d.z("assignmentDefinition", candidateGroups="tksk")),
    d.user("Other", d.z("assignmentDefinition", candidateGroups="tksk")),
    d.end(),
    d.end("end2"),
    d.flow("start", "Ask"),
    d.flow("Ask", "Go"),
    d.flow("Full", "Other"),
    d.flow("Go", "end"),
    d.flow("Other", "end2"),
    roots=ERROR,
)
MESSAGE = (
    '<bpmn:message id="m" name="msg_reply"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=number"/></bpmn:extensionElements></bpmn:message>'
)
WITH_MESSAGE = d.process(
    d.start(),
    d.element("intermediateCatchEvent", "Wait", '<bpmn:messageEventDefinition messageRef="m"/>'),
    d.end(),
    d.flow("start", "Wait"),
    d.flow("Wait", "end"),
    id="q",
    roots=MESSAGE,
)


@pytest.fixture
def sessions(committed_db: str) -> Iterator[Sessions]:
    engine = make_engine(committed_db)
    yield make_sessions(engine)
    engine.dispose()


def begin(sessions: Sessions, body: bytes, process_id: str = "p", **variables: object) -> int:
    with unit_of_work(sessions) as session:
        factories.places(session)
        factories.deploy(session, {f"{process_id}/{process_id}.bpmn": body})
        return factories.start(session, process_id, variables).id


def open_elements(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Task.element_id).where(Task.state == TaskState.OPEN)))


def test_a_service_task_is_done_once_and_its_facts_come_back(sessions: Sessions) -> None:
    begin(sessions, WITH_JOB)
    seen: list[str] = []

    def ask(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        seen.append(context.effect_key)
        return {"place": 3}

    assert work.run_job(sessions, {"ask-provider": ask})
    assert not work.run_job(sessions, {"ask-provider": ask})
    assert len(seen) == 1
    assert open_elements(sessions) == ["Go"]


def test_a_job_that_has_its_number_from_a_restored_backup_has_a_key_of_its_own(sessions: Sessions) -> None:
    """Numbers are given out a second time then, and the outside has seen the first."""
    begin(sessions, WITH_JOB)
    seen: list[str] = []

    def fail(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        seen.append(context.effect_key)
        raise RuntimeError

    later = text("UPDATE job SET due_at = now(), created_at = created_at + make_interval(mins => :minutes)")
    for minutes in (0, 0, 10):
        with unit_of_work(sessions) as session:
            session.execute(later, {"minutes": minutes})
        work.run_job(sessions, {"ask-provider": fail})
    assert seen[0] == seen[1] != seen[2]


def test_a_modelled_error_goes_to_its_boundary(sessions: Sessions) -> None:
    begin(sessions, WITH_JOB)

    def full(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        raise BpmnError("NO_PLACE")

    work.run_job(sessions, {"ask-provider": full})
    assert open_elements(sessions) == ["Other"]


def test_a_job_that_keeps_failing_becomes_an_incident_and_can_be_retried(sessions: Sessions) -> None:
    instance_id = begin(sessions, WITH_JOB)
    attempts: list[int] = []

    def broken(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        attempts.append(context.attempt)
        raise RuntimeError("9901010101010001 must not be stored")

    for _ in range(10):
        with unit_of_work(sessions) as session:
            session.execute(text("UPDATE job SET due_at = now() WHERE state = 'ready'"))
        work.run_job(sessions, {"ask-provider": broken})
    with sessions() as session:
        job = session.scalars(select(Job)).one()
        incident = session.scalars(select(Incident)).one()
    assert attempts == list(range(1, job.max_attempts + 1))
    assert (job.state, job.last_error) == (JobState.DEAD, "RuntimeError")
    assert (incident.instance_id, incident.code, incident.message) == (
        instance_id,
        "job_dead",
        "ask-provider: RuntimeError",
    )
    with unit_of_work(sessions) as session:
        operator = factories.worker(session, "op11", "operator")
        operation.retry(session, operator, incident.id)
    work.run_job(sessions, {"ask-provider": lambda *_: {}})
    assert open_elements(sessions) == ["Go"]


def test_the_most_urgent_job_goes_first_and_those_that_wait_for_years_are_not_looked_at(sessions: Sessions) -> None:
    begin(sessions, WITH_JOB)
    with unit_of_work(sessions) as session:
        for _ in range(3):
            factories.start(session, "p")
        ids = list(session.scalars(select(Job.id).order_by(Job.id)))
        for job_id, urgency, age in zip(ids, (3, 1, 3, 4), ("1 hour", "1 second", "2 hours", "-1 day"), strict=True):
            session.execute(
                text("UPDATE job SET urgency = :urgency, due_at = now() - CAST(:age AS interval) WHERE id = :id"),
                {"urgency": urgency, "age": age, "id": job_id},
            )
    taken = []
    for _ in range(4):
        with unit_of_work(sessions) as session:
            found = work.store.claim(session, None, 30)
            taken.append(found and found[0])
    assert taken == [ids[1], ids[2], ids[0], None]
    with unit_of_work(sessions) as session:
        assert work.store.claim(session, ids[3], 30) is None, "named, but not due"


def test_a_state_that_cannot_be_read_calls_an_operator_and_holds_up_nobody_else(sessions: Sessions) -> None:
    hurt, well = begin(sessions, WITH_JOB), begin(sessions, WITH_JOB)
    with unit_of_work(sessions) as session:
        operator = factories.worker(session, "op11", "operator")
        kept = session.get_one(ProcessInstance, hurt).body
        session.execute(text(r"UPDATE process_instance SET body = '\x00ff' WHERE id = :id"), {"id": hurt})
    while work.run_job(sessions, {"ask-provider": lambda *_: {}}):
        pass
    assert open_elements(sessions) == ["Go"]
    with unit_of_work(sessions) as session:
        incident = session.scalars(select(Incident)).one()
        assert (incident.instance_id, incident.message) == (hurt, "ask-provider: invalid_state")
        session.get_one(ProcessInstance, hurt).body = kept
    with unit_of_work(sessions) as session:
        operation.retry(session, operator, incident.id)
    assert work.run_job(sessions, {"ask-provider": lambda *_: {}})
    assert open_elements(sessions) == ["Go", "Go"]
    assert well != hurt


def test_a_lost_lease_rolls_the_effect_back(sessions: Sessions) -> None:
    begin(sessions, WITH_JOB)

    def slow(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        session.execute(text("UPDATE job SET due_at = due_at"))  # an effect inside the transaction
        return {}

    with unit_of_work(sessions) as session:
        claimed = work.store.claim(session, None, 30)
    assert claimed is not None
    with unit_of_work(sessions) as session:
        session.execute(text("UPDATE job SET lease_until = now() - interval '1 second'"))
    assert work.sweep(sessions)  # given back: due again
    with unit_of_work(sessions) as session:
        second = work.store.claim(session, None, 30)
    assert second is not None
    work.attempt_job(sessions, {"ask-provider": slow}, *claimed)
    assert open_elements(sessions) == []
    work.attempt_job(sessions, {"ask-provider": slow}, *second)
    assert open_elements(sessions) == ["Go"]


def test_a_message_wakes_its_receiver_once(sessions: Sessions) -> None:
    instance_id = begin(sessions, WITH_MESSAGE, "q", number="R-1")
    for _ in range(2):
        with unit_of_work(sessions) as session:
            row = messages.receive(
                session, SYSTEM, "msg_reply", "R-1", {"ok": True}, source="kemensos", message_id="77"
            )
            assert row.state is MessageState.DELIVERED
    with sessions() as session:
        assert session.get_one(ProcessInstance, instance_id).state is InstanceState.COMPLETED
        assert session.scalars(select(Subscription)).all() == []
        assert len(session.scalars(select(InboundMessage)).all()) == 1


def test_a_message_that_comes_too_early_is_kept(sessions: Sessions) -> None:
    with unit_of_work(sessions) as session:
        factories.places(session)
        row = messages.receive(session, SYSTEM, "msg_reply", "R-2", {}, source="kemensos", message_id="78")
        assert row.state is MessageState.BUFFERED
    instance_id = begin(sessions, WITH_MESSAGE, "q", number="R-2")

    assert work.run_job(sessions, {})

    with sessions() as session:
        assert session.get_one(ProcessInstance, instance_id).state is InstanceState.COMPLETED


def test_a_timer_fires_when_its_time_has_come(sessions: Sessions) -> None:
    timer = "<bpmn:timerEventDefinition><bpmn:timeDuration>P3D</bpmn:timeDuration></bpmn:timerEventDefinition>"
    body = d.process(
        d.start(),
        d.element("intermediateCatchEvent", "Rest", timer),
        d.end(),
        d.flow("start", "Rest"),
        d.flow("Rest", "end"),
    )
    instance_id = begin(sessions, body)
    assert not work.run_job(sessions, {})
    with clock.travel(clock.now() + timedelta(days=3, seconds=1)), unit_of_work(sessions) as session:
        assert work.run_due(session, {}) == 1
    with sessions() as session:
        assert session.get_one(ProcessInstance, instance_id).state is InstanceState.COMPLETED


def test_what_is_sent_waits_in_the_outbox_for_a_hand(sessions: Sessions) -> None:
    throw = '<bpmn:messageEventDefinition messageRef="m"/>'
    body = d.process(
        d.start(),
        d.element("intermediateThrowEvent", "Send", throw, d.io({"case_no": "=number"})),
        d.user("After", d.z("assignmentDefinition", candidateGroups="tksk")),
        d.end(),
        d.flow("start", "Send"),
        d.flow("Send", "After"),
        d.flow("After", "end"),
        roots=MESSAGE,
    )
    begin(sessions, body, number="R-3")
    work.run_job(sessions, {})
    with unit_of_work(sessions) as session:
        row = session.scalars(select(Outbox)).one()
        assert (row.name, row.correlation_key, row.variables, row.state) == (
            "msg_reply",
            "R-3",
            {"case_no": "R-3"},
            OutboxState.PENDING,
        )
        operator = factories.worker(session, "op11", "operator")
        messages.mark_handed_over(session, operator, row.id)
        assert row.state is OutboxState.HANDED_OVER


def test_what_is_sent_on_another_way_after_a_restore_has_a_key_of_its_own(sessions: Sessions) -> None:
    """Same instance, same revision, same place: the outside has seen the first, and it is not to take it for this."""
    body = d.process(
        d.start(),
        d.user("Go", d.z("assignmentDefinition", candidateGroups="tksk")),
        d.throw("Send", d.event("message", messageRef="m")),
        d.end(),
        d.chain("start", "Go", "Send", "end"),
        roots=MESSAGE,
    )
    instance_id = begin(sessions, body, number="R-4")
    keys = []
    for _ in range(2):
        with sessions() as session:  # never committed: what was before is there again
            sari = factories.worker(session, "tksk11", "tksk")
            task = tasks.open_task(session, instance_id, "Go")
            assert task is not None
            tasks.complete(session, sari, task.id, {})
            keys.append(session.scalars(select(Outbox.effect_key)).one())
    assert keys[0] != keys[1]


def test_a_suspended_instance_stands_still_until_resumed(sessions: Sessions) -> None:
    instance_id = begin(sessions, WITH_JOB)
    with unit_of_work(sessions) as session:
        operator = factories.worker(session, "op11", "operator")
        operation.hold(session, operator, instance_id, "audit")
    assert not work.run_job(sessions, {"ask-provider": lambda *_: {}})
    with unit_of_work(sessions) as session:
        operation.go_on(session, operator, instance_id)
    assert work.run_job(sessions, {"ask-provider": lambda *_: {}})


def test_cancelling_ends_everything_that_waits(sessions: Sessions) -> None:
    instance_id = begin(sessions, WITH_JOB)
    work.run_job(sessions, {"ask-provider": lambda *_: {}})
    with unit_of_work(sessions) as session:
        operator = factories.worker(session, "op11", "operator")
        operation.end(session, operator, instance_id, "entered in error")
        row = session.get_one(ProcessInstance, instance_id)
        assert row.state is InstanceState.CANCELLED
        assert tasks.open_task(session, instance_id, "Go") is None
        assert session.scalars(select(Incident).where(Incident.state == IncidentState.OPEN)).all() == []
