"""A look ahead: Pilar's own jobs are done on the copy, what cannot be known is said, and nothing at all remains."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from engine import foresight, service_tasks
from engine.casework.work import JobContext
from engine.errors import EngineError
from engine.foresight import Outcome
from engine.store.cases import Case
from engine.store.session import BELLS, make_engine
from engine.store.tasks import Task
from engine.store.workers import by_username
from tests.shipped_case import newest_case, open_task, told

WATI = "case/pregnant_mother"
VERIFIED = {"nik_status": ["padan"], "citizen": ["true"], "in_dtsen": ["true"], "desil": ["2"], "household_size": ["5"]}


@pytest.fixture(scope="module")
def office(make_demo_db: Callable[[], str]) -> Iterator[Session]:
    """The demo's office with Wati's report, which waits to be verified."""
    engine = make_engine(make_demo_db())
    with Session(engine, expire_on_commit=False) as session:
        told(session, WATI, "ibu")
        yield session
        session.rollback()
    engine.dispose()


@pytest.fixture
def session(office: Session) -> Iterator[Session]:
    with office.begin_nested() as begun:
        yield office
        begun.rollback()


def ahead(session: Session, task: Task, typed: Mapping[str, Any], who: str = "tksk01") -> Outcome:
    worker = by_username(session, who)
    assert worker is not None
    return foresight.if_sent(session, worker.actor(), task.id, typed)


def said(outcome: Outcome) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in outcome.opens]


def everything(session: Session) -> dict[str, str]:
    """A digest of each table."""
    names = inspect(session.connection()).get_table_names()
    digest = "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{}\" t"
    return {name: str(session.scalar(text(digest.format(name)))) for name in names}


@pytest.fixture
def replace(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts another operation in the place of one that is shipped."""

    def put(name: str, operation: Callable[..., Mapping[str, Any]]) -> None:
        changed = MappingProxyType({**service_tasks.OPERATIONS, name: operation})
        monkeypatch.setattr(service_tasks, "OPERATIONS", changed)

    return put


def test_it_looks_past_pilars_own_jobs(session: Session) -> None:
    outcome = ahead(session, open_task(session, "VerifyReport"), VERIFIED)
    assert said(outcome) == [("done", "Periksa NIK"), ("done", "Cari data ganda"), ("task", "Minta persetujuan klien")]
    task = outcome.opens[-1]
    assert "tksk" in task.groups
    assert task.due_at is not None


def test_a_number_that_is_only_typed_is_not_looked_up(session: Session) -> None:
    """Else whoever may verify one report could ask for any number whether it is known, and leave no trace."""
    typed = {**VERIFIED, "verified_nik": ["9901015203950002"]}
    outcome = ahead(session, open_task(session, "VerifyReport"), typed)
    assert said(outcome) == [("done", "Periksa NIK"), ("job", "Cari data ganda")]
    assert outcome.opens[-1].asks == ("Identitas diketahui?", "Identity known?")


def test_what_is_not_named_as_foreseen_is_never_run(
    session: Session, monkeypatch: pytest.MonkeyPatch, replace: Callable[..., None]
) -> None:
    def send(*_: object) -> Mapping[str, Any]:
        pytest.fail("a look ahead sent something")

    replace("check-nik", send)
    monkeypatch.setattr(service_tasks, "FORESEEN", service_tasks.FORESEEN - {"check-nik"})
    outcome = ahead(session, open_task(session, "VerifyReport"), VERIFIED)
    assert said(outcome) == [("job", "Periksa NIK")]


def test_nothing_remains_whatever_an_operation_does(session: Session, replace: Callable[..., None]) -> None:
    task = open_task(session, "VerifyReport")
    before, bells = everything(session), list(session.info.get(BELLS, ()))

    def misbehave(apart: Session, context: JobContext, _: Mapping[str, Any]) -> Mapping[str, Any]:
        apart.get_one(Case, context.case_id).region_code = "99.01.02"
        apart.execute(text("DELETE FROM task_draft"))
        apart.execute(text("UPDATE job SET due_at = now() - interval '1 day'"))
        apart.commit()
        return {"nik_check": "valid", "nik_findings": [], "temp_id": None}

    replace("check-nik", misbehave)
    assert said(ahead(session, task, VERIFIED))[-1] == ("task", "Minta persetujuan klien")
    assert everything(session) == before
    assert list(session.info.get(BELLS, ())) == bells
    assert newest_case(session).region_code == "99.01.01"


@pytest.mark.parametrize("error", [KeyError("place"), EngineError("no")])
def test_a_job_that_fails_stays_unknown(session: Session, replace: Callable[..., None], error: Exception) -> None:
    def fail(apart: Session, *_: object) -> Mapping[str, Any]:
        apart.execute(text("UPDATE job SET due_at = now()"))
        raise error

    replace("check-nik", fail)
    assert said(ahead(session, open_task(session, "VerifyReport"), VERIFIED)) == [("job", "Periksa NIK")]


def test_a_statement_that_is_refused_leaves_the_transaction_whole(
    session: Session, replace: Callable[..., None]
) -> None:
    def break_off(apart: Session, *_: object) -> Mapping[str, Any]:
        apart.execute(text("SELECT 1 / 0"))
        return {}

    replace("find-duplicates", break_off)
    task = open_task(session, "VerifyReport")
    assert said(ahead(session, task, VERIFIED))[-1] == ("job", "Cari data ganda")
    assert open_task(session, "VerifyReport").id == task.id


def test_a_choice_is_told_with_the_rules_behind_it(session: Session) -> None:
    told(
        session, WATI, "ReviewFile", client_name="Sumini Contoh", client_nik="9901014107860051", birth_date="1986-07-01"
    )
    task, head = open_task(session, "ApprovePlan"), by_username(session, "kb_linjamsos")
    assert head is not None
    before = everything(session)
    found = foresight.outcomes(session, head.actor(), task, "decision", ["approve", "reject"])
    assert ("task", "Periksa DTSEN di SIKS-NG") in said(found["approve"])
    assert not found["reject"].ways, "that the choice itself leads there is no reason to tell"
    assert [way.gateway[0] for way in found["approve"].ways]
    assert not found["reject"].results
    assert everything(session) == before
