"""The operations of case and rehabilitation: identity, duplicates, providers, referrals, reminders, moving."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock, feel
from engine.actors import SYSTEM
from engine.casework import beginnings, records, tasks
from engine.casework.work import BpmnError, JobContext
from engine.service_tasks import OPERATIONS
from engine.store.cases import Case
from engine.store.history import History
from engine.store.instances import ProcessInstance
from engine.store.office import OfficeSetting
from engine.store.partners import Partner
from engine.store.people import Person
from engine.store.referrals import Referral, UnmetNeed
from tests import factories
from tests.bpmn import diagrams as d
from tests.workflows.rules import WORKFLOWS

NIK = "9901014107860002"  # a woman, 1 July 1986, province 99
SOUTH = "99.01.02.2001"


def new_case(session: Session, **person: Any) -> Case:
    factories.places(session)
    client = Person(name="Warga Contoh", created_at=clock.now())
    session.add(client)
    records.write_person(client, person)
    return beginnings.open_case(session, SYSTEM, client, factories.VILLAGE)


@pytest.fixture
def case(session: Session) -> Case:
    since = datetime(2000, 1, 1, tzinfo=UTC)
    session.add(OfficeSetting(name="test_regions", value=True, effective_from=since.date(), created_at=since))
    return new_case(session, nik=NIK, sex="P")


@pytest.fixture
def instance(session: Session) -> ProcessInstance:
    """An instance with one open task."""
    body = (
        d.start(),
        d.user("Visit", d.z("assignmentDefinition", candidateGroups="tksk")),
        d.end(),
        d.chain("start", "Visit", "end"),
    )
    factories.deploy(session, {"p/p.bpmn": d.process(*body)})
    return factories.start(session)


def call(session: Session, name: str, case: Case | None, instance_id: int = 0, **inputs: Any) -> dict[str, Any]:
    context = JobContext(1, instance_id, case.id if case else None, "99.01.01", "Element", 1, "pilar-job-1")
    return dict(OPERATIONS[name](session, context, inputs))


def test_the_process_learns_what_a_nik_is_worth_not_the_number(session: Session, case: Case) -> None:
    assert call(session, "check-nik", case) == {"nik_check": "valid", "nik_findings": [], "temp_id": None}
    case.client.sex = "L"
    assert call(session, "check-nik", case)["nik_findings"] == ["nik_sex_differs"]
    case.client.nik = "9901013102860002"
    assert call(session, "check-nik", case)["nik_check"] == "invalid"
    case.client.nik = None
    absent = {"nik_check": "absent", "nik_findings": [], "temp_id": f"T-{case.case_no}"}
    assert call(session, "check-nik", case) == absent
    assert (call(session, "check-nik", case), case.client.temp_id) == (absent, absent["temp_id"])


def test_a_second_record_or_case_of_the_same_person_is_a_duplicate(session: Session, case: Case) -> None:
    assert call(session, "find-duplicates", case) == {"duplicate_count": 0}
    twin = new_case(session, nik="99.0101 410786-0002")
    for one in (case, twin):
        with pytest.raises(BpmnError) as found:
            call(session, "find-duplicates", one)
        assert (found.value.error_code, found.value.variables) == ("ERR_DUPLICATE", {"duplicate_count": 1})
    twin.client.merged_into_id = case.client_id
    assert call(session, "find-duplicates", case) == {"duplicate_count": 0}
    twin.client_id = case.client_id
    session.flush()
    with pytest.raises(BpmnError):
        call(session, "find-duplicates", case)


def test_a_report_that_names_another_case_is_a_duplicate(session: Session, case: Case) -> None:
    with pytest.raises(BpmnError):
        call(session, "find-duplicates", case, duplicate_of="99.01.01-2026-000001")


def partner(session: Session, code: str, kind: str, **more: Any) -> None:
    values = {"region_code": "99.01", "free_places": 1, "services": ["lansia"], "created_at": clock.now(), **more}
    session.add(Partner(code=code, name=code, kind=kind, **values))
    session.flush()


def find(session: Session, **more: Any) -> tuple[list[str], list[str]]:
    asked = {"rehab_kind": "lansia", "sex": "P", "client_age": 74, "region": "99.01.01", "excluded": [], **more}
    found = call(session, "find-providers", None, **asked)
    return [one["code"] for one in found["providers"]], found["provider_kinds"]


def test_providers_fit_service_region_sex_and_age_and_have_a_place(session: Session) -> None:
    factories.places(session)
    partner(session, "near", "lks", rank=20, min_age=60)
    partner(session, "full", "sentra", rank=10, free_places=0, region_code="99")
    partner(session, "young", "uptd", max_age=58)
    partner(session, "men", "uptd", sex="L")
    partner(session, "far", "uptd", region_code="99.02")
    partner(session, "other", "uptd", services=["anak"])
    partner(session, "closed", "uptd", is_active=False)
    assert find(session) == (["full", "near"], ["lks"])
    assert find(session, client_age=None) == (["full", "near", "young"], ["lks", "uptd"])
    assert find(session, excluded=["near"]) == (["full"], [])
    assert find(session, excluded=["sentra"]) == (["near"], ["lks"])


def test_a_referral_is_numbered_and_takes_and_gives_back_a_place(
    session: Session, case: Case, instance: ProcessInstance
) -> None:
    partner(session, "lks-1", "lks", free_places=2)
    due = datetime(2026, 10, 12, 1, tzinfo=UTC)
    inputs = {"path": "REHAB", "provider_code": "lks-1", "reply_due": feel.from_python(due)}  # as a diagram gives it
    opened = [call(session, "open-referral", case, instance.id, **inputs) for _ in range(2)]
    assert [one["referral_no"] for one in opened] == [f"{case.case_no}/R1", f"{case.case_no}/R2"]
    row = session.scalars(select(Referral).order_by(Referral.id)).first()
    assert row is not None
    assert (row.status, row.partner_code, row.reply_due_at) == ("requested", "lks-1", due)

    for status, places in (("in-progress", 1), ("in-progress", 1), ("completed", 2)):
        call(session, "update-referral", case, referral_no=row.referral_no, referral_status=status, outcome="reunify")
        assert session.scalars(select(Partner.free_places)).one() == places
    assert (row.status, row.outcome, row.closed_at is not None) == ("completed", "reunify", True)


def test_a_programme_is_waited_for_like_a_partner_but_has_no_places(
    session: Session, case: Case, instance: ProcessInstance
) -> None:
    due = datetime(2027, 4, 5, 1, tzinfo=UTC)
    opened = call(session, "open-referral", case, instance.id, path="PKH", reply_due=feel.from_python(due))
    row = session.scalars(select(Referral)).one()
    assert (row.path, row.partner_code, row.reply_due_at) == ("PKH", None, due)
    for status, outcome in (("accepted", None), ("completed", "graduated")):
        call(session, "update-referral", case, **opened, referral_status=status, outcome=outcome)
    assert (row.status, row.outcome, row.closed_at is not None) == ("completed", "graduated", True)


def test_without_a_case_nothing_is_recorded(session: Session, instance: ProcessInstance) -> None:
    opened = call(session, "open-referral", None, instance.id, path="PKH", reply_due=None)
    assert opened["referral_no"] == f"P{instance.id}/R1"
    assert call(session, "update-referral", None, instance.id, **opened, referral_status="accepted") == {}
    assert call(session, "record-unmet-need", None, instance.id, path="PKH", reason="no_capacity") == {}
    assert call(session, "check-nik", None, instance.id)["nik_check"] == "absent"
    assert call(session, "close-referrals", None, instance.id, outcome="pindah") == {"closed_referrals": []}
    assert call(session, "merge-person", None, instance.id, confirmed=True) == {"person_merged": False}
    assert call(session, "find-duplicates", None, instance.id) == {"duplicate_count": 0}
    assert session.scalar(select(func.count(Referral.id))) == session.scalar(select(func.count(UnmetNeed.id))) == 0


def test_a_restricted_record_is_no_duplicate_of_an_open_one(session: Session, case: Case) -> None:
    twin = new_case(session, nik=NIK, sex="P")
    twin.restricted = twin.client.restricted = True
    session.flush()
    assert call(session, "find-duplicates", case) == {"duplicate_count": 0}
    with pytest.raises(BpmnError):
        call(session, "find-duplicates", twin)


def test_the_diagrams_call_every_operation_and_no_other() -> None:
    diagrams = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS.glob("*/*.bpmn"))
    assert set(re.findall(r'taskDefinition type="([^"]+)"', diagrams)) == set(OPERATIONS)


def test_an_unknown_referral_changes_nothing(session: Session) -> None:
    assert call(session, "update-referral", None, referral_no="x", referral_status="rejected") == {}


def test_unmet_needs_are_counted_where_they_arise(session: Session, case: Case) -> None:
    call(session, "record-unmet-need", case, path="REHAB", reason="no_capacity")
    row = session.scalars(select(UnmetNeed)).one()
    assert (row.path, row.reason, row.region_code) == ("REHAB", "no_capacity", "99.01.01")


def test_a_reminder_moves_the_open_task_up(session: Session, instance: ProcessInstance) -> None:
    call(session, "remind", None, instance.id, task="Other")
    call(session, "remind", None, instance.id, task="Visit")
    task = tasks.open_task(session, instance.id, "Visit")
    assert task is not None
    assert task.priority == 90
    assert session.scalars(select(History.kind).where(History.task_id == task.id)).all() == ["task.reminded"]


def test_a_case_moves_with_its_open_tasks(session: Session, case: Case, instance: ProcessInstance) -> None:
    here = factories.worker(session, "tksk31", "tksk", at=("99.01.01",))
    wide = factories.worker(session, "tksk32", "tksk", at=("99.01",))
    task = tasks.open_task(session, instance.id, "Visit")
    assert task is not None
    tasks.claim(session, here, task.id)
    moved = call(session, "move-case", case, instance.id, village_code=SOUTH)
    assert moved == {"village_code": SOUTH, "region": "99.01.02"}
    assert (case.village_code, case.region_code, case.client.village_code) == (SOUTH, "99.01.02", SOUTH)
    assert (instance.region_code, task.region_code, task.assignee_id) == (SOUTH, SOUTH, None)

    tasks.claim(session, wide, task.id)
    call(session, "move-case", case, instance.id, village_code=factories.VILLAGE)
    assert task.assignee_id == wide.id
