"""The operations with which a case stops, becomes one with another, or meets in a group."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM
from engine.casework import beginnings, instances, records
from engine.casework.instances import Beginning
from engine.casework.work import JobContext
from engine.service_tasks import OPERATIONS
from engine.store.cases import Case
from engine.store.instances import ProcessInstance
from engine.store.partners import Partner
from engine.store.people import Household, HouseholdMember, Person
from engine.store.referrals import Consent, Referral
from tests import factories
from tests.bpmn import diagrams as d

NIK = "9901014107860002"


def new_case(session: Session, **person: Any) -> Case:
    factories.places(session)
    client = Person(name="Warga Contoh", created_at=clock.now())
    session.add(client)
    records.write_person(client, person)
    return beginnings.open_case(session, SYSTEM, client, factories.VILLAGE)


@pytest.fixture
def case(session: Session) -> Case:
    return new_case(session, nik=NIK, sex="P")


def call(session: Session, name: str, case: Case | None, instance_id: int = 0, **inputs: Any) -> dict[str, Any]:
    context = JobContext(1, instance_id, case.id if case else None, "99.01.01", "Element", 1, "pilar-job-1")
    return dict(OPERATIONS[name](session, context, inputs))


def refer(session: Session, case: Case, number: int, status: str, **more: Any) -> Referral:
    values = {"path": "REHAB", "process_id": "rehabilitation", "opened_at": clock.now(), "sent_at": clock.now(), **more}
    row = Referral(case_id=case.id, referral_no=f"{case.case_no}/R{number}", status=status, **values)
    session.add(row)
    session.flush()
    return row


def test_a_case_that_stops_leaves_no_referral_open(session: Session, case: Case) -> None:
    session.add(
        Partner(
            code="lks-1", name="LKS", kind="lks", services=["lansia"], region_code="99.01", free_places=1,
            created_at=clock.now(),
        )
    )  # fmt: skip
    done = refer(session, case, 1, "completed", outcome="reunify")
    begun = refer(session, case, 2, "in-progress", partner_code="lks-1")
    asked = refer(session, case, 3, "requested", path="PKH")
    unsent = refer(session, case, 4, "draft", sent_at=None)
    other = refer(session, new_case(session), 1, "requested")

    closed = call(session, "close-referrals", case, outcome="meninggal")

    told = [{"referral_no": begun.referral_no, "path": "REHAB"}, {"referral_no": asked.referral_no, "path": "PKH"}]
    assert closed == {"closed_referrals": told}
    assert (done.status, done.outcome) == ("completed", "reunify")
    assert [(row.status, row.outcome) for row in (begun, asked, unsent)] == [
        ("failed", "meninggal"),
        ("cancelled", "meninggal"),
        ("cancelled", "meninggal"),
    ]
    assert other.status == "requested"
    assert session.scalars(select(Partner.free_places)).one() == 2
    assert call(session, "close-referrals", case, outcome="pindah") == {"closed_referrals": []}


def test_a_withdrawn_consent_is_kept_with_its_end(session: Session, case: Case) -> None:
    common = {"legal_basis": "persetujuan", "channel": "ttd", "language": "id", "recorded_at": clock.now()}
    refused = Consent(case_id=case.id, given=False, **common)
    given = Consent(case_id=case.id, given=True, **common)
    session.add_all([refused, given])
    session.flush()
    call(session, "withdraw-consent", case)
    ended = given.withdrawn_at
    call(session, "withdraw-consent", case)
    assert (given.given, ended is not None, given.withdrawn_at, refused.withdrawn_at) == (True, True, ended, None)


def test_one_person_becomes_one_record(session: Session, case: Case) -> None:
    case.client.birth_date = None
    household = Household(created_at=clock.now())
    session.add(household)
    session.flush()
    twin = new_case(session, nik=NIK, sex="L", birth_date=date(1986, 7, 1))
    session.add_all(HouseholdMember(household_id=household.id, person_id=one.client_id) for one in (case, twin))
    session.add(HouseholdMember(household_id=new_household(session), person_id=twin.client_id, relation="head"))
    session.flush()
    older, newer = case.client, twin.client

    assert call(session, "merge-person", twin, confirmed=False) == {"person_merged": False}
    assert call(session, "merge-person", twin, confirmed=True) == {"person_merged": True}

    assert (newer.merged_into_id, case.client_id, twin.client_id) == (older.id, older.id, older.id)
    assert (older.sex, older.birth_date) == ("P", date(1986, 7, 1))  # what it had stays, what it lacked it gains
    members = session.scalars(select(HouseholdMember.person_id).order_by(HouseholdMember.id)).all()
    assert members == [older.id, older.id]  # nobody is twice in a household
    assert call(session, "merge-person", case, confirmed=True) == {"person_merged": False}


def new_household(session: Session) -> int:
    row = Household(created_at=clock.now())
    session.add(row)
    session.flush()
    return row.id


def test_an_open_case_is_not_merged_with_a_restricted_record(session: Session, case: Case) -> None:
    twin = new_case(session, nik=NIK)
    twin.restricted = twin.client.restricted = True
    session.flush()
    assert call(session, "merge-person", case, confirmed=True) == {"person_merged": False}
    assert call(session, "merge-person", twin, confirmed=True) == {"person_merged": True}
    assert case.client.restricted


def meetings(session: Session, group: str) -> ProcessInstance:
    """An instance that holds the meetings of a group."""
    about = Beginning(factories.VILLAGE, group)
    return instances.start(session, SYSTEM, "pkh_group", {}, about)


def test_a_group_meets_once_for_all_its_families(session: Session, case: Case) -> None:
    body = (d.start(), d.user("Meet", d.z("assignmentDefinition", candidateGroups="tksk")), d.end())
    diagram = d.process(*body, d.chain("start", "Meet", "end"), id="pkh_group")
    factories.deploy(session, {"p/p.bpmn": diagram})
    second = new_case(session)
    rows = [refer(session, one, 1, "accepted", path="PKH") for one in (case, second)]
    first, other = (row.referral_no for row in rows)

    assert call(session, "join-p2k2-group", case, referral_no=first, p2k2_group="P2K2-1") == {"group_meets": False}
    holder = meetings(session, "P2K2-1")
    assert call(session, "join-p2k2-group", second, referral_no=other, p2k2_group="P2K2-1") == {"group_meets": True}

    found = call(session, "find-group-families", None, holder.id, p2k2_group="P2K2-1")
    assert found == {"families": [case.case_no, second.case_no]}
    rows[0].status = "completed"
    session.flush()
    assert call(session, "find-group-families", None, holder.id, p2k2_group="P2K2-1")["families"] == [second.case_no]

    late = meetings(session, "P2K2-1")  # begun at the same moment: it finds nobody and ends
    assert call(session, "find-group-families", None, late.id, p2k2_group="P2K2-1") == {"families": []}
