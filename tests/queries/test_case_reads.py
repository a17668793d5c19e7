"""Reads behind case pages, approvals and the team: bounded statements, and only what the actor may see."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM, Actor
from engine.casework import record
from engine.errors import NotFound
from engine.queries import approvals, case_page, cases, evidence, flow, history, people, team
from tests import deciding_case, factories
from tests.bpmn import diagrams as d
from tests.forms.builders import component
from tests.small_case import form_file, groups

Count = Callable[[], int]


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements of a block."""
    found: list[str] = []
    connection = session.connection()

    def note(*given: object) -> None:
        found.append(str(given[2]))

    event.listen(connection, "before_cursor_execute", note)
    yield found
    event.remove(connection, "before_cursor_execute", note)


@pytest.fixture
def sari(session: Session) -> Actor:
    deciding_case.deploy(session)
    return factories.worker(session, "tksk01", "tksk")


@pytest.fixture
def hadi(session: Session, sari: Actor) -> Actor:
    return factories.worker(session, "kb01", "kabid")


@pytest.fixture
def case_id(session: Session, sari: Actor) -> int:
    found = deciding_case.register(session, sari)
    deciding_case.do(session, sari, found, "PlanIntervention", goals="Makan teratur", budget="350000")
    session.expire_all()
    return found


def test_only_what_is_given_to_a_worker_names_one(session: Session, sari: Actor, hadi: Actor, case_id: int) -> None:
    """Elsewhere `to` is a village, an element or a version's number, which may be a worker's too."""
    for kind, to in [("case.moved", "99.01.02.2001"), ("instance.moved", "AskConsent"), ("instance.migrated", hadi.id)]:
        record.note(session, SYSTEM, kind, case_id=case_id, detail={"to": to})
    record.note(session, sari, "case.access_granted", case_id=case_id, detail={"to": hadi.id})
    session.flush()
    told = {one.kind: one.to for one in history.of_case(session, sari, case_id, size=4)}
    assert told == {"case.moved": "", "instance.moved": "", "instance.migrated": "", "case.access_granted": hadi.name}


@pytest.mark.parametrize("number", [1, 6])
def test_pages_take_the_same_few_statements_however_much_there_is(
    session: Session, sari: Actor, hadi: Actor, case_id: int, number: int
) -> None:
    for _ in range(number - 1):
        other = deciding_case.register(session, sari)
        deciding_case.do(session, sari, other, "PlanIntervention", goals="Makan")
    task = deciding_case.open_task(session, case_id, "ApprovePlan")
    reads: list[tuple[Callable[[], object], int]] = [
        (lambda: cases.page(session, sari, cases.Filters()), 4),
        (lambda: case_page.page(session, sari, case_id), 9),
        (lambda: history.of_case(session, sari, case_id), 2),
        (lambda: evidence.sent_on(session, sari, case_id), 3),
        (lambda: flow.of_case(session, case_id), 3),
        (lambda: approvals.waiting(session, hadi), 2),
        (lambda: approvals.decided(session, hadi), 3),
        (lambda: approvals.behind(session, hadi, task.id), 14),
        (lambda: team.board(session, hadi, team.Filters()), 4),
        (lambda: people.page(session, sari, 1_000_000), 1),
    ]
    for read, most in reads:
        for _ in range(2):  # definitions are read once per process
            with counted(session) as statements:
                try:
                    read()
                except NotFound:
                    assert read is reads[-1][0]
        assert len(statements) <= most, "\n".join(statements)


def test_the_case_tells_what_is_open_and_in_which_phase(session: Session, sari: Actor, case_id: int) -> None:
    head = case_page.head(session, sari, case_id)
    assert [step.name for step in head.open] == ["Setujui rencana"]
    assert (head.phase, head.phases_done) == ("rencana", ["laporan", "rencana"])


def test_a_case_of_another_region_is_not_found(session: Session, case_id: int) -> None:
    other = factories.worker(session, "tksk02", "tksk", at=("99.01.02",))
    with pytest.raises(NotFound):
        case_page.page(session, other, case_id)
    with pytest.raises(NotFound):
        flow.diagram(session, other, case_id, "case")
    assert cases.page(session, other, cases.Filters()).items == []


def test_the_walk_knows_where_the_case_stands(session: Session, case_id: int) -> None:
    found = flow.of_case(session, case_id)
    assert found is not None
    (walked,) = found.walked
    assert walked.here == ["ApprovePlan"]
    assert set(walked.done) >= {"RegisterReport", "PlanIntervention"}
    assert "PlanIntervention-ApprovePlan" in walked.flows


def test_due_work_counts_as_overdue_and_today(session: Session, sari: Actor, hadi: Actor, case_id: int) -> None:
    task = deciding_case.open_task(session, case_id, "ApprovePlan")
    task.due_at = clock.now() - timedelta(hours=1)
    session.flush()
    board = team.board(session, hadi, team.Filters(due="overdue"))
    assert (board.open, board.overdue, board.free) == (1, 1, 1)
    assert [row.id for row in board.rows] == [task.id]
    assert team.board(session, hadi, team.Filters(due="today")).rows == []


def test_a_decision_without_a_case_rests_on_its_instance(session: Session, hadi: Actor) -> None:
    need = form_file("RapidAssess", component("number", "families", "KK terdampak", properties={"fact": "true"}))
    diagram = d.process(
        d.start(),
        d.user("RapidAssess", groups("tagana", "RapidAssess"), name="Kaji cepat"),
        d.user("ApproveLogistics", groups("kabid", fourEyes="true"), name="Setujui logistik"),
        d.end(),
        d.chain("start", "RapidAssess", "ApproveLogistics", "end"),
    )
    factories.deploy(session, {"p/p.bpmn": diagram, "p/RapidAssess.form": need})
    jaya = factories.worker(session, "tagana01", "tagana")
    instance = factories.start(session)
    deciding_case.do_in(session, jaya, instance.id, "RapidAssess", families="12")
    (item,) = approvals.waiting(session, hadi)
    assert (item.name, item.number, item.is_barred) == ("Setujui logistik", "p-1", False)
    found = approvals.behind(session, hadi, item.task_id)
    assert found.case is None
    assert [one.answers for one in found.latest] == [{"families": 12}]


def test_the_last_of_each_form_counts_and_a_return_is_over_once_decided_anew(
    session: Session, sari: Actor, hadi: Actor, case_id: int
) -> None:
    deciding_case.do(session, hadi, case_id, "ApprovePlan", decision="return", reason="Belum lengkap")
    assert [pin.comment for pin in approvals.pins(session, sari, case_id)] == ["Belum lengkap"]
    deciding_case.do(session, sari, case_id, "PlanIntervention", goals="Diantar PSM", budget="350000")
    task = deciding_case.open_task(session, case_id, "ApprovePlan")
    found = approvals.behind(session, hadi, task.id)
    assert found.times == 2
    assert [one.answers.get("goals") for one in found.latest if one.form.id == "PlanIntervention"] == ["Diantar PSM"]
    (revision,) = found.revisions
    assert [(change.before, change.after) for change in revision.changes] == [("Makan teratur", "Diantar PSM")]
    deciding_case.do(session, hadi, case_id, "ApprovePlan", decision="approve")
    assert approvals.pins(session, sari, case_id) == []
