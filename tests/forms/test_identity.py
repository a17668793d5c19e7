"""The nine rules of the NIK (7 of them need nothing but the number and the form)."""

from datetime import date

import pytest

from forms import identity

TODAY = date(2026, 11, 21)


def nik(text: str, **extra: object) -> identity.IdentityCheck:
    return identity.check_nik(text, today=TODAY, **{"test_regions": True, **extra})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("9901015203950001", None),
        ("9901 0152-0395.0001", None),
        ("990101520395000", "nik_not_16_digits"),
        ("99010152039500O1", "nik_not_16_digits"),
        ("9801015203950001", "nik_province_unknown"),
        ("9900015203950001", "nik_region_zero"),
        ("9901005203950001", "nik_region_zero"),
        ("9901017102950001", "nik_birth_date_invalid"),
        ("9901010013950001", "nik_birth_date_invalid"),
        ("9901013513950001", "nik_birth_date_invalid"),
        ("9901015203950000", "nik_serial_zero"),
    ],
)
def test_rules_one_two_four_and_six(text: str, error: str | None) -> None:
    assert [problem.code for problem in nik(text).errors] == ([error] if error else [])


def test_province_99_is_for_tests_only() -> None:
    found = identity.check_nik("9901015203950001", today=TODAY)
    assert [problem.code for problem in found.errors] == ["nik_province_unknown"]


def test_an_unknown_district_warns_because_codes_change() -> None:
    assert [problem.code for problem in nik("3517995203950001").warnings] == ["nik_district_unknown"]
    assert not nik("3517055203950001").warnings


def test_a_woman_has_forty_added_to_her_day() -> None:
    found = nik("9901015203950001")
    assert (found.birth_date, found.sex) == (date(1995, 3, 12), "P")
    assert nik("9901011203950001").sex == "L"


@pytest.mark.parametrize(
    ("digits", "born"),
    [
        ("9901010101260001", date(2026, 1, 1)),
        ("9901010101270001", date(1927, 1, 1)),
        ("9901013112260001", date(1926, 12, 31)),
    ],
)
def test_rule_five_a_birth_is_never_in_the_future(digits: str, born: date) -> None:
    assert nik(digits).birth_date == born


def test_rule_seven_a_difference_needs_a_reason_not_a_correction() -> None:
    found = nik("9901015203950001", birth_date=date(1995, 3, 13), sex="L")
    assert not found.errors
    assert [problem.code for problem in found.warnings] == ["nik_sex_differs", "nik_birth_date_differs"]
    assert found.needs_reason
    hundred = nik("9901010101200001", birth_date=date(1920, 1, 1))
    assert [problem.code for problem in hundred.warnings] == ["nik_century_ambiguous"]
    assert not hundred.needs_reason


def test_kk_numbers_follow_the_same_rules_without_the_forty() -> None:
    def kk(text: str) -> list[str]:
        return [problem.code for problem in identity.check_kk(text, today=TODAY, test_regions=True).errors]

    assert kk("9901010101200001") == []
    assert kk("9901014101200001") == ["kk_date_invalid"]
    assert kk("12345") == ["kk_not_16_digits"]
    assert kk("9901010101200000") == ["kk_serial_zero"]


def test_masking_hides_the_middle() -> None:
    assert identity.mask("9901015203950001") == "9901••••••••0001"
    assert identity.mask("123") == "•••"
