"""The task page: the form with everything around it; draft, send, and what happens when somebody else was faster."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

import forms
from engine import clock
from engine.casework import access, cases, documents, tasks
from engine.casework.documents import Upload
from engine.errors import Conflict, InvalidForm, NotAskedYet
from engine.permissions import Area, is_four_eyes
from engine.queries import approvals, evidence
from engine.queries import task_page as queries
from engine.queries.evidence import Records
from engine.queries.task_page import TaskPage
from forms import raw
from web import formats
from web.answer_view import answered, named
from web.area import requires_area
from web.auth import current_actor, may_open
from web.db import keep, keep_so_far, session
from web.form_view import Drawing, change_rows
from web.form_words import sentence
from web.i18n import pick
from web.next_words import try_out
from web.pages import htmx_target, render
from web.task_view import conflict_view, following_view, task_view, typed_list

blueprint = Blueprint("tasks", __name__)

_OURS = {"csrf_token", "_form", "_key", "_shown"}
_UPLOAD = "-upload"


@blueprint.get("/tasks/<int:task_id>")
@requires_area(Area.INBOX)
def show(task_id: int) -> ResponseReturnValue:
    """The task with its form, or with the answers once it is done. Decisions have a page with their evidence."""
    page = queries.page(session(), current_actor(), task_id)
    if page.is_open and is_four_eyes(page.task) and may_open("approvals.show"):
        return redirect(url_for("approvals.show", task_id=task_id))
    unmasked = request.args.get("show") == "client"
    return _page(page, page.draft if page.draft is not None else page.known, unmasked=unmasked)


@blueprint.post("/tasks/<int:task_id>")
@requires_area(Area.INBOX)
def send(task_id: int) -> ResponseReturnValue:
    """Send the form; or, by the button pressed, only keep the draft, add or take away a row of a list."""
    action = request.form.get("_form", "complete")
    typed = _typed()
    if action == "preview":
        return _preview(task_id, typed)
    if action != "complete":
        return _keep(task_id, typed, action)
    try:
        typed = _with_uploads(task_id, typed)
        key, shown = request.form.get("_key"), request.form.get("_shown")
        asked = None if shown is None else frozenset(shown.split())
        tasks.complete(session(), current_actor(), task_id, typed, idempotency_key=key, alone=True, shown=asked)
    except NotAskedYet as error:
        session().rollback()
        return _ask(task_id, typed, set(error.paths))
    except InvalidForm as error:
        session().rollback()
        return _again(task_id, typed, error)
    except Conflict:
        session().rollback()
        return _beaten(task_id, typed)
    return _see_other(task_id)


@blueprint.post("/tasks/<int:task_id>/draft")
@requires_area(Area.INBOX)
def save_draft(task_id: int) -> ResponseReturnValue:
    """Keep what is typed while typing; answers with the sentence to show beside the buttons."""
    form_hash = queries.form_hash(session(), current_actor(), task_id)
    try:
        tasks.save_draft(session(), current_actor(), task_id, _typed(), form_hash)
    except Conflict:
        return _text(gettext("Tugas ini sudah tidak terbuka. Salin yang Anda tulis, lalu muat ulang halaman."), 409)
    return _text(gettext("Draf tersimpan %(when)s", when=formats.clock_text(clock.now())))


@blueprint.post("/tasks/<int:task_id>/answers")
@requires_area(Area.INBOX)
def answers(task_id: int) -> str:
    """The fields drawn anew after an answer that other questions depend on."""
    return _page(queries.page(session(), current_actor(), task_id), _typed())


@blueprint.get("/tasks/<int:task_id>/diagram")
@requires_area(Area.INBOX)
def diagram(task_id: int) -> ResponseReturnValue:
    """The diagram's XML for the viewer; it never changes for a running case, so browsers may keep it."""
    xml, sha256 = queries.diagram(session(), current_actor(), task_id)
    response = Response(xml, mimetype="application/xml")
    response.set_etag(sha256)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response.make_conditional(request)


@blueprint.get("/tasks/<int:task_id>/following")
@requires_area(Area.INBOX)
def following(task_id: int) -> str:
    """What the case waits for after a task: a part of its page, asked for again while work goes on behind it."""
    page = queries.page(session(), current_actor(), task_id)
    return render("tasks/_following.html", **following_view(page))


@blueprint.get("/tasks/<int:task_id>/records")
@requires_area(Area.INBOX)
def records(task_id: int) -> str:
    """What was sent before: beside the form for who reviews it, on request for everybody else."""
    found = evidence.before_task(session(), current_actor(), task_id)
    _note_read(found)
    known = named(found.files, found.names, found.sent)
    sent = answered(found.sent, known)
    return render(
        "tasks/records.html", fragments=("records",), task=found.task, number=found.number, records=sent, pick=pick
    )


@blueprint.post("/tasks/<int:task_id>/documents")
@requires_area(Area.INBOX)
def add_document(task_id: int) -> ResponseReturnValue:
    """Add a document to the task's case, beside the form."""
    page = queries.page(session(), current_actor(), task_id)
    file = request.files.get("file")
    if page.case is None or file is None or not file.filename:
        flash(gettext("Pilih berkas dahulu."), "warning")
        return _see_other(task_id)
    try:
        upload = Upload(file.filename, file.stream.read())
        documents.add(session(), current_actor(), page.case.id, "other", upload, task_id=task_id)
    except InvalidForm as error:
        flash(sentence(str(error.messages["file"][0]), None, label=gettext("Dokumen")), "error")
        return _see_other(task_id)
    flash(gettext("Dokumen ditambahkan pada kasus."), "success")
    return _see_other(task_id)


def _page(page: TaskPage, typed: Mapping[str, Any], *, unmasked: bool = False, key: str = "", **extra: Any) -> str:
    if htmx_target() != "answers":
        _note_read(page, unmasked=unmasked)
    shown = page.situation
    visibility = forms.visibility_of(page.form, typed, shown) if page.form else forms.nothing_hidden()
    drawing = extra.pop("drawing", None) or Drawing(typed, visibility)
    view = task_view(page, current_actor(), drawing, unmasked=unmasked)
    # Only a form that was sent before can have come back with reasons.
    returned = page.case if page.sent_before and page.is_open else None
    pins = approvals.pins(session(), current_actor(), returned.id) if returned else []
    not_asked = extra.pop("not_asked", set())
    extra.setdefault("tried", None)
    view["new_questions"] = view["form"].labels_of(not_asked) if not_asked and view["form"] else []
    return render(
        "tasks/show.html", fragments=("answers",), **view, pins=pins, key=key or secrets.token_urlsafe(16), **extra
    )


def _note_read(shown: TaskPage | Records, *, unmasked: bool = False) -> None:
    if shown.case is not None:
        cases.record_read(session(), current_actor(), shown.case, "unmask" if unmasked else "read")
    else:
        access.record_task_read(session(), current_actor(), shown.task.id)


def _preview(task_id: int, typed: dict[str, Any]) -> ResponseReturnValue:
    """What sending would lead to, tried on a copy. Without JavaScript the whole page, with everything typed kept."""
    if htmx_target() == "preview":
        tried = try_out(session(), current_actor(), task_id, typed)
        return render("tasks/_preview.html", task={"id": task_id}, tried=tried)
    typed = _with_uploads(task_id, typed)
    tried = try_out(session(), current_actor(), task_id, typed)
    page = queries.page(session(), current_actor(), task_id)
    tasks.save_draft(session(), current_actor(), task_id, typed, page.form.hash if page.form else "")
    return _page(page, typed, key=request.form.get("_key", ""), tried=tried)


def _keep(task_id: int, typed: dict[str, Any], action: str) -> ResponseReturnValue:
    page = queries.page(session(), current_actor(), task_id)
    try:
        typed = _with_uploads(task_id, typed)
        if page.form is not None:
            typed = change_rows(page.form, typed, action)
        tasks.save_draft(session(), current_actor(), task_id, typed, page.form.hash if page.form else "")
    except InvalidForm as error:
        return _again(task_id, typed, error)
    except Conflict:
        session().rollback()
        return _beaten(task_id, typed)
    if action == "draft":
        flash(gettext("Draf disimpan. Anda dapat melanjutkan kapan saja."), "success")
    return _see_other(task_id, anchor=action.split(":")[1] if ":" in action else None)


def _ask(task_id: int, typed: dict[str, Any], not_asked: set[str]) -> ResponseReturnValue:
    """The form again, with the questions that its answers brought up (without JavaScript it cannot show them)."""
    page = queries.page(session(), current_actor(), task_id)
    if page.form is not None:
        tasks.save_draft(session(), current_actor(), task_id, typed, page.form.hash)
    keep()
    return make_response(_page(page, typed, key=request.form.get("_key", ""), not_asked=not_asked), 422)


def _again(task_id: int, typed: dict[str, Any], error: InvalidForm) -> ResponseReturnValue:
    """The form as it was typed, with what to mend; kept as a draft too."""
    page = queries.page(session(), current_actor(), task_id)
    if page.form is None:
        raise error
    tasks.save_draft(session(), current_actor(), task_id, typed, page.form.hash)
    keep()
    result = forms.check(page.form, typed, page.situation)
    errors: dict[str, Sequence[str]] = {**result.errors, **error.messages}
    visibility = forms.visibility_of(page.form, typed, page.situation)
    drawing = Drawing(typed, visibility, errors, result.warnings)
    return make_response(_page(page, typed, drawing=drawing, key=request.form.get("_key", "")), 422)


def _beaten(task_id: int, typed: dict[str, Any]) -> ResponseReturnValue:
    """Somebody else moved the task: who and when, and everything that was typed."""
    page = queries.page(session(), current_actor(), task_id)
    view = conflict_view(page)
    return make_response(render("tasks/conflict.html", **view, typed=typed_list(page.form, typed)), 409)


def _typed() -> dict[str, Any]:
    """The form's fields as they were typed, ours (token, key, button) left out."""
    return {name: value for name, value in raw.as_lists(request.form).items() if name not in _OURS}


def _with_uploads(task_id: int, typed: dict[str, Any]) -> dict[str, Any]:
    """Keep uploaded files at once, so that no error loses them; their numbers join what was typed."""
    uploads: dict[str, list[Upload]] = {}
    for name, file in request.files.items(multi=True):
        if file.filename and name.endswith(_UPLOAD):
            uploads.setdefault(name.removesuffix(_UPLOAD), []).append(Upload(file.filename, file.stream.read()))
    if not uploads:
        return typed
    page = queries.page(session(), current_actor(), task_id)
    if page.case is None or page.form is None or not page.may_work:
        return typed
    known = {path: files for path, files in uploads.items() if path in page.form.questions}
    typed.update(documents.keep_all(session(), current_actor(), page.case, known, typed, task_id=task_id))
    keep_so_far()
    return typed


def _see_other(task_id: int, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("tasks.show", task_id=task_id, _anchor=anchor), 303)


def _text(sentence: str, status: int = 200) -> ResponseReturnValue:
    return Response(sentence, status, mimetype="text/plain")
