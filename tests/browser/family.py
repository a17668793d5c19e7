"""What is said and found of one invented family, as people type it in the main job."""

from datetime import timedelta
from typing import Any

from engine import clock

NAME = "Sulastri Ningsih"
NIK = "9901015406960011"
TODAY = clock.now().date()
MEMBERS: list[dict[str, Any]] = [
    {"relation": "klien", "age": 30, "pregnant": True, "pregnancy_no": 2, "school": "tidak"},
    {"relation": "anak", "age": 4, "school": "tidak"},
    {"relation": "anak", "age": 8, "school": "sd"},
    {"relation": "mertua", "age": 73, "school": "tidak"},
]
REPORT: dict[str, Any] = {
    "reporter_kind": "warga",
    "client_name": NAME,
    "client_nik": "12345",
    "sex": "P",
    "birth_date": "1996-06-14",
    "village_code": "99.01.01.2001",
    "address": "RT 02/RW 01, dekat masjid",
    "problem_domain": "keluarga_miskin",
    "problem_text": "Suami sakit, hamil anak ketiga.",
    "threat_to_life": False,
    "disaster_kind": "tidak",
}
HUSBAND = {"member_name": "Joko Santoso", "member_relation": "suami", "member_sex": "L"}
VERIFIED: dict[str, Any] = {"nik_status": "padan", "citizen": True, "in_dtsen": True, "desil": 2, "household_size": 5}
CONSENT: dict[str, Any] = {
    "consent_given": True,
    "purposes": ["penanganan", "rujukan"],
    "language": "id",
    "channel": "ttd",
    "legal_basis": "persetujuan",
}
FOUND_AT_HOME: dict[str, Any] = {
    "physical": "Sehat, hamil.",
    "psych": "Cemas.",
    "social": "Rukun.",
    "spiritual": "Rajin ibadah.",
    "signs": ["none"],
    "basic_needs": ["pangan"],
    "risk_level": "sedang",
    "client_wish": "Anak tetap sekolah.",
    "income": "900.000",
    "able_to_work": True,
    "pmks_codes": ["24"],
    "members": MEMBERS,
}
PLAN: dict[str, Any] = {
    "goals": "Pangan cukup.",
    "goals_count": 3,
    "interventions": "Kunjungan.",
    "pillar": "jaminan",
    "responsible": "TKSK",
    "target_date": (TODAY + timedelta(days=60)).isoformat(),
}
RETURNED: dict[str, Any] = {"reason": "Target terlalu dekat.", "signature": True}
