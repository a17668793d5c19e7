"""Why something was decided, in words: which rule of which table, what it looked at, what came out, which way then."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from flask_babel import gettext, ngettext

from engine.queries.decided import Chosen, Decided, Input
from web import formats
from web.code_words import code_text
from web.i18n import pick

_DURATION = re.compile(r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$")
_DAY = re.compile(r"^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])$")
_WORKING_DAYS = re.compile(r"^WD(\d+)$")


Rows = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Why:
    """One decision or choice of a way. `outputs`, `inputs`: (name, value) of what came out and of what was looked at;
    `remarks`: what the matching rules say of themselves; `condition`: the expression that held, as it is drawn;
    `facts`: what it asked that no form and no table has a name for."""

    text: str
    outputs: Rows
    inputs: Rows
    remarks: Sequence[str] = ()
    condition: str = ""
    facts: str = ""


def tables(decided: Iterable[Decided]) -> list[Why]:
    """One entry for each table that had a rule for the case; the same answer is told once."""
    return _once(_table(one) for one in decided if one.rules)


def ways(chosen: Iterable[Chosen]) -> list[Why]:
    """One entry for each way that was chosen."""
    return _once(map(_way, chosen))


def _once(found: Iterable[Why]) -> list[Why]:
    told: list[Why] = []
    for why in found:
        if why not in told:
            told.append(why)
    return told


def _table(one: Decided) -> Why:
    outputs = [(pick(each.label, each.label_en) or gettext("Hasil"), input_text(each)) for each in one.outputs]
    return Why(rule_text(one), outputs, seen(one.inputs), remarks_of(one))


def seen(inputs: Iterable[Input]) -> Rows:
    """What was looked at, without what nobody answered."""
    given = (each for each in inputs if each.value not in (None, []))
    return [(pick(each.label, each.label_en), input_text(each)) for each in given]


def remarks_of(one: Decided) -> Sequence[str]:
    """What the rules say of themselves."""
    return [pick(*names) for names in one.remarks]


def rule_text(one: Decided) -> str:
    """Triase laporan, aturan 8."""
    numbers = [str(number) for number in dict.fromkeys(one.rules)]
    name = pick(one.name, one.name_en)
    said = {"table": name, "rules": ", ".join(numbers)}
    return ngettext("%(table)s, aturan %(rules)s", "%(table)s, aturan %(rules)s", len(numbers), **said)


def _way(one: Chosen) -> Why:
    """Tanggapan pertama? Biasa."""
    asked, to = pick(*one.gateway), pick(*one.to)
    taken = pick(*one.flow)
    text = gettext("%(question)s %(answer)s", question=asked, answer=taken or to)
    outputs = [(gettext("Lanjut ke"), to)] if to and taken else []
    named = [value for value in one.values if value.label]
    others = "; ".join(f"{value.name} = {input_text(value)}" for value in one.values if not value.label)
    return Why(text, outputs, seen(named), condition=one.condition.removeprefix("="), facts=others)


def input_text(one: Input) -> str:
    """One value for reading."""
    if one.format == "rupiah" and isinstance(one.value, int | float):
        return formats.rupiah(one.value)
    if one.format == "year":
        return str(one.value)
    if one.items:
        return "; ".join(_item_text(item) for item in one.items)
    return value_text(one.value, one.answers)


def _item_text(item: Sequence[Input]) -> str:
    """One of several rows that came out: the first column, the others with their names."""
    first, *others = (each for each in item if each.value is not None)
    named = (f"{pick(each.label, each.label_en)} {input_text(each)}" for each in others)
    return ", ".join([input_text(first), *named])


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
    if _DAY.match(text):
        return formats.date_text(date.fromisoformat(text))
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
