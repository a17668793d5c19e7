"""The disaster tables with the standards of the field: scale and relief needs."""

from typing import Any

import pytest

from tests.workflows.rules import decide

SMALL = {"decree_exists": False, "families": 49, "village_count": 2, "dead": 0}


@pytest.mark.parametrize(
    ("facts", "scale"),
    [
        ({}, "micro"),
        ({"decree_exists": True}, "macro"),
        ({"families": 50}, "macro_proposed"),
        ({"village_count": 3}, "macro_proposed"),
        ({"dead": 1}, "macro_proposed"),
        ({"decree_exists": True, "families": 500, "dead": 9}, "macro"),
    ],
)
def test_scale(facts: dict[str, Any], scale: str) -> None:
    assert decide("tagana", "disaster_scale", {**SMALL, **facts}) == scale


def test_the_flood_of_story_4() -> None:
    needs = decide("tagana", "logistics", {"persons": 430, "babies": 12, "displaced": 300, "days": 7})
    assert (needs["portions_day"], needs["rice_kg_day"], needs["water_l_day"]) == (860, 172, 6450)
    assert (needs["rice_kg"], needs["portions"], needs["water_l"]) == (1204, 6020, 45_150)
    assert (needs["baby_kits"], needs["shelter_m2"], needs["days"]) == (12, 900, 7)


def test_unknown_babies_and_displaced_people_need_nothing() -> None:
    needs = decide("tagana", "logistics", {"persons": 4, "babies": None, "displaced": None, "days": 1})
    assert (needs["baby_kits"], needs["shelter_m2"], needs["rice_kg"]) == (0, 0, 1.6)
