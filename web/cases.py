"""Cases: the list, the case page with its tabs, notes, documents, numbers on request, events from outside."""

import secrets
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.casework import cases, documents, people
from engine.casework.documents import Upload
from engine.casework.people import Numbers
from engine.errors import InvalidForm, NotFound
from engine.permissions import READS_REGION, SUPERVISES, Area
from engine.queries import archived, case_page, evidence, flow, history, team
from engine.queries import cases as queries
from engine.queries.cases import Filters
from web import case_view
from web.answer_view import answered, words
from web.auth import current_actor, may_open, requires
from web.case_words import (
    ACCESS_REASONS,
    DOCUMENT_KINDS,
    PATHS,
    REFERRAL_STATUS,
    REFERRAL_TONES,
)
from web.client_words import short_name
from web.db import session
from web.decision_words import value_text
from web.form_words import sentence
from web.i18n import pick
from web.pages import render
from web.sealed import seal, searched, to_list
from web.waiting_words import in_a_line, waits
from web.words import CASE_STATUS, PRIORITIES, name

blueprint = Blueprint("cases", __name__, url_prefix="/cases")

_NAMES = ("status", "priority", "region")
LATEST = 6


@blueprint.get("")
@requires(Area.CASES)
def index() -> str:
    """The cases that the actor may read, filtered, one page."""
    given = request.args
    filters = Filters(
        state=queries.CLOSED if given.get("state") == queries.CLOSED else queries.OPEN,
        **{key: given.get(key, "").strip() for key in _NAMES},
        text=searched(),
        after=given.get("after", ""),
        before=given.get("before", ""),
    )
    page = queries.page(session(), current_actor(), filters)
    return render(
        "cases/index.html",
        fragments=("rows",),
        page=page,
        archived_cases=archived.search(session(), current_actor(), filters.text),
        filters=filters,
        link=lambda **changed: _address(replace(filters, **changed)),
        client=lambda item: short_name(item.client_name, item.client_sex, item.client_birth_date),
        statuses=[(code, f"{name(CASE_STATUS, code)} ({number})") for code, number in page.statuses],
        priorities=[(code, str(text)) for code, text in PRIORITIES.items()],
        pick=pick,
        wait=in_a_line,
        may_open=may_open,
        may_break_glass=current_actor().has(*READS_REGION),
    )


def _address(filters: Filters) -> str:
    values = {key: str(getattr(filters, key)) for key in (*_NAMES, "after", "before")}
    values |= {"find": seal(filters.text), "state": "" if filters.state == queries.OPEN else filters.state}
    given = {key: value for key, value in values.items() if value}
    return url_for(".index") + (f"?{urlencode(given)}" if given else "")


@blueprint.post("/find")
@requires(Area.CASES)
def find() -> ResponseReturnValue:
    """Search and filter. A post, so that names stand in no address."""
    return to_list(".index", ("state", *_NAMES))


@blueprint.get("/<int:case_id>")
@requires(Area.CASES)
def show(case_id: int) -> ResponseReturnValue:
    """The overview of a case; of one that is in the archive, that it is there."""
    try:
        return _overview(case_id)
    except NotFound:
        gone = archived.find(session(), current_actor(), case_id)
        if gone is None:
            raise
        return render("cases/archived.html", case=gone), 410


def _overview(
    case_id: int, *, numbers: Numbers | None = None, errors: dict[str, list[str]] | None = None, opened: str = ""
) -> str:
    actor = current_actor()
    page = case_page.page(session(), actor, case_id)
    cases.record_read(session(), actor, page.head.case)
    sent = evidence.newest(evidence.sent_on(session(), actor, case_id))
    known = words(page.papers, evidence.office_names(session(), sent), sent)
    supervises = actor.has(*SUPERVISES)
    return render(
        "cases/show.html",
        **case_view.top(page.head),
        page=page,
        tab="overview",
        client_rows=case_view.client_rows(page, numbers),
        case_rows=case_view.case_rows(page),
        facts=answered([one for one in sent if not one.is_decision], known, facts_only=True)[::-1],
        waits=waits(page.pending),
        story=case_view.told(history.of_case(session(), actor, case_id, size=LATEST * 2))[:LATEST],
        workers=team.receivers(session(), actor) if page.head.case.restricted and supervises else [],
        shows_numbers=numbers is not None,
        errors=errors or {},
        opened=opened,
        key=secrets.token_urlsafe(12),
        **_WORDS,
    )


_WORDS: dict[str, Any] = {
    "who_does": case_view.who_does,
    "relation_name": case_view.relation_name,
    "referral_name": lambda code: name(REFERRAL_STATUS, code),
    "referral_tone": lambda code: REFERRAL_TONES.get(code, "neutral"),
    "path_name": lambda code: name(PATHS, code),
    "outcome_name": lambda one: pick(*one.outcome) or value_text(one.row.outcome),
    "access_reason": lambda code: name(ACCESS_REASONS, code),
    "document_kinds": DOCUMENT_KINDS,
    "pick": pick,
}


@blueprint.get("/<int:case_id>/answers")
@requires(Area.CASES)
def answers(case_id: int) -> str:
    """Every form that was sent on the case, in words, oldest first."""
    head = case_page.head(session(), current_actor(), case_id)
    cases.record_read(session(), current_actor(), head.case)
    sent = evidence.sent_on(session(), current_actor(), case_id)
    known = words(case_page.papers(session(), case_id), evidence.office_names(session(), sent), sent)
    told = answered(sent, known)[::-1]
    return render("cases/answers.html", **case_view.top(head), tab="answers", sent=told)


@blueprint.get("/<int:case_id>/history")
@requires(Area.CASES)
def story(case_id: int) -> str:
    """The history in words, newest first, one page."""
    head = case_page.head(session(), current_actor(), case_id)
    cases.record_read(session(), current_actor(), head.case)
    rows = history.of_case(session(), current_actor(), case_id, before=request.args.get("before", type=int))
    older = url_for(".story", case_id=case_id, before=rows[-1].id) if len(rows) == history.SIZE else None
    return render("cases/history.html", **case_view.top(head), tab="history", story=case_view.told(rows), older=older)


@blueprint.get("/<int:case_id>/flow")
@requires(Area.CASES)
def walked(case_id: int) -> str:
    """The way walked, on the diagram and in words; one process at a time."""
    head = case_page.head(session(), current_actor(), case_id)
    cases.record_read(session(), current_actor(), head.case)
    found = flow.of_case(session(), case_id)
    walks = found.walked if found else []
    wanted = request.args.get("process") or next((one.process_id for one in reversed(walks) if one.here), "")
    shown = next((one for one in walks if one.process_id == wanted), walks[0] if walks else None)
    return render(
        "cases/flow.html",
        **case_view.top(head),
        tab="flow",
        flow=found,
        shown=shown,
        place_text=case_view.place_text,
        pick=pick,
    )


@blueprint.get("/<int:case_id>/flow/<process_id>.bpmn")
@requires(Area.CASES)
def diagram(case_id: int, process_id: str) -> Response:
    """The diagram's XML in the version that the case runs on."""
    response = Response(flow.diagram(session(), current_actor(), case_id, process_id), mimetype="application/xml")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@blueprint.post("/<int:case_id>/notes")
@requires(Area.CASES)
def add_note(case_id: int) -> ResponseReturnValue:
    """Add a note."""
    try:
        cases.add_note(session(), current_actor(), case_id, request.form.get("body", ""))
    except InvalidForm:
        return _overview(case_id, errors={"body": [gettext("Tulis catatannya dahulu.")]}, opened="note"), 422
    flash(gettext("Catatan ditambahkan."), "success")
    return _back(case_id, "notes")


@blueprint.post("/<int:case_id>/documents")
@requires(Area.CASES)
def add_document(case_id: int) -> ResponseReturnValue:
    """Add a document."""
    file, kind = request.files.get("file"), request.form.get("kind", "other")
    if file is None or not file.filename:
        return _overview(case_id, errors={"file": [gettext("Pilih berkas dahulu.")]}, opened="document"), 422
    upload = Upload(file.filename, file.stream.read())
    try:
        documents.add(session(), current_actor(), case_id, kind if kind in DOCUMENT_KINDS else "other", upload)
    except InvalidForm as error:
        session().rollback()
        said = [sentence(str(code), None, label=gettext("Berkas")) for code in error.messages["file"]]
        return _overview(case_id, errors={"file": said}, opened="document"), 422
    flash(gettext("Dokumen ditambahkan pada kasus."), "success")
    return _back(case_id, "documents")


@blueprint.post("/<int:case_id>/numbers")
@requires(Area.CASES)
def numbers(case_id: int) -> ResponseReturnValue:
    """Show the client's numbers in full, once, for a reason that is kept."""
    actor = current_actor()
    case = cases.find(session(), actor, case_id)
    try:
        found = people.show_numbers(session(), actor, case.client_id, request.form.get("reason", ""), case_id=case_id)
    except InvalidForm:
        said = gettext("Tulis untuk apa nomor ini diperlukan.")
        return _overview(case_id, errors={"reason": [said]}, opened="numbers"), 422
    return _overview(case_id, numbers=found)


@blueprint.post("/<int:case_id>/access")
@requires(Area.TEAM)
def grant(case_id: int) -> ResponseReturnValue:
    """Name a worker for a restricted case."""
    worker_id = request.form.get("worker", type=int)
    if worker_id is None:
        return _overview(case_id, errors={"worker": [gettext("Pilih petugasnya.")]}, opened="access"), 422
    cases.grant(session(), current_actor(), case_id, worker_id)
    flash(gettext("Petugas ditunjuk: ia sekarang dapat membaca kasus ini."), "success")
    return _back(case_id, "access")


@blueprint.get("/emergency")
@requires(Area.CASES)
def break_glass() -> str:
    """Ask for a restricted case in an emergency."""
    return render("cases/break_glass.html", typed={}, errors={})


@blueprint.post("/emergency")
@requires(Area.CASES)
def open_in_emergency() -> ResponseReturnValue:
    """Open a restricted case for two hours, with a reason that is recorded and reviewed."""
    case_no, reason = request.form.get("case_no", "").strip(), request.form.get("reason", "").strip()
    try:
        case = cases.break_glass(session(), current_actor(), case_no, reason)
    except InvalidForm:
        errors = {"reason": [gettext("Tulis alasannya dengan jelas, sedikitnya 10 huruf.")]}
    except NotFound:
        errors = {"case_no": [gettext("Tidak ada kasus terbatas dengan nomor ini di wilayah Anda.")]}
    else:
        flash(gettext("Kasus terbuka untuk Anda selama dua jam. Pembukaan ini dicatat dan ditinjau."), "warning")
        return _back(case.id)
    return render("cases/break_glass.html", typed={"case_no": case_no, "reason": reason}, errors=errors), 422


def _back(case_id: int, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for(".show", case_id=case_id, _anchor=anchor), 303)
