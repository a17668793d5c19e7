"""The tables of case, emergency and rehabilitation: triage, kinds, paths, deadlines, approval, documents, closing."""

from typing import Any

import pytest

from tests.workflows.rules import decide

CALM = {
    "threat_to_life": False, "violence_ongoing": False, "child_alone": False, "disaster_kind": "tidak",
    "problem_domain": "keluarga_miskin", "danger_behaviour": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "priority", "first_response", "route"),
    [
        ({"threat_to_life": True}, "P1", "PT45M", "emergency"),
        ({"violence_ongoing": True}, "P1", "PT45M", "emergency"),
        ({"child_alone": True, "disaster_kind": "alam"}, "P1", "PT45M", "emergency"),
        ({"disaster_kind": "sosial"}, "P1", "PT1H", "disaster"),
        ({"problem_domain": "odgj", "danger_behaviour": True}, "P1", "PT45M", "emergency"),
        ({"problem_domain": "odgj", "danger_behaviour": False}, "P3", "WD3", "normal"),
        ({"problem_domain": "lansia_terlantar"}, "P2", "PT24H", "normal"),
        ({"problem_domain": "pengemis"}, "P2", "PT24H", "normal"),
        ({"problem_domain": "pengaduan"}, "P4", "P1D", "answer"),
        ({}, "P3", "WD3", "normal"),
    ],
)
def test_triage(facts: dict[str, Any], priority: str, first_response: str, route: str) -> None:
    found = decide("case", "triage", CALM | facts)
    assert found == {"priority": priority, "first_response": first_response, "route": route}


ADULT = {
    "client_age": 40, "sex": "L", "signs": ["none"], "disabilities": None, "basic_needs": ["terpenuhi"],
    "secret_signs": None, "desil": 6, "income": 3_000_000, "expense": 2_000_000, "disaster_kind": "tidak",
    "priority": "P3",
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"client_age": 5, "signs": ["neglect"]}, ["01"]),
        ({"client_age": 6, "signs": ["neglect"]}, ["02"]),
        ({"client_age": 17, "basic_needs": ["pangan"]}, ["02", "24"]),
        ({"client_age": 18, "basic_needs": ["kesehatan"]}, []),
        ({"client_age": 16, "signs": ["legal_process"]}, ["03"]),
        ({"client_age": 18, "signs": ["legal_process"]}, []),
        ({"client_age": 4, "signs": ["street_life"]}, []),
        ({"client_age": 11, "signs": ["street_life", "exploited"]}, ["04", "07"]),
        ({"client_age": 12, "disabilities": ["sensorik"]}, ["05"]),
        ({"client_age": 3, "signs": ["violence_victim"], "priority": "P1"}, ["06", "07"]),
        ({"client_age": 17, "secret_signs": ["hiv"]}, ["07", "16"]),
        ({"client_age": 60, "signs": ["no_carer"]}, ["08"]),
        ({"client_age": 59, "signs": ["no_carer"]}, []),
        ({"disabilities": ["fisik"]}, ["09"]),
        ({"signs": ["sex_work", "homeless", "begging", "scavenging", "minority"]}, ["10", "11", "12", "13", "14"]),
        ({"signs": ["ex_prisoner", "migrant_problem", "family_conflict"]}, ["15", "20", "25"]),
        ({"secret_signs": ["napza"]}, ["17"]),
        ({"signs": ["trafficked", "violence_victim"]}, ["18", "19"]),
        ({"disaster_kind": "alam"}, ["21"]),
        ({"disaster_kind": "sosial"}, ["22"]),
        ({"sex": "P", "income": 900_000}, ["23"]),
        ({"sex": "P", "income": 900_000, "client_age": 60}, []),
        ({"desil": 2}, ["24"]),
        ({"signs": ["kat"]}, ["26"]),
    ],
)
def test_kinds_of_ppks(facts: dict[str, Any], codes: list[str]) -> None:
    assert decide("case", "classify", ADULT | facts) == codes


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"client_age": 17}, "anak"),
        ({"problem_domain": "napza"}, "bidang"),
        ({"violence_ongoing": True}, "kekerasan"),
        ({"pmks_codes": ["24", "10"]}, "kode"),
        ({"pmks_codes": ["09", "24"]}, "tidak"),
    ],
)
def test_who_is_protected(facts: dict[str, Any], reason: str) -> None:
    plain = {"client_age": 40, "problem_domain": "rumah", "violence_ongoing": False, "pmks_codes": []}
    found = decide("case", "restriction", plain | facts)
    assert found == {"restricted": reason != "tidak", "restricted_reason": reason}


POOR = {
    "desil": 3, "pkh_components": 0, "in_dtsen": True, "poor_signs": 0, "pmks_codes": [], "disaster_kind": "tidak",
    "signs": ["none"], "client_age": 40, "able_to_work": False, "pkh_graduate": False, "aladin_bad": 0,
    "owns_land": False, "partner_available": False, "excluded_paths": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "paths"),
    [
        ({"pkh_components": 1}, ["PKH"]),
        ({"pkh_components": 1, "desil": 5}, ["COUNSELLING"]),
        ({"in_dtsen": False, "desil": None, "poor_signs": 2}, ["USULAN"]),
        ({"in_dtsen": False, "desil": None, "poor_signs": 1}, ["COUNSELLING"]),
        ({"pmks_codes": ["21"]}, ["TAGANA"]),
        ({"pmks_codes": ["08"]}, ["REHAB"]),
        ({"pmks_codes": ["09"]}, ["COUNSELLING"]),
        ({"pmks_codes": ["09"], "signs": ["no_carer"]}, ["REHAB"]),
        ({"pmks_codes": ["19"]}, ["REHAB", "EMERGENCY"]),
        ({"pmks_codes": ["24"], "able_to_work": True}, ["UEP"]),
        ({"pmks_codes": ["24"], "able_to_work": True, "client_age": 60}, ["COUNSELLING"]),
        ({"pkh_graduate": True, "able_to_work": True}, ["UEP"]),
        ({"aladin_bad": 2, "owns_land": True}, ["RTLH"]),
        ({"partner_available": True}, ["PARTNER"]),
        ({"pkh_components": 2, "excluded_paths": ["PKH"]}, ["PARTNER"]),
    ],
)
def test_paths(facts: dict[str, Any], paths: list[str]) -> None:
    assert decide("case", "route", POOR | facts) == paths


@pytest.mark.parametrize(
    ("step", "priority", "due"),
    [
        ("verify", "P1", "PT45M"), ("verify", "P2", "PT24H"), ("verify", "P3", "WD3"), ("assess", "P1", "PT24H"),
        ("assess", "P2", "WD3"), ("assess", "P4", "WD7"), ("review_file", "P3", "WD2"), ("sign_kabid", "P1", "WD1"),
        ("sign_kadis", "P3", "WD2"), ("provider_reply", "P3", "WD5"), ("total_napza", "P3", "WD6"),
        ("total_lansia", "P2", "WD5"), ("total_tuna_sosial", "P2", "WD6"), ("total_odgj", "P1", "P14D"),
        ("uptd_ppa", "P1", "WD3"), ("disaster_reply", "P1", "PT24H"), ("disaster_deliver", "P1", "WD3"),
        ("complaint", "P4", "P1D"), ("uep_file", "P3", "WD7"),
    ],
)  # fmt: skip
def test_deadlines(step: str, priority: str, due: str) -> None:
    assert decide("case", "sla", {"step": step, "priority": priority}) == due


@pytest.mark.parametrize(
    ("facts", "level", "group", "mode"),
    [
        ({"paths": ["REHAB"]}, "kabid", "kabid:rehsos", "tertulis"),
        ({"paths": ["PKH", "UEP"]}, "kabid", "kabid:linjamsos", "tertulis"),
        ({"paths": ["UEP"]}, "kabid", "kabid:dayasos", "tertulis"),
        ({"paths": ["RTLH"]}, "kabid", "kabid:pfm", "tertulis"),
        ({"paths": ["REHAB"], "priority": "P1"}, "kabid", "kabid:rehsos", "lisan"),
        ({"paths": ["REHAB"], "residential": True, "priority": "P1"}, "kadis", "kadis", "tertulis"),
        ({"paths": ["PKH"], "outside_district": True}, "kadis", "kadis", "tertulis"),
        ({"paths": ["PARTNER"]}, "kadis", "kadis", "tertulis"),
        ({"paths": ["TAGANA"], "matter": "sk_tanggap_darurat"}, "bupati", "kadis", "dicatat"),
    ],
)
def test_who_approves(facts: dict[str, Any], level: str, group: str, mode: str) -> None:
    plain = {"matter": "rujukan", "priority": "P3", "residential": False, "outside_district": False}
    found = decide("case", "approver", plain | facts)
    assert (found["level"], found["group"], found["mode"]) == (level, group, mode)


def test_documents_of_an_old_person_who_moves_in() -> None:
    facts = {"rehab_kind": "lansia", "residential": True, "identity_known": True, "psych_state": "none", "matter": "x"}
    always = ["persetujuan", "laporan_sosial"]
    residential = ["surat_pengantar", "ktp_kk", "surat_sehat", "foto"]
    assert decide("case", "documents", facts) == [*always, *residential, "sktm", "surat_desa"]


def test_documents_of_somebody_unknown_ask_for_no_identity_card() -> None:
    facts = {"rehab_kind": "odgj", "residential": True, "identity_known": False, "psych_state": "stable", "matter": "x"}
    found = decide("case", "documents", facts)
    assert "ktp_kk" not in found
    assert {"surat_polisi", "surat_tenang", "bpjs"} <= set(found)


@pytest.mark.parametrize(
    ("facts", "closure"),
    [
        ({"died": True, "goals_done": 5}, "close_died"),
        ({"goals_done": 4, "risk_level": "rendah"}, "close_success"),
        ({"goals_done": 4, "risk_level": "sedang"}, "continue"),
        ({"goals_done": 3, "risk_level": "rendah"}, "continue"),
        ({"agency_owns_case": True}, "continue"),
        ({"agency_owns_case": True, "progress_received": True}, "close_transferred"),
        ({"missed_visits": 3}, "close_lost"),
        ({"refusals": 2}, "close_refused"),
    ],
)
def test_closing(facts: dict[str, Any], closure: str) -> None:
    plain = {
        "died": False, "goals_count": 5, "goals_done": 0, "risk_level": "sedang", "agency_owns_case": False,
        "progress_received": False, "missed_visits": 0, "refusals": 0,
    }  # fmt: skip
    found = decide("case", "closure", plain | facts)
    assert found["closure"] == closure
    assert found["aftercare"] == ("P3M" if closure == "close_success" else None)


@pytest.mark.parametrize(
    ("relation", "restricted", "view"),
    [
        ("owner", True, ["full"]),
        ("same_region", False, ["full"]),
        ("same_region", True, []),
        ("camat", False, ["aggregate"]),
        ("analyst", False, ["pseudonymous"]),
        ("admin", False, ["none"]),
    ],
)
def test_who_sees_what(relation: str, restricted: bool, view: list[str]) -> None:
    assert decide("case", "visibility", {"relation": relation, "restricted": restricted}) == view


@pytest.mark.parametrize(
    ("facts", "kinds", "provider"),
    [
        ({"rehab_kind": "anak"}, ["sentra", "lks", "family"], "family"),
        ({"rehab_kind": "anak", "kin_available": False}, ["sentra", "lks", "family"], "lks"),
        ({"rehab_kind": "lansia"}, ["family", "lks", "uptd"], "lks"),
        ({"rehab_kind": "lansia", "residential": False}, ["family", "lks", "uptd"], "family"),
        ({"rehab_kind": "lansia"}, ["sentra"], "sentra"),
        ({"rehab_kind": "odgj", "identity_known": False, "psych_state": "unclear"}, ["hospital", "shelter"], "shelter"),
        ({"rehab_kind": "odgj", "identity_known": False, "psych_state": "acute"}, ["hospital", "shelter"], "hospital"),
        ({"rehab_kind": "odgj", "psych_state": "stable"}, ["hospital", "uptd", "sentra"], "uptd"),
        ({"rehab_kind": "napza", "residential": False}, ["ipwl", "ipwl_residential"], "ipwl"),
        ({"rehab_kind": "napza"}, ["ipwl", "ipwl_residential"], "ipwl_residential"),
        ({"rehab_kind": "abh", "kin_available": False}, [], None),
    ],
)
def test_which_provider_comes_first(facts: dict[str, Any], kinds: list[str], provider: str | None) -> None:
    plain = {"identity_known": True, "psych_state": "none", "residential": True, "kin_available": True}
    assert decide("rehabilitation", "provider", plain | facts | {"provider_kinds": kinds}) == provider
