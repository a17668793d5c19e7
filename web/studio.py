"""The analyst's pages: families, versions, what is in them; drafts, their check, review and publication."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from engine.casework import studio, studio_diff
from engine.errors import Conflict, InvalidDefinition, InvalidForm
from engine.permissions import Area
from engine.queries import definitions as queries
from web import studio_view
from web.area import requires_area
from web.auth import current_actor, may_open
from web.db import session
from web.element_words import called
from web.finding_words import Finding, Words, said
from web.i18n import pick
from web.pages import render
from web.studio_tables import tables_of

blueprint = Blueprint("studio", __name__, url_prefix="/processes")


@blueprint.get("")
@requires_area(Area.PROCESSES)
def index() -> str:
    """Families with their newest version, and drafts that wait."""
    actor = current_actor()
    return render(
        "studio/index.html", families=queries.families(session(), actor), drafts=queries.drafts(session(), actor)
    )


@blueprint.get("/<family>")
@requires_area(Area.PROCESSES)
def family(family: str) -> str:
    """The versions of a family."""
    actor = current_actor()
    return render(
        "studio/family.html",
        family=family,
        rows=queries.versions(session(), actor, family),
        drafts=queries.drafts(session(), actor, family),
        beginnings=queries.beginnings(session(), actor, family),
    )


@blueprint.get("/versions/<int:definition_id>")
@requires_area(Area.PROCESSES)
def version(definition_id: int) -> str:
    """One version: its diagrams, tables and forms to look at."""
    row = queries.version(session(), current_actor(), definition_id)
    names = queries.own_files(row)
    bodies = {name: queries.file_body(session(), row, name) for name in names}
    return render("studio/version.html", row=row, **_shown(bodies))


def _shown(bodies: dict[str, bytes]) -> dict[str, Any]:
    """Diagrams by title, tables as rows, forms as they look."""
    return {
        "diagrams": [(name, studio_view.title(name, body)) for name, body in bodies.items() if name.endswith(".bpmn")],
        "tables": sorted(
            ((name, table) for name, body in bodies.items() if name.endswith(".dmn") for table in tables_of(body)),
            key=lambda found: found[1].name.casefold(),
        ),
        "forms": sorted(studio_view.previews(bodies), key=lambda found: found[1].title.casefold()),
    }


@blueprint.get("/versions/<int:definition_id>/files/<path:name>")
@requires_area(Area.PROCESSES)
def version_file(definition_id: int, name: str) -> Response:
    """A file of a version, for the viewer and to take home."""
    row = queries.version(session(), current_actor(), definition_id)
    return _file(queries.file_body(session(), row, name), name)


def _file(body: bytes, name: str) -> Response:
    kind = "application/json" if name.endswith(".form") else "application/xml"
    answer = Response(body, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name.rpartition("/")[2]}"'
    return answer


@blueprint.post("/<family>/draft")
@requires_area(Area.STUDIO)
def open_draft(family: str) -> ResponseReturnValue:
    """Open (or make) the own draft of a family."""
    draft = studio.open_draft(session(), current_actor(), family)
    return redirect(url_for(".draft", draft_id=draft.id))


@blueprint.get("/drafts/<int:draft_id>")
@requires_area(Area.STUDIO)
def draft(draft_id: int) -> str:
    """A draft: its files, what it changes, what the check says, and the way to publication."""
    return _draft_page(draft_id, {})


def _draft_page(draft_id: int, errors: dict[str, list[str]]) -> str:
    actor = current_actor()
    found = studio.find(session(), actor, draft_id)
    bodies = studio.files(session(), found)
    base = queries.version(session(), actor, found.base_id)
    before = {name: queries.file_body(session(), base, name) for name in queries.own_files(base)}
    return render(
        "studio/draft.html",
        draft=found,
        base=base,
        files=studio_view.files(bodies, studio_diff.changes(before, bodies)),
        findings=_said_of(studio.findings(session(), actor, draft_id), bodies),
        errors=errors,
        is_author=found.author_id == actor.id,
    )


@blueprint.get("/drafts/<int:draft_id>/files/<path:name>")
@requires_area(Area.STUDIO)
def draft_file(draft_id: int, name: str) -> Response:
    """A file as the draft has it."""
    found = studio.find(session(), current_actor(), draft_id)
    bodies = studio.files(session(), found)
    if name not in bodies:
        abort(404)
    return _file(bodies[name], name)


@blueprint.get("/drafts/<int:draft_id>/edit/<path:name>")
@requires_area(Area.STUDIO)
def edit(draft_id: int, name: str) -> str:
    """The editor of one file: BPMN in the drawing editor unless asked for as text, the others as text."""
    found = studio.find(session(), current_actor(), draft_id)
    bodies = studio.files(session(), found)
    if name not in bodies:
        abort(404)
    is_drawing = name.endswith(".bpmn") and "text" not in request.args
    text = "" if is_drawing else bodies[name].decode()
    title = studio_view.title(name, bodies[name])
    return render("studio/edit.html", draft=found, name=name, title=title, text=text, is_drawing=is_drawing)


@blueprint.post("/drafts/<int:draft_id>/edit/<path:name>")
@requires_area(Area.STUDIO)
def save(draft_id: int, name: str) -> ResponseReturnValue:
    """Keep a file in the draft; the drawing editor asks for JSON, the text editor for a page."""
    body = request.form.get("body", "").replace("\r\n", "\n").encode()
    rev = request.form.get("rev", 0, type=int)
    saved = studio.save_file(session(), current_actor(), draft_id, name, body, read_rev=rev)
    if request.form.get("json"):
        return jsonify(rev=saved.rev)
    flash(gettext("Berkas disimpan dalam rancangan."), "success")
    return redirect(url_for(".draft", draft_id=draft_id))


@blueprint.post("/drafts/<int:draft_id>/check/<path:name>")
@requires_area(Area.STUDIO)
def check(draft_id: int, name: str) -> Response:
    """What the check says of a file that is not saved yet, for the editor."""
    body = request.form.get("body", "").encode()
    found = studio.findings_with(session(), current_actor(), draft_id, {name: body})
    words = _said_of(found, {**studio.files(session(), studio.find(session(), current_actor(), draft_id)), name: body})
    return jsonify(
        findings=[
            {"code": one.code, "element": one.element, **asdict(said_of)}
            for one, said_of in zip(found, words, strict=True)
        ]
    )


def _said_of(found: Sequence[Finding], bodies: Mapping[str, bytes]) -> list[Words]:
    names = called(bodies) if found else {}
    return [said(one, names) for one in found]


@blueprint.post("/drafts/<int:draft_id>/submit")
@requires_area(Area.STUDIO)
def submit(draft_id: int) -> ResponseReturnValue:
    """Send a draft for review."""
    rev = request.form.get("rev", 0, type=int)
    try:
        studio.submit(session(), current_actor(), draft_id, request.form.get("comment", ""), read_rev=rev)
    except InvalidForm as error:
        return _draft_page(draft_id, {"comment": [_said(code) for code in error.messages["comment"]]}), 422
    except InvalidDefinition:
        return _draft_page(draft_id, {"comment": [_cannot_run()]}), 422
    flash(gettext("Rancangan dikirim. Analis lain meninjau dan menerbitkannya."), "success")
    return redirect(url_for(".draft", draft_id=draft_id))


def _said(code: str) -> str:
    if code == "nothing_changed":
        return gettext("Belum ada yang diubah; ubah sebuah berkas dahulu")
    return gettext("Tuliskan apa yang berubah dan mengapa")


def _cannot_run() -> str:
    return gettext("Proses ini belum dapat dijalankan: perbaiki dahulu yang ditandai Salah pada Pemeriksaan")


@blueprint.post("/drafts/<int:draft_id>/return")
@requires_area(Area.STUDIO)
def send_back(draft_id: int) -> ResponseReturnValue:
    """Return a draft to its author."""
    try:
        studio.send_back(session(), current_actor(), draft_id, request.form.get("comment", ""))
    except InvalidForm:
        return _draft_page(draft_id, {"comment": [gettext("Tuliskan apa yang perlu diperbaiki")]}), 422
    flash(gettext("Rancangan dikembalikan."), "info")
    return redirect(url_for(".draft", draft_id=draft_id))


@blueprint.post("/drafts/<int:draft_id>/publish")
@requires_area(Area.STUDIO)
def publish(draft_id: int) -> ResponseReturnValue:
    """A second person publishes a draft."""
    try:
        rows = studio.approve(session(), current_actor(), draft_id, request.form.get("comment", ""))
    except InvalidDefinition:
        return _draft_page(draft_id, {"comment": [_cannot_run()]}), 422
    names = [gettext("%(name)s, versi %(n)s", name=family_name(row.family), n=row.number) for row in rows]
    published = gettext("Diterbitkan: %(names)s.", names="; ".join(names))
    kept = gettext("Kasus baru memakainya; kasus yang berjalan tetap pada versinya.")
    flash(f"{published} {kept}", "success")
    return redirect(url_for(".index"))


@blueprint.post("/drafts/<int:draft_id>/discard")
@requires_area(Area.STUDIO)
def discard(draft_id: int) -> ResponseReturnValue:
    """Throw the own draft away."""
    found = studio.find(session(), current_actor(), draft_id)
    if found.state.value == "in_review":
        raise Conflict("A draft in review is taken back first.")
    studio.discard(session(), current_actor(), draft_id)
    flash(gettext("Rancangan dibuang."), "info")
    return redirect(url_for(".family", family=found.family))


@blueprint.app_template_filter("family_name")
def family_name(name: str) -> str:
    """What a family is called: the name of its process in the reader's language; the folder's name without one."""
    if "family_names" not in g:
        g.family_names = queries.family_names(session())
    return pick(*g.family_names.get(name, (name, ""))) or name


@blueprint.context_processor
def helpers() -> dict[str, object]:
    """What the templates of these pages use."""
    return {
        "pick": pick,
        "may_studio": may_open("studio.open_draft"),
        "table_rows": lambda table: [
            [number, *map(_cell, (*inputs, *outputs)), remark]
            for number, (inputs, outputs, remark) in enumerate(table.rules, start=1)
        ],
        "condition_rows": lambda sometimes: [
            [one.label, _cell(one.hidden_if), _cell(one.required_if)] for one in sometimes
        ],
    }


def _cell(text: str) -> Markup:
    if text == "-":
        return Markup('<span class="app-table__any">-</span>')
    return Markup("<code>{}</code>").format(text) if text else Markup()
