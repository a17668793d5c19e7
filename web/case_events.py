"""What happens to a client outside the process, told on the case's page: each kind with what its message carries."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

import forms
from engine.casework import cases, form_answers
from engine.errors import InvalidForm
from engine.permissions import Area
from engine.queries import case_page
from engine.queries.choices import choices_for
from forms import raw
from web import case_view
from web.auth import current_actor, requires
from web.case_words import EVENT_NOTES, EVENTS
from web.db import session
from web.form_view import Drawing, FormView, draw
from web.pages import htmx_target, render
from web.words import name

blueprint = Blueprint("case_events", __name__, url_prefix="/cases")

Errors = Mapping[str, Sequence[str]]
_OURS = {"csrf_token", "_key", "_form", "event", "body"}


@blueprint.get("/<int:case_id>/events")
@requires(Area.CASES)
def show(case_id: int) -> str:
    """Choose what happened outside."""
    return _page(case_id)


@blueprint.post("/<int:case_id>/events")
@requires(Area.CASES)
def report(case_id: int) -> ResponseReturnValue:
    """Tell the case's process what happened outside; what was written stays as a note."""
    if htmx_target() == "answers":
        return _page(case_id)
    kind, body, actor = request.form.get("event", ""), request.form.get("body", "").strip(), current_actor()
    errors: dict[str, Sequence[str]] = {}
    if kind not in EVENTS:
        errors["event"] = [gettext("Pilih apa yang terjadi.")]
    if not body:
        errors["body"] = [gettext("Tulis singkat apa yang terjadi dan dari mana Anda mengetahuinya.")]
    facts: Mapping[str, Any] = {}
    try:
        facts = cases.event_facts(session(), actor, case_id, kind, _typed()) if kind in EVENTS else {}
    except InvalidForm as error:
        return _page(case_id, errors, error.messages), 422
    if errors:
        return _page(case_id, errors), 422
    key = request.form.get("_key") or secrets.token_urlsafe(12)
    note = f"{name(EVENTS, kind)}: {body}"
    cases.report_event(session(), actor, case_id, kind, facts, key, note=note)
    flash(gettext("Kejadian dicatat. Langkah berikutnya sudah dibuat oleh alur kasus."), "success")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _page(case_id: int, errors: Errors | None = None, wrong: Errors | None = None) -> str:
    head = case_page.head(session(), current_actor(), case_id)
    if htmx_target() != "answers":
        cases.record_read(session(), current_actor(), head.case)
    kind = request.form.get("event", "")
    asked = {code: cases.event_form(session(), current_actor(), case_id, code) for code in EVENTS}
    view = _view(asked[kind], wrong or {}) if asked.get(kind) else None
    summary = {**(errors or {}), **{target: [text] for target, text in (view.summary if view else ())}}
    return render(
        "cases/event.html",
        fragments=("answers",),
        **case_view.top(head),
        options=[(code, str(text), str(EVENT_NOTES[code])) for code, text in EVENTS.items()],
        typed={"event": kind or None, "body": request.form.get("body", "")},
        errors=errors or {},
        summary=summary,
        asks_more=any(asked.values()),
        view=view,
        key=request.form.get("_key") or secrets.token_urlsafe(12),
    )


def _view(form: forms.Form | None, errors: Errors) -> FormView | None:
    if form is None:
        return None
    typed = _typed()
    visibility = forms.visibility_of(form, typed, form_answers.situation(session(), {}))
    return draw(form, Drawing(typed, visibility, errors, choices=choices_for(session(), current_actor(), form)))


def _typed() -> dict[str, Any]:
    return {field: value for field, value in raw.as_lists(request.form).items() if field not in _OURS}
