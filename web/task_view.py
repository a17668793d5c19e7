"""What the task page shows, chosen and worded: client, case, stepper, history, documents, what stands in the way."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

import forms
from engine import clock, permissions
from engine.actors import Actor
from engine.queries.task_page import Paper, TaskPage
from forms import Component, raw
from web import formats
from web.answer_view import Shown, answer_rows, named, withheld_row
from web.auth import may_open
from web.case_words import PPKS
from web.client_words import age_of, process_name, short_name
from web.form_values import plain_texts
from web.form_view import Drawing, File, FormView, draw
from web.history_words import timeline
from web.i18n import language, pick
from web.outcome_view import results
from web.waiting_words import waits
from web.words import PHASES, ROLES, UNITS, name

HISTORY_SHOWN = 6
_REVIEWS = "decide"
JUST_NOW = timedelta(seconds=30)


def task_view(page: TaskPage, actor: Actor, drawing: Drawing, *, unmasked: bool = False) -> dict[str, Any]:
    """Everything that tasks/show.html draws."""
    task = page.task
    may_answer = page.is_open and page.may_work and (page.is_mine or task.assignee_id is None)
    # Whose numbers stand in a form is for who has taken the task.
    is_closed_form = may_answer and bool(page.numbers)
    entries = timeline(page.events)
    told = results(page.outcomes)
    return {
        "task": task,
        "title": pick(task.name, task.name_en),
        "sub": _sub(page),
        "process": pick(*page.process_names) or process_name(task.process_id),
        "form": _form(page.form, page, drawing) if page.form and may_answer and not is_closed_form else None,
        "asked": asked(page.form) if page.form and is_closed_form else [],
        "numbers": [question.label_in(language()) for question in page.numbers],
        "answered": _answered(page),
        "may_answer": may_answer,
        "is_open": page.is_open,
        "is_mine": page.is_mine,
        "obstacle": "" if may_answer else _obstacle(page),
        "why": why(page),
        "rules": rules(page),
        "documentation": pick(
            str(task.properties.get("documentation") or ""), str(task.properties.get("documentation:en") or "")
        ),
        "phases": [(key, str(label)) for key, label in PHASES.items()],
        "phase": page.phases[0],
        "phases_done": page.phases[1],
        "results": [one for one in told if one.is_open],
        "more_results": [one for one in told if not one.is_open],
        "has_records": page.is_open and any(event.kind == "task.completed" for event in page.events),
        "is_review": may_answer and page.form is not None and page.form.record == _REVIEWS and not is_closed_form,
        "client": _client(page, actor, unmasked=unmasked),
        "may_unmask": page.case is not None and permissions.reads_unmasked(actor) and not unmasked,
        "case_rows": _case(page),
        "case_id": page.case.id if page.case else None,
        "number": page.number,
        "history": entries[:HISTORY_SHOWN],
        "older": entries[HISTORY_SHOWN:],
        "papers": [_paper(paper) for paper in page.papers],
        "way": [(pick(place.name, place.name_en), place.state) for place in page.way],
        "done": sorted(page.walk.done.get(task.process_id, ())),
        "flows": sorted(page.walk.flows.get(task.process_id, ())),
        "draft_saved_at": page.draft_saved_at,
        "form_changes": _form_changes(page, drawing.typed),
        **following_view(page),
        "here": [task.element_id] if page.is_open else [item.element_id for item in page.following],
        "may_open": may_open,
    }


def following_view(page: TaskPage) -> dict[str, Any]:
    """What tasks/_following.html draws."""
    return {
        "task": page.task,
        "following": page.following,
        "waits": waits(page.pending),
        "is_ended": page.instance.state not in ("active", "suspended"),
        "is_preparing": _is_preparing(page),
        "groups": lambda item: ", ".join(dict.fromkeys(group_name(group) for group in item.groups)),
        "pick": pick,
    }


def group_name(group: str) -> str:
    """The words for a group: a role, with its unit where one is meant ("kabid:rehsos")."""
    role, _, unit = group.partition(":")
    return f"{name(ROLES, role)}, {name(UNITS, unit)}" if unit else name(ROLES, role)


def asked(form: forms.Form) -> list[str]:
    """The questions of a form that is not shown yet."""
    return [component.label_in(language()) for component in forms.questions(form.components)]


def _is_preparing(page: TaskPage) -> bool:
    """The task was closed just now and nothing has opened yet: background work is on its way."""
    closed = page.task.closed_at
    return bool(closed and not page.following and page.instance.state == "active" and clock.now() - closed < JUST_NOW)


def _form(form: forms.Form, page: TaskPage, drawing: Drawing) -> FormView:
    files = {str(paper.id): _paper(paper) for paper in page.papers}
    return draw(
        form, Drawing(**{**vars(drawing), "choices": page.choices, "files": files, "facts": page.situation.facts})
    )


def _sub(page: TaskPage) -> str:
    case = page.case
    who = short_name(case.client.name, case.client.sex, case.client.birth_date) if case else ""
    return " · ".join(part for part in (who, page.village or page.region, page.number) if part)


def _obstacle(page: TaskPage) -> str:
    """Why the reader cannot answer here; nothing for a task that is done."""
    if not page.is_open:
        return ""
    if page.other_worked:
        return gettext("Anda sudah ikut mengerjakan kasus ini; langkah ini perlu orang lain.")
    if page.who.assignee_name and not page.is_mine:
        return gettext("Sedang dikerjakan %(name)s. Anda dapat membacanya di sini.", name=page.who.assignee_name)
    return gettext("Langkah ini dikerjakan peran lain; Anda dapat membacanya di sini.")


def why(page: TaskPage) -> str:
    """Why the task exists: the diagram's own sentence, else its documentation."""
    properties = page.task.properties
    return pick(str(properties.get("why") or ""), str(properties.get("why:en") or ""))


def rules(page: TaskPage) -> str:
    """The decision tables and rules behind the task: "Triase, aturan 6"."""
    found = page.walk.decided.get((page.task.process_id, page.task.element_id), ())
    parts = [
        gettext("tabel “%(table)s”, aturan %(rules)s", table=pick(one.name, one.name_en), rules=_numbers(one.rules))
        for one in found
    ]
    return "; ".join(dict.fromkeys(parts))


def _numbers(found: Sequence[int]) -> str:
    return ", ".join(str(number) for number in found)


def _client(page: TaskPage, actor: Actor, *, unmasked: bool) -> list[tuple[str, str]]:
    """The client: initials in a queue; whose task it is sees whom to visit; the NIK only on request."""
    if page.case is None:
        return []
    client, household = page.case.client, page.case.household
    full = unmasked and permissions.reads_unmasked(actor)
    named = full or page.is_mine
    age = age_of(client.birth_date)
    nik = client.nik if full else (formats.masked(client.nik) if client.nik else None)
    rows = [
        (gettext("Nama"), client.name if named else short_name(client.name, client.sex, None)),
        (gettext("NIK"), nik or gettext("belum ada")),
        (gettext("Usia"), ngettext("%(num)d tahun", "%(num)d tahun", age) if age is not None else None),
        (gettext("Desil"), _desil(household.desil, household.desil_on) if household else None),
        (gettext("Desa"), page.village),
    ]
    if named:
        rows += [(gettext("Telepon"), client.phone), (gettext("Alamat"), client.address)]
    return [(label, value) for label, value in rows if value]


def _desil(desil: int | None, on: date | None) -> str | None:
    if desil is None:
        return None
    return gettext("%(desil)s (per %(day)s)", desil=desil, day=formats.date_text(on)) if on else str(desil)


def _case(page: TaskPage) -> list[tuple[str, Any]]:
    if page.case is None:
        return [(gettext("Nomor"), page.number), (gettext("Wilayah"), page.region)]
    rows = [
        (gettext("Nomor"), page.number),
        (gettext("Dicatat"), formats.date_text(page.case.opened_at)),
        (gettext("Kategori PPKS"), ", ".join(name(PPKS, code) for code in page.categories) or None),
    ]
    return [(label, value) for label, value in rows if value]


def _paper(paper: Paper) -> File:
    return File(str(paper.id), paper.name, url_for("documents.show", document_id=paper.id), formats.day(paper.added_at))


def _form_changes(page: TaskPage, typed: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What changed in the form since the draft was typed: (kind, question, what had been typed)."""
    if page.old_form is None or page.form is None:
        return []
    rows: list[tuple[str, str, str]] = []
    for change in forms.form_changes(page.old_form, page.form):
        component = change.after or change.before
        if component is not None:
            rows.append((change.kind, component.label_in(language()), typed_text(component, typed)))
    return rows


def _answered(page: TaskPage) -> list[tuple[str, Shown]]:
    """What was answered in a task that is done, as far as the reader may see it."""
    if page.form is None or page.is_open:
        return []
    names = {code: text for offered in page.choices.values() for code, text in offered}
    known = named({str(paper.id): paper.name for paper in page.papers}, names, ())
    rows = answer_rows(page.form, page.known, known)
    return [*rows, withheld_row()] if page.withheld else rows


def typed_list(form: forms.Form | None, typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(question, what was typed), for a page that must not lose a word although the task is gone."""
    if form is None:
        return []
    rows = (
        (component.label_in(language()), typed_text(component, typed)) for component in forms.questions(form.components)
    )
    return [(label, text) for label, text in rows if text]


def typed_text(component: Component, typed: Mapping[str, Any]) -> str:
    """What was typed into one question, choices by their labels, rows one per line."""
    if component.type == "dynamiclist":
        return "\n".join(_row_texts(component, typed))
    if component.type == "datetime" and component.key not in typed:
        parts = (plain_texts(typed.get(f"{component.key}-{part}")) for part in ("day", "month", "year", "date", "time"))
        return " ".join(text for found in parts for text in found if text)
    texts = [text for text in plain_texts(typed.get(component.key)) if text]
    labels = {option.value: pick(option.label, option.label_en) for option in component.options}
    return ", ".join(labels.get(text, text) for text in texts)


def _row_texts(component: Component, typed: Mapping[str, Any]) -> Iterator[str]:
    for row in raw.typed_rows(component, typed):
        yield ", ".join(text for column in forms.questions(component.children) if (text := typed_text(column, row)))


def conflict_view(page: TaskPage) -> dict[str, Any]:
    """Who was faster, and what to do now."""
    if page.who.closed_by_name:
        said = gettext(
            "%(name)s sudah menyelesaikan tugas ini %(when)s.",
            name=page.who.closed_by_name,
            when=formats.relative(page.task.closed_at),
        )
    elif page.who.assignee_name and not page.is_mine:
        said = gettext(
            "%(name)s mengambil tugas ini %(when)s.",
            name=page.who.assignee_name,
            when=formats.relative(page.task.claimed_at),
        )
    elif page.is_open:
        said = gettext("Kasus ini bergerak saat Anda mengisi. Buka lagi tugasnya, periksa, lalu kirim sekali lagi.")
    else:
        said = gettext("Tugas ini sudah tidak diperlukan karena kasusnya mengambil jalan lain.")
    title = pick(page.task.name, page.task.name_en)
    return {"task": page.task, "title": title, "said": said, "is_open": page.is_open, "number": page.number}
