"""How dates, times, numbers and money are written: one place, both languages, the reader's zone."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from flask_babel import get_locale, get_timezone, gettext, ngettext
from markupsafe import Markup

from engine import clock

_NBSP = "\u00a0"
_ZONES = {7: "WIB", 8: "WITA", 9: "WIT"}
_EMPTY = "–"
_CASE_NUMBER = re.compile(r"(\d{2}\.\d{2}\.\d{2}-\d{4}-\d{6})")
# Indonesian writes 16.00, English 16:00; both put the day first.
_CLOCK = {"id": "HH.mm", "en": "HH:mm"}


def local(at: datetime) -> datetime:
    """The moment in the reader's zone; times without a zone are UTC."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(get_timezone())


def zone_name(at: datetime) -> str:
    """WIB, WITA, WIT, or the offset elsewhere."""
    offset = local(at).utcoffset() or timedelta()
    hours = offset.total_seconds() / 3600
    return _ZONES.get(int(hours)) or f"UTC{hours:+g}"


def date_text(value: date | datetime | None) -> str:
    """21 November 2026."""
    return _EMPTY if value is None else format_date(_day_of(value), "d MMMM y", locale=get_locale())


def day(value: date | datetime | None) -> str:
    """Sab 21 Nov; with the year when it is another one."""
    if value is None:
        return _EMPTY
    at = _day_of(value)
    pattern = "EEE d MMM" if at.year == local(clock.now()).year else "EEE d MMM y"
    return format_date(at, pattern, locale=get_locale())


def clock_text(value: datetime | None) -> str:
    """16.00 (English 16:00)."""
    return _EMPTY if value is None else format_datetime(_plain(value), _clock_pattern(), locale=get_locale())


def datetime_text(value: datetime | None) -> str:
    """Sab 21 Nov 2026 16.00 WIB."""
    if value is None:
        return _EMPTY
    text = format_datetime(_plain(value), f"EEE d MMM y {_clock_pattern()}", locale=get_locale())
    return f"{text}{_NBSP}{zone_name(value)}"


def relative(value: datetime | None) -> str:
    """When it happened, as people say it: 5 menit lalu, hari ini 08.12, kemarin 15.40, Kam 19 Nov 17.22."""
    if value is None:
        return _EMPTY
    seconds = (clock.now() - local(value)).total_seconds()
    if 0 <= seconds < 60:
        return gettext("baru saja")
    if 0 <= seconds < 3600:
        return ngettext("%(num)d menit lalu", "%(num)d menit lalu", int(seconds // 60))
    return _near_day(value)


def due(value: datetime | None) -> str:
    """A deadline: lewat 12 menit, 45 menit lagi, hari ini 16.00, besok 09.00, Rab 25 Nov."""
    if value is None:
        return gettext("tanpa tenggat")
    seconds = (local(value) - clock.now()).total_seconds()
    if seconds < 0:
        return gettext("lewat %(length)s", length=duration(-seconds))
    if seconds < 3600:
        return gettext("%(length)s lagi", length=duration(seconds))
    return _near_day(value, with_clock=_days_from_today(value) <= 1)


def due_tone(value: datetime | None) -> str:
    """red when overdue, amber when due today or tomorrow, else nothing."""
    if value is None:
        return ""
    if local(value) < clock.now():
        return "red"
    return "amber" if _days_from_today(value) <= 1 else ""


def duration(seconds: float | timedelta | None) -> str:
    """The two largest units: 2 hari 3 jam; less than a minute is 1 menit."""
    if seconds is None:
        return _EMPTY
    total = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    minutes = max(total // 60, 1)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days >= 7:
        hours = 0
    parts = [
        ngettext("%(num)d hari", "%(num)d hari", days) if days else "",
        ngettext("%(num)d jam", "%(num)d jam", hours) if hours else "",
        ngettext("%(num)d menit", "%(num)d menit", rest) if rest and not days else "",
    ]
    return " ".join(part for part in parts if part)


def number(value: float | Decimal | None) -> str:
    """9.300.000 (English 9,300,000); at most three decimals."""
    return _EMPTY if value is None else format_decimal(value, locale=get_locale())


def rupiah(value: float | Decimal | None) -> str:
    """Rp 9.300.000, unbreakable."""
    return _EMPTY if value is None else f"Rp{_NBSP}{format_decimal(value, locale=get_locale())}"


def percent(value: float | Decimal | None) -> str:
    """0.125 as 12,5%; at most one decimal."""
    return _EMPTY if value is None else format_percent(value, "#,##0.#%", locale=get_locale())


def masked(value: str | None) -> str:
    """All but the first four and last four signs hidden: 9901••••••••0001."""
    if not value:
        return _EMPTY
    if len(value) <= 8:
        return "•" * len(value)
    return value[:4] + "•" * (len(value) - 8) + value[-4:]


def unbroken(text: str) -> Markup:
    """The text with its case numbers kept on one line."""
    parts = _CASE_NUMBER.split(text)
    span = Markup('<span class="app-unbroken">{}</span>')
    return Markup("").join(span.format(part) if place % 2 else Markup.escape(part) for place, part in enumerate(parts))


def label_of(code: str | None, names: Mapping[str, str]) -> str:
    """The name of a code, or the code itself when the list does not know it."""
    return _EMPTY if not code else names.get(code, code)


def initials(name: str) -> str:
    """The first letters of the first two words: SC."""
    return "".join(word[0] for word in name.replace(".", " ").split()[:2]).upper() or "?"


def time_tag(value: datetime | None, text: str) -> Markup:
    """A <time> element: `text` to read, the exact moment for machines and on hover."""
    if value is None:
        return Markup.escape(text)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        local(value).isoformat(timespec="minutes"), datetime_text(value), text
    )


def _near_day(value: datetime, *, with_clock: bool = True) -> str:
    names = {0: gettext("hari ini"), 1: gettext("besok"), -1: gettext("kemarin")}
    name = names.get(_days_from_today(value)) or day(value)
    return f"{name} {clock_text(value)}" if with_clock else name


def _days_from_today(value: datetime) -> int:
    return (local(value).date() - local(clock.now()).date()).days


def _day_of(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def _plain(value: datetime) -> datetime:
    return local(value).replace(tzinfo=None)


def _clock_pattern() -> str:
    locale = get_locale()
    return _CLOCK["en" if locale is not None and locale.language == "en" else "id"]


FILTERS: dict[str, Callable[..., Any]] = {
    "date": date_text, "day": day, "clock": clock_text, "datetime": datetime_text, "relative": relative,
    "due": due, "due_tone": due_tone, "duration": duration, "number": number, "rupiah": rupiah,
    "percent": percent, "masked": masked, "label_of": label_of, "initials": initials, "time_tag": time_tag,
    "unbroken": unbroken,
}  # fmt: skip
"""Template filters by name."""
