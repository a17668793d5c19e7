"""What case pages show, chosen and worded: header, client, the story of the case, what is open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext

from engine.casework.people import Numbers
from engine.queries.case_page import CasePage, Head, Step
from engine.queries.flow import Place
from engine.queries.history import Happening
from engine.queries.walks import Event
from web import formats
from web.case_words import PPKS, RELATIONS
from web.client_words import age_of, full_name
from web.decision_words import Why, tables, ways
from web.history_words import sentence
from web.i18n import pick
from web.outcome_view import Result, in_order
from web.words import PHASES, ROLES, name

_TONES = {
    "case.new_danger": "red",
    "incident.opened": "red",
    "case.glass_broken": "amber",
    "case.client_died": "amber",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the history."""

    text: str
    at: datetime
    by: str
    tone: str
    results: Sequence[Result]
    ways: Sequence[Why]
    deadlines: Sequence[Why]
    onward: Sequence[str]

    @property
    def limits(self) -> str:
        """The times that were set."""
        return ", ".join(dict.fromkeys(one.outputs[0][1] for one in self.deadlines if len(one.outputs) == 1))

    @property
    def why(self) -> str:
        """In a line: what the tables came to and which ways were taken."""
        found = [f"{one.title.rstrip('?')}: {one.summary}" for one in self.results]
        return "; ".join(dict.fromkeys([*found, *(one.text for one in self.ways)]))


def top(head: Head) -> dict[str, Any]:
    """What every page of a case needs for its header."""
    case, client = head.case, head.case.client
    age = age_of(client.birth_date)
    who = [ngettext("%(num)d tahun", "%(num)d tahun", age) if age is not None else "", head.village, case.case_no]
    return {
        "head": head,
        "case": case,
        "client": client,
        "title": full_name(client.name),
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


def told(happenings: Iterable[Happening]) -> list[Told]:
    """The history in words, newest first; steps that only machines care about are left out."""
    found = []
    for one in happenings:
        text = _text(one)
        if text:
            onward = list(dict.fromkeys(pick(*names) for names in one.opened))
            tone = "amber" if one.is_late else _TONES.get(one.kind, "")
            told_by = (in_order(one.outcomes), ways(one.chosen), tables(one.deadlines))
            found.append(Told(text, one.at, one.by, tone, *told_by, onward))
    return found


def _text(one: Happening) -> str:
    if one.kind == "task.assigned" and one.to:
        return gettext("%(name)s diserahkan kepada %(to)s", name=pick(one.name, one.name_en), to=one.to)
    if one.kind == "case.access_granted" and one.to:
        return gettext("%(to)s ditunjuk untuk kasus terbatas ini", to=one.to)
    return sentence(Event(one.at, one.kind, one.name, one.name_en, one.by, None, "", one.missed))


def place_text(place: Place) -> str:
    """One element walked, with how often when more than once."""
    said = pick(place.name, place.name_en)
    return gettext("%(name)s (%(times)s×)", name=said, times=place.visits) if place.visits > 1 else said
