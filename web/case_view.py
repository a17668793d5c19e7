"""What case pages show, chosen and worded: header, facts, the story of the case, what is open and what comes next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext, ngettext

import forms
from engine.casework.people import Numbers
from engine.queries.case_page import CasePage, Head, Paper, Pending, Step
from engine.queries.evidence import Sent
from engine.queries.flow import Place
from engine.queries.history import Happening
from engine.queries.walks import Event
from forms import Component
from web import formats
from web.case_words import PPKS, RELATIONS
from web.client_words import age_of
from web.decision_words import Why, reasons
from web.form_words import answer_text
from web.history_words import sentence
from web.i18n import language, pick
from web.words import PHASES, ROLES, name

_NUMBERS = ("nik", "kk", "phone")
_TONES = {
    "case.new_danger": "red",
    "incident.opened": "red",
    "case.glass_broken": "amber",
    "timer.fired": "amber",
    "case.client_died": "amber",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A form that was sent: its title, who sent it, and its answers as (question, answer)."""

    title: str
    by: str
    at: datetime
    rows: Sequence[tuple[str, str]]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the history."""

    text: str
    at: datetime
    by: str
    tone: str
    reasons: Sequence[Why]
    onward: Sequence[str]


def top(head: Head) -> dict[str, Any]:
    """What every page of a case needs for its header."""
    case, client = head.case, head.case.client
    age = age_of(client.birth_date)
    who = [ngettext("%(num)d tahun", "%(num)d tahun", age) if age is not None else "", head.village, case.case_no]
    return {
        "head": head,
        "case": case,
        "client": client,
        "title": client.name,
        "sub": " · ".join(part for part in who if part),
        "phases": [(key, str(label)) for key, label in PHASES.items()],
        "phase": head.phase,
        "phases_done": head.phases_done,
    }


def client_rows(page: CasePage, numbers: Numbers | None) -> list[tuple[str, str | None]]:
    """The client card. Numbers are masked unless they were asked for with a reason."""
    client = page.head.case.client
    age = age_of(client.birth_date)
    born = formats.date_text(client.birth_date) if client.birth_date else None
    nik = numbers.nik if numbers else client.nik and formats.masked(client.nik)
    phone = numbers.phone if numbers else client.phone and formats.masked(client.phone)
    rows = [
        (gettext("NIK"), nik or gettext("belum ada: bantuan tetap berjalan")),
        (gettext("No. KK"), numbers.kk_no if numbers else None),
        (gettext("Jenis kelamin"), {"L": gettext("Laki-laki"), "P": gettext("Perempuan")}.get(client.sex or "")),
        (gettext("Lahir"), gettext("%(born)s (%(age)s tahun)", born=born, age=age) if born else None),
        (gettext("Telepon"), phone),
        (gettext("Alamat"), client.address),
        (gettext("Desa"), gettext("%(village)s, %(place)s", village=page.head.village, place=page.head.kecamatan)),
        (gettext("Meninggal"), formats.date_text(client.died_on) if client.died_on else None),
    ]
    return [(label, value) for label, value in rows if value]


def case_rows(page: CasePage) -> list[tuple[str, str]]:
    """What the case is, in a few lines."""
    case = page.head.case
    categories = ", ".join(name(PPKS, code) for code in page.categories)
    rows = [
        (gettext("Kategori PPKS"), categories or gettext("belum ditetapkan")),
        (gettext("Dicatat"), _opened(page.head)),
        (gettext("Persetujuan klien"), _consent(page)),
        (gettext("Kejadian bencana"), case.event_no or ""),
        (gettext("Ditutup"), formats.datetime_text(case.closed_at) if case.closed_at else ""),
    ]
    return [(label, value) for label, value in rows if value]


def _opened(head: Head) -> str:
    at = formats.datetime_text(head.case.opened_at)
    return gettext("%(at)s oleh %(name)s", at=at, name=head.opened_by) if head.opened_by else at


def _consent(page: CasePage) -> str:
    consent = page.consent
    if consent is None:
        return gettext("belum diminta")
    if consent.withdrawn_at is not None:
        return gettext("ditarik %(at)s", at=formats.date_text(consent.withdrawn_at))
    at = formats.date_text(consent.recorded_at)
    return gettext("diberikan, %(at)s", at=at) if consent.given else gettext("tidak diberikan, %(at)s", at=at)


def relation_name(code: str) -> str:
    """The word for a relation in a household."""
    return name(RELATIONS, code)


def who_does(step: Step) -> str:
    """Who has an open task, or which roles may take it."""
    if step.assignee:
        return step.assignee
    roles = dict.fromkeys(name(ROLES, group.partition(":")[0]) for group in step.groups)
    return gettext("belum diambil · %(roles)s", roles=", ".join(roles)) if roles else gettext("belum diambil")


def waits_for(pending: Sequence[Pending]) -> list[str]:
    """What the case waits for outside: the answers that may come, and the moments until which it waits."""
    answers = [one for one in pending if one.kind == "message" and one.name]
    found = []
    if answers:
        what = gettext(" atau ").join(f"“{pick(one.name, one.name_en)}”" for one in answers)
        found.append(gettext("Kabar dari luar: %(what)s, ditunggu sejak %(at)s", what=what, at=_since(answers)))
    for one in pending:
        if one.kind == "timer":
            at = formats.datetime_text(one.due_at)
            found.append(gettext("Batas waktu %(what)s: %(at)s", what=pick(one.name, one.name_en), at=at))
    return found


def _since(pending: Sequence[Pending]) -> str:
    return formats.relative(min((one.since for one in pending if one.since is not None), default=None))


@dataclass(frozen=True, slots=True)
class Words:
    """Names behind numbers and codes in answers: files by number, villages, workers and partners by code."""

    files: Mapping[str, str]
    names: Mapping[str, str]


def words(papers: Sequence[Paper], names: Mapping[str, str]) -> Words:
    """The names that the answers of a case need."""
    return Words({str(paper.id): paper.name for paper in papers}, names)


def answered(sent: Iterable[Sent], known: Words, *, facts_only: bool = False) -> list[Answered]:
    """Sent forms in words; identity numbers masked; forms without an answer left out."""
    found = []
    for one in sent:
        rows = [
            (component.label_in(language()), shown(component, one.answers[component.key], known))
            for component in forms.questions(one.form.components)
            if one.answers.get(component.key) not in (None, "", []) and (component.is_fact or not facts_only)
        ]
        if one.withheld:
            rows.append(withheld_row())
        if rows:
            title = one.form.title_in(language())
            found.append(Answered(title, one.by, one.at, rows, f"{one.form.id}-{one.task_id}"))
    return found


def withheld_row() -> tuple[str, str]:
    """Stands for the questions that the reader may not see answered, whether they were or not."""
    return gettext("Isian rahasia"), gettext("tidak ditampilkan untuk peran Anda")


def shown(component: Component, value: object, known: Words) -> str:
    """One stored answer for reading; identity numbers and telephones masked, codes of the office by their names."""
    if component.format in _NUMBERS and isinstance(value, str):
        return formats.masked(value)
    if component.type == "dynamiclist" and isinstance(value, list):
        return "; ".join(text for row in value if (text := _row(component, row, known))) or "–"
    if component.format == "village" or component.properties.get("options"):
        items = value if isinstance(value, list) else [value]
        return ", ".join(known.names.get(str(item), str(item)) for item in items)
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool) and component.format == "rupiah":
        return formats.rupiah(value)
    return answer_text(component, value, files=known.files)


def _row(component: Component, row: Mapping[str, object], known: Words) -> str:
    columns = (column for column in component.children if column.key and row.get(column.key) not in (None, "", []))
    return ", ".join(shown(column, row[column.key], known) for column in columns)


def told(happenings: Iterable[Happening]) -> list[Told]:
    """The history in words, newest first; steps that only machines care about are left out."""
    found = []
    for one in happenings:
        text = _text(one)
        if text:
            onward = list(dict.fromkeys(pick(*names) for names in one.opened))
            found.append(Told(text, one.at, one.by, _TONES.get(one.kind, ""), reasons(one.decided), onward))
    return found


def _text(one: Happening) -> str:
    if one.kind == "task.assigned" and one.to:
        return gettext("%(name)s diserahkan kepada %(to)s", name=pick(one.name, one.name_en), to=one.to)
    if one.kind == "case.access_granted" and one.to:
        return gettext("%(to)s ditunjuk untuk kasus terbatas ini", to=one.to)
    return sentence(Event(one.at, one.kind, one.name, one.name_en, one.by, None, ""))


def place_text(place: Place) -> str:
    """One element walked, with how often when more than once."""
    said = pick(place.name, place.name_en)
    return gettext("%(name)s (%(times)s×)", name=said, times=place.visits) if place.visits > 1 else said
