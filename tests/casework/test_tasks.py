"""Claim, release, assign, complete: one winner, four eyes, nothing twice."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework import tasks
from engine.errors import Forbidden, IdempotencyMismatch, NotFound, TaskNotOpen
from engine.permissions import FourEyes
from engine.store.history import History
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.session import make_engine, make_sessions
from engine.store.tasks import Task, TaskState
from tests import factories, small_case
from tests.bpmn import diagrams as d


def groups(names: str) -> str:
    return d.z("assignmentDefinition", candidateGroups=names)


TWO_STEPS = d.process(
    d.start(),
    d.user("Assess", groups("tksk"), name="Asesmen"),
    d.user("Approve", groups("kabid, tksk") + d.properties(fourEyes="true"), name="Setujui"),
    d.end(),
    d.flow("start", "Assess"),
    d.flow("Assess", "Approve"),
    d.flow("Approve", "end"),
)


@pytest.fixture
def instance(session: Session) -> ProcessInstance:
    factories.deploy(session, {"p/p.bpmn": TWO_STEPS})
    return factories.start(session)


def open_task(session: Session, instance: ProcessInstance) -> Task:
    return session.scalars(select(Task).where(Task.instance_id == instance.id, Task.state == TaskState.OPEN)).one()


def test_a_task_is_taken_worked_and_the_process_ends(session: Session, instance: ProcessInstance) -> None:
    sari = factories.worker(session, "tksk11", "tksk")
    head = factories.worker(session, "kb11", "kabid", at=("99.01",))
    assess = open_task(session, instance)
    assert (assess.name, assess.candidate_groups, assess.region_code) == ("Asesmen", ["tksk"], factories.VILLAGE)

    tasks.claim(session, sari, assess.id)
    tasks.complete(session, sari, assess.id, {})
    approve = open_task(session, instance)
    tasks.complete(session, head, approve.id, {})

    session.refresh(instance)
    session.refresh(assess)
    assert instance.state is InstanceState.COMPLETED
    assert (assess.state, assess.closed_by) == (TaskState.COMPLETED, sari.id)
    kinds = session.scalars(select(History.kind).where(History.instance_id == instance.id).order_by(History.id)).all()
    assert kinds == ["instance.started", "task.claimed", "task.completed", "task.completed"]


def test_who_comes_second_is_told_who_was_first(session: Session, instance: ProcessInstance) -> None:
    sari, bayu = (factories.worker(session, name, "tksk") for name in ("tksk11", "tksk12"))
    task = open_task(session, instance)
    tasks.claim(session, sari, task.id)

    with pytest.raises(TaskNotOpen, match="Petugas tksk11"):
        tasks.claim(session, bayu, task.id)
    with pytest.raises(TaskNotOpen, match="Petugas tksk11"):
        tasks.complete(session, bayu, task.id, {})

    tasks.complete(session, sari, task.id, {})
    with pytest.raises(TaskNotOpen, match="completed by Petugas tksk11"):
        tasks.complete(session, sari, task.id, {})


def test_nobody_decides_on_what_they_worked_on(session: Session, instance: ProcessInstance) -> None:
    sari = factories.worker(session, "tksk11", "tksk")
    tasks.complete(session, sari, open_task(session, instance).id, {})

    approve = open_task(session, instance)
    with pytest.raises(FourEyes):
        tasks.claim(session, sari, approve.id)
    with pytest.raises(FourEyes):
        tasks.complete(session, sari, approve.id, {})
    assert open_task(session, instance).assignee_id is None


def test_a_worker_elsewhere_does_not_find_the_task(session: Session, instance: ProcessInstance) -> None:
    stranger = factories.worker(session, "tksk13", "tksk", at=("99.01.02",))
    other_role = factories.worker(session, "fo11", "fo")
    task = open_task(session, instance)

    for actor in (stranger, other_role):
        with pytest.raises(NotFound):
            tasks.find(session, actor, task.id)
        with pytest.raises(NotFound):
            tasks.complete(session, actor, task.id, {})


def test_a_repeat_under_the_same_key_happens_once(session: Session, instance: ProcessInstance) -> None:
    sari = factories.worker(session, "tksk11", "tksk")
    task = open_task(session, instance)

    first = tasks.complete(session, sari, task.id, {}, idempotency_key="k-1")
    again = tasks.complete(session, sari, task.id, {}, idempotency_key="k-1")

    assert (first.replayed, again.replayed, again.task_id) == (False, True, first.task_id)
    assert open_task(session, instance).element_id == "Approve"
    with pytest.raises(IdempotencyMismatch):
        tasks.complete(session, sari, task.id, {"other": ["body"]}, idempotency_key="k-1")


def test_release_gives_back_and_only_ones_own(session: Session, instance: ProcessInstance) -> None:
    sari, bayu = (factories.worker(session, name, "tksk") for name in ("tksk11", "tksk12"))
    task = open_task(session, instance)
    tasks.claim(session, sari, task.id)

    with pytest.raises(Forbidden):
        tasks.release(session, bayu, task.id)
    tasks.release(session, sari, task.id)

    assert tasks.claim(session, bayu, task.id).assignee_id == bayu.id


def test_a_head_assigns_within_the_region_and_the_groups(session: Session, instance: ProcessInstance) -> None:
    head = factories.worker(session, "kb11", "kabid", at=("99.01",))
    sari = factories.worker(session, "tksk11", "tksk")
    stranger = factories.worker(session, "tksk13", "tksk", at=("99.01.02",))
    task = open_task(session, instance)

    assert tasks.assign(session, head, task.id, sari.id or 0).assignee_id == sari.id
    with pytest.raises(Forbidden):
        tasks.assign(session, head, task.id, stranger.id or 0)
    with pytest.raises(Forbidden):
        tasks.assign(session, sari, task.id, sari.id or 0)


def test_drafts_are_kept_per_worker_and_dropped(session: Session, instance: ProcessInstance) -> None:
    sari = factories.worker(session, "tksk11", "tksk")
    task = open_task(session, instance)

    tasks.save_draft(session, sari, task.id, {"note": ["satu"]}, "sha")
    tasks.save_draft(session, sari, task.id, {"note": ["dua"]}, "sha")

    session.expire_all()
    kept = tasks.draft(session, sari, task.id)
    assert kept is not None
    assert kept.answers == {"note": ["dua"]}
    tasks.drop_draft(session, sari, task.id)
    session.expire_all()
    assert tasks.draft(session, sari, task.id) is None


@pytest.mark.parametrize("restricted", [False, True])
def test_a_completion_that_is_all_there_is_to_do_is_committed_at_once(committed_db: str, restricted: bool) -> None:
    engine = make_engine(committed_db)
    with make_sessions(engine)() as session:
        sari = factories.worker(session, "tksk11", "tksk")
        case_id = small_case.register(session, sari)
        task = small_case.open_task(session, case_id)
        task.restricted, task.assignee_id = restricted, sari.id
        session.commit()
        task_id, typed = task.id, {"wish": "Tinggal di rumah.", "alone": "true"}
        # The first one reads diagram, form and settings too, and so in a transaction.
        tasks.complete(session, sari, task_id, typed)
        session.rollback()
        tasks.complete(session, sari, task_id, typed, alone=True)
        session.rollback()
        session.refresh(task)
        # Who works on a restricted case is named for it: two statements, which are kept or taken back together.
        assert task.state == (TaskState.OPEN if restricted else TaskState.COMPLETED)
    engine.dispose()
