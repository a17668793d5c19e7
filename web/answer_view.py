"""Answers that were sent, for reading: in words, identity numbers masked, rows of lists as tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from flask_babel import gettext

import forms
from engine.queries.case_page import Paper
from engine.queries.evidence import Sent
from forms import Component
from web import formats
from web.form_words import answer_text
from web.i18n import language

_NUMBERS = ("nik", "kk", "phone")
_CORRECTED = "sent_fields"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under heads. `numeric`: places of columns that hold numbers; `note`: said below it."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[int] = ()
    note: str = ""


Shown = str | Table
"""An answer for reading: a text, or the rows of a list."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A form that was sent: its title, who sent it, and its answers as (question, answer)."""

    title: str
    by: str
    at: datetime
    rows: Sequence[tuple[str, Shown]]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Names behind numbers and codes in answers: files by number, villages, workers and partners by code, and
    questions by "FormId.key"."""

    files: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def words(papers: Sequence[Paper], names: Mapping[str, str], sent: Iterable[Sent] = ()) -> Words:
    """The names that the answers of a case need. `sent`: the forms that a decision may ask to mend."""
    return named({str(paper.id): paper.name for paper in papers}, names, sent)


def named(files: Mapping[str, str], names: Mapping[str, str], sent: Iterable[Sent]) -> Words:
    """The same, with the files by their numbers."""
    asked = {
        f"{one.form.id}.{question.key}": f"{one.form.title_in(language())}: {question.label_in(language())}"
        for one in sent
        for question in forms.questions(one.form.components)
    }
    return Words(files, {**asked, **names})


def answered(sent: Iterable[Sent], known: Words, *, facts_only: bool = False) -> list[Answered]:
    """Sent forms in words; forms without an answer left out."""
    found = []
    for one in sent:
        rows = answer_rows(one.form, one.answers, known, facts_only=facts_only)
        if one.withheld:
            rows.append(withheld_row())
        if rows:
            title = one.form.title_in(language())
            found.append(Answered(title, one.by, one.at, rows, f"{one.form.id}-{one.task_id}"))
    return found


def answer_rows(
    form: forms.Form, answers: Mapping[str, object], known: Words, *, facts_only: bool = False
) -> list[tuple[str, Shown]]:
    """(question, answer) of everything that was answered, in the form's order."""
    return [
        (component.label_in(language()), shown(component, answers[component.key], known))
        for component in forms.questions(form.components)
        if answers.get(component.key) not in (None, "", []) and (component.is_fact or not facts_only)
    ]


def withheld_row() -> tuple[str, Shown]:
    """Stands for the questions that the reader may not see answered, whether they were or not."""
    return gettext("Isian rahasia"), gettext("tidak ditampilkan untuk peran Anda")


def shown(component: Component, value: object, known: Words) -> Shown:
    """One stored answer: a table for the rows of a list, else a text."""
    if component.type == "dynamiclist" and isinstance(value, list):
        return _table(component, value, known)
    return text_of(component, value, known)


def text_of(component: Component, value: object, known: Words) -> str:
    """One stored answer as a text; the rows of a list with the names of their columns."""
    if component.type == "dynamiclist" and isinstance(value, list):
        return "; ".join(text for row in value if (text := _row(component, row, known))) or "–"
    if component.format in _NUMBERS and isinstance(value, str):
        return formats.masked(value)
    if component.format == "village" or component.properties.get("options"):
        items = value if isinstance(value, list) else [value]
        return ", ".join(known.names.get(str(item)) or _unnamed(component, item) for item in items)
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool) and component.format == "rupiah":
        return formats.rupiah(value)
    return answer_text(component, value, files=known.files)


def _unnamed(component: Component, item: object) -> str:
    """A code that the office's lists no longer know."""
    is_question = component.properties.get("options") == _CORRECTED
    return gettext("isian yang tidak ada lagi") if is_question else str(item)


def _table(component: Component, rows: Sequence[Mapping[str, object]], known: Words) -> Table:
    """Only the columns that somebody answered."""
    columns = [
        column
        for column in forms.questions(component.children)
        if any(row.get(column.key) not in (None, "", []) for row in rows)
    ]
    return Table(
        component.label_in(language()),
        [column.label_in(language()) for column in columns],
        [[_cell(column, row.get(column.key), known) for column in columns] for row in rows],
        [place for place, column in enumerate(columns) if column.type == "number"],
    )


def _cell(column: Component, value: object, known: Words) -> str:
    return "–" if value in (None, "", []) else text_of(column, value, known)


def _row(component: Component, row: Mapping[str, object], known: Words) -> str:
    columns = [column for column in forms.questions(component.children) if row.get(column.key) not in (None, "", [])]
    return ", ".join(f"{one.label_in(language())}: {text_of(one, row[one.key], known)}" for one in columns)
