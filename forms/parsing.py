"""Typed text → values, the way people in Indonesia write numbers, money, dates and phone numbers."""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

_SCALES = {"rb": 1_000, "ribu": 1_000, "jt": 1_000_000, "juta": 1_000_000, "m": 10**9, "miliar": 10**9}
_MONEY = re.compile(
    r"^(?:rp\.?|idr)?\s*(?P<number>-?[\d.,\s]*\d)\s*(?P<scale>rb|ribu|jt|juta|m|miliar)?\s*(?:,-+|\.-+)?$", re.I
)
_GROUPED_ID = re.compile(r"^-?\d{1,3}(\.\d{3})+(,\d+)?$")
_GROUPED_EN = re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$")
_PLAIN = re.compile(r"^-?\d+([.,]\d+)?$")
_ISO_DATE = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_LOCAL_DATE = re.compile(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$")
_TIME = re.compile(r"^(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?$")


class Unreadable(ValueError):
    """The text is not of the wanted kind; the message is a problem code."""


def clean(text: str, *, multiline: bool = False) -> str:
    """Unicode NFC, one kind of line end, no control characters, no blanks at the ends."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Cn"))
    return kept.strip() if multiline else " ".join(kept.split())


def number(text: str, decimal_digits: int | None = None) -> Decimal:
    """Read "350.000", "1.234,5", "Rp 350.000,-", "1,5 juta" or "1234.5".

    A dot before three digits groups thousands, as Indonesians write. A single comma before exactly three
    digits could be an English thousand or an Indonesian fraction: refused as `ambiguous_number`, unless the
    field takes three or more decimals.
    """
    match = _MONEY.match(text.strip().replace("\u2212", "-"))
    if match is None:
        raise Unreadable("not_a_number")
    bare = re.sub(r"\s+", "", match["number"])
    scale = Decimal(_SCALES[match["scale"].lower()]) if match["scale"] else Decimal(1)
    if _GROUPED_ID.match(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _GROUPED_EN.match(bare):
        single_comma = bare.count(",") == 1 and "." not in bare
        if single_comma and (decimal_digits or 0) < 3 and scale == 1:
            raise Unreadable("ambiguous_number")
        bare = bare.replace(",", ".") if single_comma else bare.replace(",", "")
    elif _PLAIN.match(bare):
        bare = bare.replace(",", ".")
    else:
        raise Unreadable("not_a_number")
    try:
        return Decimal(bare) * scale
    except InvalidOperation as error:
        raise Unreadable("not_a_number") from error


def day(text: str) -> date:
    """Read "2026-03-12", "12-03-2026", "12/3/2026" or "12.3.2026"."""
    text = text.strip()
    if match := _ISO_DATE.match(text):
        year, month, number_ = (int(part) for part in match.groups())
    elif match := _LOCAL_DATE.match(text):
        number_, month, year = (int(part) for part in match.groups())
    else:
        raise Unreadable("not_a_date")
    try:
        return date(year, month, number_)
    except ValueError as error:
        raise Unreadable("no_such_date") from error


def clock_time(text: str) -> time:
    """Read "14:30" or "14.30"."""
    match = _TIME.match(text.strip())
    if match is None:
        raise Unreadable("not_a_time")
    try:
        return time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError as error:
        raise Unreadable("not_a_time") from error


def moment(text: str) -> datetime:
    """Read "2026-03-12T14:30" (with or without offset), "12-03-2026 14.30"; naive when no offset is given."""
    text = text.strip()
    try:
        return datetime.fromisoformat(text) if "T" in text else _two_parts(text)
    except ValueError as error:
        raise Unreadable(str(error) if isinstance(error, Unreadable) else "not_a_moment") from error


def _two_parts(text: str) -> datetime:
    date_text, _, time_text = text.rpartition(" ")
    if not date_text:
        raise Unreadable("not_a_moment")
    return datetime.combine(day(date_text), clock_time(time_text))


def phone(text: str) -> str:
    """Normalise an Indonesian phone number to +62…; emergency and office short numbers stay as they are."""
    digits = re.sub(r"[\s().-]", "", text)
    if re.fullmatch(r"1\d{2}", digits):
        return digits
    digits = re.sub(r"^(\+?62|0)", "", digits)
    if not re.fullmatch(r"[2-9]\d{6,11}", digits):
        raise Unreadable("not_a_phone")
    return f"+62{digits}"


def village(text: str) -> str:
    """Normalise a village code to "PP.KK.CC.DDDD"."""
    digits = re.sub(r"[\s.]", "", text)
    if not re.fullmatch(r"\d{10}", digits):
        raise Unreadable("not_a_village")
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"


def code(text: str) -> str:
    """A reference or code: letters, digits and `. / - _ :`; no blanks, at most 64 characters."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9./_:-]{0,63}", text):
        raise Unreadable("not_a_code")
    return text


def place(text: str) -> str:
    """A point "latitude, longitude" in decimal degrees."""
    match = re.fullmatch(r"(-?\d{1,2}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)", text.strip())
    if match is None or abs(float(match[1])) > 90 or abs(float(match[2])) > 180:
        raise Unreadable("not_a_place")
    return f"{match[1]}, {match[2]}"
