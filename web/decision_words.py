"""Why something was decided, in words: which rule of which table, what it looked at and what came out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask_babel import gettext, ngettext

from engine.queries.history import Decided
from web import formats
from web.code_words import code_text
from web.i18n import pick

_DURATION = re.compile(r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$")
_WORKING_DAYS = re.compile(r"^WD(\d+)$")


@dataclass(frozen=True, slots=True)
class Why:
    """One decision: which rules of which table, (column, value) of what came out and of what the table looked at."""

    text: str
    outputs: list[tuple[str, str]]
    inputs: list[tuple[str, str]]


def reasons(decided: Iterable[Decided]) -> list[Why]:
    """One entry for each table that had a rule for the case; the same answer is told once."""
    found: list[Why] = []
    for one in decided:
        if one.rules:
            outputs = [
                (pick(each.label, each.label_en) or gettext("Hasil"), value_text(each.value, each.answers))
                for each in one.outputs
            ]
            seen = (each for each in one.inputs if each.value not in (None, []))
            inputs = [(pick(each.label, each.label_en), value_text(each.value, each.answers)) for each in seen]
            why = Why(_sentence(one), outputs, inputs)
            if why not in found:
                found.append(why)
    return found


def _sentence(one: Decided) -> str:
    numbers = ", ".join(str(number) for number in dict.fromkeys(one.rules))
    return gettext("%(table)s, aturan %(rules)s", table=pick(one.name, one.name_en), rules=numbers)


def value_text(value: Any, answers: Mapping[str, tuple[str, str]] = MappingProxyType({})) -> str:
    """A fact or a result for reading: yes and no, durations, lists; codes in the words of forms and tables."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return gettext("Ya") if value else gettext("Tidak")
    if isinstance(value, int | float):
        return formats.number(value)
    if isinstance(value, Mapping):
        return " · ".join(text for text in map(value_text, value.values()) if text != "–")
    if isinstance(value, list | tuple):
        return ", ".join(value_text(item, answers) for item in value) or "–"
    text = str(value)
    return pick(*answers.get(text, ("", ""))) or code_text(text) or _duration(text) or text.replace("_", " ")


def _duration(text: str) -> str:
    """PT45M as 45 menit, WD3 as 3 hari kerja; nothing for other texts."""
    if match := _WORKING_DAYS.match(text):
        return ngettext("%(num)d hari kerja", "%(num)d hari kerja", int(match[1]))
    match = _DURATION.match(text)
    if match is None or not any(match.groups()):
        return ""
    years, months, days, hours, minutes = (int(part or 0) for part in match.groups())
    parts = [
        ngettext("%(num)d tahun", "%(num)d tahun", years) if years else "",
        ngettext("%(num)d bulan", "%(num)d bulan", months) if months else "",
        ngettext("%(num)d hari", "%(num)d hari", days) if days else "",
        ngettext("%(num)d jam", "%(num)d jam", hours) if hours else "",
        ngettext("%(num)d menit", "%(num)d menit", minutes) if minutes else "",
    ]
    return " ".join(part for part in parts if part)
