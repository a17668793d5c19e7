"""Story 6: a beaten wife. Whoever is not named for her case learns nothing of it, by no page, list, count or search."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engine.casework import cases
from engine.queries import people
from engine.service_tasks import find_duplicates
from engine.store.cases import Case
from engine.store.people import HouseholdMember, Person
from tests import factories
from tests.web.expected import CASEWORK, EXPECTED, NAMED, REGISTERS, role_of
from tests.web.test_matrix import address, thing
from tests.web.world import ADDRESS, CHILD, HUSBAND, HUSBAND_NIK, KK, NIK, STORY, WIFE, World

OUTSIDERS = ("tksk", "psm", "pendamping_pkh", "tagana", "peksos", "fo", "bo", "kabid", "kadis", "tksk+duty@other")
TELLING = (WIFE, "Zulaikha", HUSBAND, "Gondo", CHILD, "Kirana", NIK, HUSBAND_NIK, KK, ADDRESS, STORY)
LISTS = (
    "/tasks", "/tasks?tab=queue", "/tasks?tab=done", "/cases", "/cases?state=closed", "/cases?q={case_no}", "/people",
    "/cases?q=Zulaikha", "/tasks?tab=queue&q=Zulaikha", "/tasks?tab=done&q={case_no}", "/cases/new", "/more",
)  # fmt: skip


def told(world: World, answer: TestResponse) -> list[str]:
    numbers = [world.ids["case_no", "restricted"], f'/cases/{world.ids["case", "restricted"]}"']
    return [word for word in (*TELLING, *numbers) if word in re.sub(r'name="q"[^>]*|value="[^"]*"', "", answer.text)]


@pytest.mark.parametrize("who", OUTSIDERS)
def test_lists_counts_and_searches_show_nothing(world: World, who: str) -> None:
    for path in LISTS:
        answer = world.ask_and_take_back(who, "GET", path.format(case_no=world.ids["case_no", "restricted"]))
        assert answer.status_code == (403 if path == "/cases/new" and role_of(who) not in REGISTERS else 200), path
        assert told(world, answer) == [], path
    for words in (WIFE, HUSBAND, CHILD, NIK, HUSBAND_NIK, ADDRESS, "Melati"):
        answer = world.ask_and_take_back(who, "POST", "/people", {"q": words})
        assert told(world, answer) == [], words
        assert f'/people/{world.ids["person", "restricted"]}"' not in answer.text


@pytest.mark.parametrize("path", ["/team", "/approvals", "/team?step=AssessNeeds", "/team?worker=none"])
@pytest.mark.parametrize("who", ["kabid", "kadis"])
def test_supervisors_without_the_duty_see_no_trace(world: World, who: str, path: str) -> None:
    answer = world.ask_and_take_back(who, "GET", path)
    assert answer.status_code == 200
    assert told(world, answer) == []
    assert world.ids["case_no", "normal"].rpartition("-")[0] in answer.text or path == "/approvals"


def numbers(world: World, who: str) -> list[list[str]]:
    """All numbers in the tabs of inbox and cases, on the team board."""
    paths = ["/tasks", "/cases", *(["/team", "/approvals"] if role_of(who) in ("kabid", "kadis") else [])]
    pages = [world.ask(who, "GET", path).text for path in paths]
    return [re.findall(r">\s*(\d+)\s*<", re.sub(r"<time.*?</time>", "", page)) for page in pages]


@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_count_changes_when_a_restricted_case_is_added(world: World, who: str) -> None:
    with world.taken_back() as session:
        before = numbers(world, who)
        case_id = restricted_case(session, world)
        assert numbers(world, who) == before
        assert session.get_one(Case, case_id).restricted


def restricted_case(session: Session, world: World, name: str = "Ratih Rahasia") -> int:
    typed = {"client_name": name, "sex": "P", "village_code": factories.VILLAGE, "restricted": True}
    case_id = cases.register(session, world.actors["psm"], typed).case_id
    session.commit()
    return case_id


@pytest.mark.parametrize("key", sorted(key for key in EXPECTED if EXPECTED[key].roles), ids=" ".join)
def test_no_route_tells_an_outsider(world: World, key: tuple[str, str]) -> None:
    """The person, the task, the document, the decision, by their ids: nothing; by whatever else is asked: nothing."""
    route = EXPECTED[key]
    for who in ("tksk", "psm", "kabid", "tksk+duty@other", "operator", "admin", "analyst", "camat"):
        number = thing(world, route, "restricted") or 1
        answer = world.ask_and_take_back(who, key[0], address(world, key, number), {**route.form, "q": "Zulaikha"})
        found = [word for word in told(world, answer) if route.thing != "receipt" or word in TELLING]
        assert found == [], who


# --- the household


@pytest.fixture
def husband(world: World) -> Iterator[tuple[Session, int]]:
    """He comes for help himself: a normal case, of the same family card."""
    with world.taken_back() as session:
        typed = {
            "client_name": HUSBAND, "nik": HUSBAND_NIK, "kk_no": KK, "sex": "L", "village_code": factories.VILLAGE,
            "restricted": False,
            "members": [{"member_name": WIFE, "member_nik": NIK}, {"member_name": CHILD, "member_relation": "child"}],
        }  # fmt: skip
        case_id = cases.register(session, world.actors["tksk"], typed).case_id
        session.commit()
        yield session, case_id


def test_the_husband_s_case_shows_nothing_of_the_wife(world: World, husband: tuple[Session, int]) -> None:
    session, case_id = husband
    case = session.get_one(Case, case_id)
    pages = [f"/cases/{case_id}", f"/people/{case.client_id}", f"/cases/{case_id}/history"]
    for who in ("tksk", "kabid", "peksos"):
        for path in pages:
            answer = world.ask(who, "GET", path)
            assert answer.status_code == 200
            for word in ("Zulaikha", "Kirana", NIK[-4:] + " ", world.ids["case_no", "restricted"]):
                assert word not in answer.text, (who, path)


def test_her_worker_still_sees_the_household(world: World, husband: tuple[Session, int]) -> None:
    page = world.ask("tksk+duty", "GET", f"/cases/{world.ids['case', 'restricted']}").text
    assert CHILD in page


def test_everybody_whom_only_her_case_knows_is_hidden(world: World) -> None:
    with world.taken_back() as session:
        case = session.get_one(Case, world.ids["case", "restricted"])
        members = select(HouseholdMember.person_id).where(HouseholdMember.household_id == case.household_id)
        rows = session.scalars(select(Person).where(Person.id.in_(members))).all()
        assert {row.name for row in rows} == {WIFE, HUSBAND, CHILD}
        assert all(row.restricted for row in rows)


def test_the_duplicate_warning_is_silent(world: World) -> None:
    form = {"client_name": WIFE, "nik": NIK, "sex": "P", "village_code": factories.VILLAGE, "address": ADDRESS}
    quiet = world.ask_and_take_back("fo", "POST", "/cases/new/report", {**form, "restricted": "false"})
    assert quiet.status_code == 303, "registered like anybody"
    warned = world.ask_and_take_back("tksk+duty", "POST", "/cases/new/report", {**form, "restricted": "false"})
    assert WIFE in warned.text


def test_the_duplicate_check_of_the_process_is_silent(world: World) -> None:
    with world.taken_back() as session:
        typed = {"client_name": WIFE, "nik": NIK, "sex": "P", "village_code": factories.VILLAGE, "restricted": False}
        case_id = cases.register(session, world.actors["fo"], typed).case_id
        case = session.get_one(Case, case_id)
        assert find_duplicates._same_number(session, case) == 0
        hers = session.get_one(Case, world.ids["case", "restricted"])
        assert find_duplicates._same_number(session, hers) == 1
        assert people.search(session, world.actors["peksos"], HUSBAND_NIK) == []


# --- the way in


def test_an_emergency_opens_the_case_for_two_hours_and_is_written_down(world: World) -> None:
    number = world.ids["case_no", "restricted"]
    form = {"case_no": number, "reason": "Polisi menelepon, klien dalam bahaya"}
    with world.taken_back():
        for who, status in (("psm", 403), ("tksk@other", 422), ("peksos@other", 422)):
            assert world.ask(who, "POST", "/cases/emergency", form).status_code == status
        assert world.ask("peksos", "POST", "/cases/emergency", {**form, "reason": "x"}).status_code == 422
        assert world.ask("peksos", "GET", f"/cases/{world.ids['case', 'restricted']}").status_code == 404
        assert world.ask("peksos", "POST", "/cases/emergency", form).status_code == 303
        assert WIFE in world.ask("peksos", "GET", f"/cases/{world.ids['case', 'restricted']}").text
        log = world.ask("dpo", "GET", "/access-log").text
        assert "Polisi menelepon" in log
        assert number in log


def test_a_wrong_number_and_a_case_elsewhere_are_told_apart_by_nobody(world: World) -> None:
    answers = []
    for number in (world.ids["case_no", "restricted"], "99.01.01-2026-999999", world.ids["case_no", "normal"]):
        page = world.ask_and_take_back(
            "tksk@other", "POST", "/cases/emergency", {"case_no": number, "reason": "bahaya besar"}
        )
        answers.append((page.status_code, re.sub(r'nonce="[^"]*"|(?:value|content)="[^"]*"', "", page.text)))
    assert answers[0] == answers[1] == answers[2]


def test_every_outsider_and_insider_is_a_caseworker() -> None:
    assert {role_of(who) for who in (*OUTSIDERS, *NAMED)} <= CASEWORK
