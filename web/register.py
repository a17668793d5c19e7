"""Registering a case: search first, then the report, then a receipt that says what happens next."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

import forms
from engine.casework import cases, documents, form_answers, idempotency, people
from engine.casework.documents import Upload
from engine.errors import InvalidForm
from engine.permissions import Area
from engine.queries import people as queries
from engine.queries.choices import choices_for
from engine.queries.people import Found
from engine.queries.receipt import receipt as read_receipt
from forms import raw
from forms.model import Form
from web.auth import current_actor, requires
from web.case_words import FOUND_BY
from web.client_words import age_of
from web.db import keep_so_far, session
from web.decision_words import value_text
from web.form_view import Drawing, File, change_rows, draw
from web.i18n import pick
from web.ids import row_number
from web.pages import htmx_target, render
from web.words import PRIORITIES, ROLES, name

blueprint = Blueprint("register", __name__, url_prefix="/cases/new")

_OURS = {"csrf_token", "_form", "_key", "_person", "_known"}
_UPLOAD = "-upload"
_PREFILLED = ("name", "sex", "birth_date", "village_code", "address")


@blueprint.get("")
@requires(Area.REGISTER)
def search() -> str:
    """Search before anything is typed twice."""
    return render("register/search.html", found=None, text="", **_WORDS)


@blueprint.post("")
@requires(Area.REGISTER)
def results() -> str:
    """Who was found. A post, so that names and numbers stand in no address and no log."""
    text = request.form.get("q", "").strip()
    found = queries.search(session(), current_actor(), text) if text else None
    people.record_found(session(), current_actor(), [one.id for one in found or ()])
    return render("register/search.html", fragments=("results",), found=found, text=text, **_WORDS)


_WORDS: dict[str, Any] = {
    "found_by": lambda codes: ", ".join(name(FOUND_BY, code) for code in codes),
    "age_of": age_of,
}


@blueprint.get("/report")
@requires(Area.REGISTER)
def report() -> str:
    """The report of a person who was found (`person`)."""
    form = cases.register_form(session())
    person_id = request.args.get("person", type=int)
    return _page(form, _known_of(form, person_id), person_id)


@blueprint.post("/report")
@requires(Area.REGISTER)
def send() -> ResponseReturnValue:
    """Begin with what was searched, add a row, go on with a person who was found, or register."""
    form, typed, action = cases.register_form(session()), _typed(), request.form.get("_form", "register")
    person_id = request.form.get("_person", type=int)
    if action == "begin":
        return _page(form, _begun(form, request.form.get("q", "")), None)
    try:
        typed = _with_uploads(typed)
    except InvalidForm as error:
        return _again(form, typed, person_id, error)
    if action.startswith("use:"):
        return _page(form, typed, row_number(action.removeprefix("use:")))
    if action not in ("register", "new"):
        return _page(form, change_rows(form, typed, action), person_id)
    return _register(form, typed, person_id, is_sure=action == "new" or bool(request.form.get("_known")))


@blueprint.post("/answers")
@requires(Area.REGISTER)
def answers() -> str:
    """The fields drawn anew after an answer that other questions depend on."""
    return _page(cases.register_form(session()), _typed(), request.form.get("_person", type=int))


@blueprint.get("/<int:case_id>/receipt")
@requires(Area.REGISTER)
def receipt(case_id: int) -> str:
    """The number, and what happens next."""
    found = read_receipt(session(), current_actor(), case_id)
    return render(
        "register/receipt.html",
        receipt=found,
        priority=_priority_text(found.priority, found.first_response),
        roles_of=lambda groups: ", ".join(dict.fromkeys(name(ROLES, group.partition(":")[0]) for group in groups)),
        pick=pick,
    )


def _priority_text(code: str, first_response: str) -> str:
    """P3 · biasa · ditanggapi dalam 3 hari kerja."""
    said = name(PRIORITIES, code)
    if not first_response:
        return said
    return gettext("%(priority)s · ditanggapi dalam %(time)s", priority=said, time=value_text(first_response))


def _register(form: Form, typed: dict[str, Any], person_id: int | None, *, is_sure: bool) -> ResponseReturnValue:
    actor = current_actor()
    key = request.form.get("_key")
    if person_id is None and not is_sure and not idempotency.is_answered(session(), actor, key):
        result = forms.check(form, typed, form_answers.situation(session(), {}))
        alike = queries.duplicates(session(), actor, form, result.answers) if result.ok else []
        if alike:
            people.record_found(session(), actor, [one.id for one in alike])
            return _page(form, typed, None, alike=alike)
    try:
        done = cases.register(session(), actor, typed, person_id=person_id, idempotency_key=key)
    except InvalidForm as error:
        session().rollback()
        return _again(form, typed, person_id, error)
    return redirect(url_for(".receipt", case_id=done.case_id), 303)


def _again(form: Form, typed: dict[str, Any], person_id: int | None, error: InvalidForm) -> ResponseReturnValue:
    """The form as it was typed, with what to mend."""
    result = forms.check(form, typed, form_answers.situation(session(), {}))
    errors: dict[str, Sequence[str]] = {**result.errors, **error.messages}
    drawing = Drawing(typed, result.visibility, errors, result.warnings)
    return make_response(_page(form, typed, person_id, drawing=drawing), 422)


def _page(
    form: Form,
    typed: Mapping[str, Any],
    person_id: int | None,
    *,
    drawing: Drawing | None = None,
    alike: Sequence[Found] = (),
) -> str:
    actor = current_actor()
    visibility = forms.visibility_of(form, typed, form_answers.situation(session(), {}))
    drawing = drawing or Drawing(typed, visibility)
    around = {"choices": choices_for(session(), actor, form), "files": _files(form, typed)}
    person = queries.page(session(), actor, person_id).person if person_id is not None else None
    if person is not None and htmx_target() != "answers":
        people.record_read(session(), actor, person.id)
    return render(
        "register/report.html",
        fragments=("answers",),
        form=draw(form, Drawing(**{**vars(drawing), **around})),
        person=person,
        alike=alike,
        key=request.form.get("_key") or secrets.token_urlsafe(16),
        **_WORDS,
    )


def _known_of(form: Form, person_id: int | None) -> dict[str, Any]:
    """What the record knows of a found person. Numbers stay out of the page: left blank, they stay as they are."""
    if person_id is None:
        return {}
    person = queries.page(session(), current_actor(), person_id).person
    known = {f"person.{field}": getattr(person, field) for field in _PREFILLED}
    return {
        key: known[field.record] for key, field in form.questions.items() if known.get(field.record) not in (None, "")
    }


def _begun(form: Form, text: str) -> dict[str, Any]:
    """What was searched for goes on into the form: sixteen digits as the NIK, words as the name."""
    digits = "".join(sign for sign in text if sign in "0123456789")
    record, value = ("person.nik", digits) if len(digits) == 16 else ("person.name", text.strip())
    return {key: value for key, field in form.questions.items() if field.record == record and value}


def _typed() -> dict[str, Any]:
    return {field: value for field, value in raw.as_lists(request.form).items() if field not in _OURS}


def _with_uploads(typed: dict[str, Any]) -> dict[str, Any]:
    """Keep uploaded files at once, so that no error loses them; their numbers join what was typed."""
    uploads: dict[str, list[Upload]] = {}
    for field, file in request.files.items(multi=True):
        if file.filename and field.endswith(_UPLOAD):
            uploads.setdefault(field.removesuffix(_UPLOAD), []).append(Upload(file.filename, file.stream.read()))
    if not uploads:
        return typed
    filled = documents.keep_all(session(), current_actor(), None, uploads, typed)
    keep_so_far()
    return filled


def _files(form: Form, typed: Mapping[str, Any]) -> dict[str, File]:
    waiting = documents.waiting(session(), current_actor(), cases.files_of(form, typed))
    return {str(row.id): File(str(row.id), row.name, detail=gettext("siap dikirim")) for row in waiting}
