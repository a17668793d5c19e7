"""What the approval page shows: evidence in words with the comments pinned to it, and what changed since a return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

import forms
from engine.queries.approvals import Decided, Evidence, Item
from engine.queries.evidence import Pin, Revision, Sent
from engine.queries.task_page import TaskPage
from web import formats
from web.answer_view import Shown, Words, shown, text_of, withheld_row, words
from web.case_words import DECISION_TONES, DECISIONS
from web.client_words import short_name
from web.i18n import language, pick
from web.words import name


@dataclass(frozen=True, slots=True)
class Row:
    """One answer, with what was said about it when the case was returned."""

    label: str
    value: Shown
    pins: Sequence[Pin]
    has_changed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One form of the evidence."""

    title: str
    by: str
    at: datetime
    rows: Sequence[Row]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """One form sent again: (question, before, now) of what differs."""

    title: str
    by: str
    at: datetime
    rows: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Made:
    """What was decided about whom: in a word and its tone, else as the question with its answer."""

    who: str = ""
    word: str = ""
    tone: str = ""
    told: str = ""


def parts(evidence: Evidence) -> list[Part]:
    """The evidence, newest first, pins beside their fields."""
    known = _known(evidence)
    fresh = {one.sent.task_id: {change.component.key for change in one.changes} for one in evidence.revisions}
    found = []
    for one in evidence.latest:
        changed = fresh.get(one.task_id, set())
        rows = [
            Row(
                component.label_in(language()),
                shown(component, one.answers[component.key], known),
                _pins(evidence.pins, one, component.key),
                component.key in changed,
            )
            for component in forms.questions(one.form.components)
            if one.answers.get(component.key) not in (None, "", []) or _pins(evidence.pins, one, component.key)
        ]
        if one.withheld:
            rows.append(Row(*withheld_row(), (), has_changed=False))
        if rows:
            found.append(Part(one.form.title_in(language()), one.by, one.at, rows, one.task_id in fresh))
    return found


def _pins(pins: Sequence[Pin], sent: Sent, key: str) -> list[Pin]:
    return [pin for pin in pins if pin.field == f"{sent.form.id}.{key}"]


def changes(evidence: Evidence) -> list[Changed]:
    """What differs from what stood there at the last return."""
    known = _known(evidence)
    return [
        Changed(one.sent.form.title_in(language()), one.sent.by, one.sent.at, _change_rows(one, known))
        for one in evidence.revisions
    ]


def _change_rows(revision: Revision, known: Words) -> list[tuple[str, str, str]]:
    rows = []
    for change in revision.changes:
        label = change.component.label_in(language())
        if change.list is not None:
            label = gettext(
                "%(list)s %(row)s: %(label)s", list=change.list.label_in(language()), row=change.row, label=label
            )
        rows.append(
            (label, _text(change.component, change.before, known), _text(change.component, change.after, known))
        )
    return rows


def _text(component: forms.Component, value: Any, known: Words) -> str:
    return "" if value in (None, "", []) else text_of(component, value, known)


def _known(evidence: Evidence) -> Words:
    return words(evidence.case.papers if evidence.case else (), evidence.names, evidence.sent)


def is_answered(pin: Pin, evidence: Evidence) -> bool:
    """Whether what the pin asks about was changed since."""
    return any(
        pin.field == f"{revision.sent.form.id}.{change.component.key}"
        for revision in evidence.revisions
        for change in revision.changes
    )


def general_pins(evidence: Evidence) -> list[Pin]:
    """Comments that hang on no field that is shown."""
    known = {f"{one.form.id}.{key}" for one in evidence.latest for key in one.form.questions}
    return [pin for pin in evidence.pins if pin.field not in known]


def sub(page: TaskPage, evidence: Evidence) -> str:
    """Ny. R., 74 th · diajukan Sari C. · pengajuan ke-2."""
    case, work = page.case, evidence.submitted
    who = short_name(case.client.name, case.client.sex, case.client.birth_date) if case else ""
    parts_ = [
        who,
        page.village or page.region,
        page.number,
        gettext("diajukan %(name)s", name=work.by) if work and work.by else "",
        times_text(evidence.times),
    ]
    return " · ".join(part for part in parts_ if part)


def times_text(times: int) -> str:
    """pengajuan ke-2, from the second on."""
    return gettext("pengajuan ke-%(n)s", n=times) if times > 1 else ""


def item_meta(item: Item) -> list[str]:
    """The lines under a decision in the list."""
    who = short_name(item.client_name, item.client_sex, item.client_birth_date)
    sent = (
        gettext("diajukan %(name)s %(when)s", name=item.sent_by, when=formats.relative(item.since))
        if item.sent_by
        else ""
    )
    return [part for part in (f"{who} · {item.village}" if who else item.village, item.number, sent) if part]


def obstacle(page: TaskPage) -> str:
    """Why the reader cannot decide; nothing when they can."""
    if not page.is_open:
        return gettext("Keputusan ini sudah dibuat atau tidak diperlukan lagi.")
    if page.other_worked:
        return gettext(
            "Anda sudah ikut mengerjakan kasus ini, jadi keputusannya perlu orang kedua: rekan lain yang berwenang."
        )
    if page.who.assignee_name and not page.is_mine:
        return gettext(
            "Sedang diputuskan oleh %(name)s. Anda dapat membaca buktinya di sini.", name=page.who.assignee_name
        )
    if not page.may_work:
        return gettext("Keputusan ini untuk peran lain. Anda dapat membaca buktinya di sini.")
    return ""


def made(item: Decided, known: Words) -> Made:
    """What was decided, by the answer to the first question of the form that gave a choice."""
    who = short_name(item.client_name, item.client_sex, item.client_birth_date)
    if item.sent is None:
        return Made(who)
    asked = (one for one in item.sent.form.questions.values() if one.type in ("radio", "select"))
    for component in asked:
        value = item.sent.answers.get(component.key)
        if value in (None, "", []):
            continue
        if str(value) in DECISIONS:
            return Made(who, name(DECISIONS, str(value)), DECISION_TONES.get(str(value), "neutral"))
        label = component.label_in(language())
        between = " " if label.endswith("?") else ": "
        return Made(who, told=f"{label}{between}{text_of(component, value, known)}")
    return Made(who)


def decision_text(sent: Sent) -> str:
    """A decision made before."""
    choice = sent.form.questions.get("decision")
    text = DECISIONS.get(sent.decision) or (choice and sent.decision and text_of(choice, sent.decision, Words()))
    return f"{pick(sent.name, sent.name_en)}: {text}" if text else pick(sent.name, sent.name_en)
