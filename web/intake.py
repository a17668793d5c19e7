"""Pages for reports that arrive from agencies and begin a process."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

import forms
from engine.casework import form_answers, intake
from engine.errors import InvalidForm
from engine.permissions import Area
from engine.queries.choices import choices_for
from web.area import requires_area
from web.auth import current_actor
from web.db import session
from web.form_view import Drawing, draw
from web.i18n import language
from web.pages import render

blueprint = Blueprint("intake", __name__, url_prefix="/reports")


@blueprint.get("")
@requires_area(Area.INTAKE)
def index() -> str:
    """The kinds of report that can be taken in."""
    kinds = intake.kinds(session(), current_actor())
    return render("intake/index.html", kinds=[(kind, kind.form.title_in(language())) for kind in kinds])


@blueprint.get("/<name>")
@requires_area(Area.INTAKE)
def show(name: str) -> str:
    """The form of one kind of report."""
    return _page(name, {}, {}, str(uuid4()))


@blueprint.post("/<name>")
@requires_area(Area.INTAKE)
def take_in(name: str) -> ResponseReturnValue:
    """Begin what the report begins."""
    typed = request.form.to_dict(flat=False)
    message_id = request.form.get("message_id", "")
    try:
        intake.take_in(session(), current_actor(), name, typed, message_id)
    except InvalidForm as error:
        return _page(name, typed, error.messages, message_id), 422
    flash(gettext("Laporan diterima. Tugas pertamanya sudah masuk antrean petugas."), "success")
    return redirect(url_for(".index"))


def _page(name: str, typed: Mapping[str, list[str]], errors: Mapping[str, Sequence[str]], message_id: str) -> str:
    found = intake.kind(session(), current_actor(), name)
    visibility = forms.visibility_of(found.form, typed, form_answers.situation(session(), {}))
    choices = choices_for(session(), current_actor(), found.form)
    view = draw(found.form, Drawing(typed, visibility, errors, choices=choices))
    return render("intake/report.html", view=view, message_id=message_id)
