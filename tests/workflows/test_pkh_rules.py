"""The PKH tables with the numbers of the programme: eligibility, components, commitments, quarters."""

from datetime import date
from typing import Any

import pytest

from tests.workflows.rules import decide

ELIGIBLE = {
    "citizen": True, "nik_status": "padan", "in_dtsen": True, "programmes": ["sembako"], "desil": 4,
    "component_count": 1,
}  # fmt: skip


def member(relation: str, age: int, **more: Any) -> dict[str, Any]:
    return {
        "relation": relation, "age": age, "pregnant": False, "pregnancy_no": None, "school": "tidak",
        "severe_disability": False, **more,
    }  # fmt: skip


def components(*members: dict[str, Any], on: date = date(2026, 10, 5)) -> dict[str, Any]:
    found: dict[str, Any] = decide("pkh", "pkh_components", {"members": list(members)}, on)
    return found


def kept(found: dict[str, Any]) -> list[str]:
    return [one["component"] for one in found["kept"]]


def dropped(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["component"], one["result"]) for one in found["dropped"]]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, "layak"),
        ({"citizen": False}, "perbaiki_data"),
        ({"nik_status": "tidak_padan"}, "perbaiki_data"),
        ({"nik_status": "belum_dicek", "in_dtsen": False}, "perbaiki_data"),
        ({"in_dtsen": False}, "usulkan_dtsen"),
        ({"in_dtsen": None}, "usulkan_dtsen"),
        ({"programmes": ["sembako", "pkh"]}, "sudah_kpm"),
        ({"programmes": None}, "layak"),
        ({"desil": 5}, "desil"),
        ({"desil": 6, "component_count": 0}, "desil"),
        ({"component_count": 0}, "tanpa_komponen"),
    ],
)
def test_eligibility(facts: dict[str, Any], reason: str) -> None:
    found = decide("pkh", "pkh_eligible", {**ELIGIBLE, **facts})
    assert found["reason"] == reason
    assert found["eligible"] is (reason == "layak")


def test_the_pregnant_mother_of_story_1() -> None:
    found = components(
        member("ibu", 31, pregnant=True, pregnancy_no=2),
        member("anak", 4),
        member("anak", 8, school="sd"),
        member("nenek", 72),
    )
    assert kept(found) == ["BUMIL", "AUD", "LANSIA", "SD"]
    assert (found["annual"], found["quarterly"], found["dropped"]) == (9_300_000, 2_325_000, [])


def test_the_six_children_of_story_2() -> None:
    found = components(
        member("anak", 2),
        member("anak", 5),
        member("anak", 8, school="sd"),
        member("anak", 10, school="sd"),
        member("anak", 13, school="smp"),
        member("anak", 16, school="sma"),
    )
    assert kept(found) == ["AUD", "AUD", "SMA", "SMP"]
    assert (found["annual"], found["count"]) == (9_500_000, 4)
    assert dropped(found) == [("SD", "batas_anggota"), ("SD", "batas_anggota")]


def test_a_member_counts_once_with_the_highest_component() -> None:
    found = components(member("ibu", 30, pregnant=True, pregnancy_no=1, severe_disability=True))
    assert kept(found) == ["BUMIL"]
    assert dropped(found) == [("DISABILITAS", "anggota_sudah_dihitung")]


def test_whom_a_full_component_leaves_out_may_count_with_another() -> None:
    found = components(
        member("ibu", 30, pregnant=True, pregnancy_no=1),
        member("kakak", 25, pregnant=True, pregnancy_no=1, severe_disability=True),
        *(member("anak", age) for age in (1, 2, 3)),
    )
    assert kept(found) == ["BUMIL", "AUD", "AUD", "DISABILITAS"]
    assert dropped(found) == [("BUMIL", "batas_komponen"), ("AUD", "batas_komponen")]
    assert found["annual"] == 11_400_000


def test_a_third_pregnancy_and_a_family_without_components_count_nothing() -> None:
    assert components(member("ibu", 35, pregnant=True, pregnancy_no=3))["annual"] == 0
    assert components(member("ayah", 40), member("anak", 22, school="sma"))["count"] == 0
    assert components()["quarterly"] == 0


def test_a_child_of_six_counts_at_school_or_as_early_child() -> None:
    assert kept(components(member("anak", 6, school="sd"))) == ["SD"]
    assert kept(components(member("anak", 6))) == ["AUD"]


@pytest.mark.parametrize(("on", "count"), [(date(2020, 5, 1), 1), (date(2021, 5, 1), 0), (date(2023, 5, 1), 1)])
def test_the_age_of_elders_follows_its_period(on: date, count: int) -> None:
    assert components(member("nenek", 65), on=on)["count"] == count


@pytest.mark.parametrize(
    ("attendance", "visits", "before", "result", "after"),
    [
        (85, True, 2, "ok", 0),
        (None, None, 0, "ok", 0),
        (84.9, True, 0, "warn", 1),
        (None, False, 1, "suspend_propose", 2),
        (60, False, 2, "graduation_review", 3),
        (60, True, 3, "graduation_review", 4),
    ],
)
def test_commitments(attendance: float | None, visits: bool | None, before: int, result: str, after: int) -> None:
    facts = {"attendance_percent": attendance, "visits_kept": visits, "misses_before": before}
    assert decide("pkh", "pkh_commitment", facts) == {"result": result, "misses_in_row": after}


def test_quarters_from_the_running_one_to_the_end_of_the_year() -> None:
    found = decide("pkh", "pkh_quarters", {"case_no": "K-1", "last_quarter": None}, date(2026, 8, 20))
    assert [(one["ref"], one["starts_on"]) for one in found["quarters"]] == [
        ("K-1/2026-Q3", "2026-07-01"),
        ("K-1/2026-Q4", "2026-10-01"),
    ]
    following = decide("pkh", "pkh_quarters", {"case_no": "K-1", "last_quarter": found["last"]}, date(2026, 12, 1))
    assert [one["ref"] for one in following["quarters"]] == [f"K-1/2027-Q{n}" for n in (1, 2, 3, 4)]
