"""Orders of operators for many instances: choose, read what will happen, then follow how far it is."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import NotFound as NoPage

from engine.casework import batches, operation
from engine.errors import InvalidForm
from engine.permissions import Area
from engine.queries import batches as queries
from engine.queries import instances
from web import cockpit_words as words
from web.area import requires_area
from web.auth import current_actor
from web.cockpit_instances import chosen_from, filters_of
from web.cockpit_orders import EFFECTS, MISTAKES
from web.db import session
from web.error_words import TITLES as ERRORS
from web.pages import render
from web.words import Words, name

blueprint = Blueprint("batches", __name__, url_prefix="/operation")

Errors = Mapping[str, Sequence[str]]
ACTIONS: Words = {
    "retry": _("Coba lagi yang terhenti"),
    "suspend": _("Tahan"),
    "resume": _("Lanjutkan yang ditahan"),
    "cancel": _("Batalkan"),
    "migrate": _("Pindahkan ke versi lain"),
    "take_back": _("Kembalikan ke versi semula"),
}
OUTCOMES: Words = {
    "pending": _("menunggu"),
    "done": _("berhasil"),
    "refused": _("ditolak"),
    "failed": _("gagal"),
    "stopped": _("tidak dikerjakan"),
}
REFUSED: Words = {
    "conflict": _("keadaannya sudah berubah"),
    "not_found": _("tidak ada lagi"),
    "no_incident": _("tidak terhenti lagi"),
    "worker_inactive": _("akun yang memerintahkan tidak aktif lagi"),
    "too_many_attempts": _("terputus berulang kali"),
    "stale_instance": _("sedang dikerjakan orang lain"),
    "moved_on": _("sudah maju sejak dipindahkan"),
    **words.OBSTACLES,
}


@blueprint.get("/batches")
@requires_area(Area.OPERATION)
def index() -> str:
    """Orders, newest first."""
    rows = queries.listed(session(), current_actor(), request.args.get("before", type=int))
    following = url_for(".index", before=rows[-1].id) if len(rows) == queries.PAGE else None
    return render("operation/batches.html", rows=rows, actions=ACTIONS, following=following)


@blueprint.get("/versions/<int:definition_id>/batch")
@requires_area(Area.OPERATION)
def ask(definition_id: int) -> str:
    """What is to be done to the chosen instances of a version, and why."""
    return _ask_page(definition_id, {}, "", "")


@blueprint.post("/versions/<int:definition_id>/batch")
@requires_area(Area.OPERATION)
def send(definition_id: int) -> ResponseReturnValue:
    """First say what will happen to how many; ordered once it is confirmed."""
    actor, action, reason = current_actor(), request.form.get("what", ""), request.form.get("reason", "")
    instances.version(session(), actor, definition_id)
    chosen = chosen_from(request.form, definition_id)
    key = request.form.get("_key") or secrets.token_urlsafe(12)
    try:
        if action not in batches.ACTIONS:
            raise InvalidForm({"what": ["missing"]})
        operation.reason_of(reason)
        if request.form.get("sure"):
            number = batches.order(session(), actor, action, chosen, reason, key)
            return redirect(url_for(".show", batch_id=number), 303)
        count = batches.count(session(), actor, action, chosen)
        if not count:
            raise InvalidForm({"what": ["nothing_chosen"]})
    except InvalidForm as error:
        return _ask_page(definition_id, error.messages, action, reason), 422
    line = ngettext("%(num)d proses: %(action)s.", "%(num)d proses: %(action)s.", count, action=name(ACTIONS, action))
    return render(
        "operation/sure.html",
        back=version_url(definition_id, filters_of(request.form)),
        about="",
        title=name(ACTIONS, action),
        effect=str(EFFECTS.get(action, "")),
        lines=[
            line,
            gettext("Dikerjakan satu demi satu di latar belakang. Yang tidak dapat dikerjakan akan disebutkan."),
        ],
        reason=reason,
        fields={"what": action, **filters_of(request.form)},
        key=key,
        is_final=action == "cancel",
    )


def version_url(definition_id: int, given: Mapping[str, Any]) -> str:
    """The page of a version, with filters."""
    return url_for("instances.version", definition_id=definition_id, **given)


def _ask_page(definition_id: int, wrong: Errors, action: str, reason: str) -> str:
    actor = current_actor()
    row = instances.version(session(), actor, definition_id)
    given = filters_of(request.form if request.method == "POST" else request.args)
    chosen = chosen_from(given, definition_id)
    numbers = {code: batches.count(session(), actor, code, chosen) for code in batches.ACTIONS}
    return render(
        "operation/batch_new.html",
        row=row,
        given=given,
        options=[(code, str(ACTIONS[code]), ngettext("%(num)d proses", "%(num)d proses", numbers[code]))
                 for code in batches.ACTIONS],
        action=action,
        reason=reason,
        errors={field: [name(MISTAKES, code) for code in codes] for field, codes in wrong.items()},
    )  # fmt: skip


@blueprint.get("/batches/<int:batch_id>")
@requires_area(Area.OPERATION)
def show(batch_id: int) -> str:
    """How far an order is, and what was not done and why."""
    actor = current_actor()
    row = queries.find(session(), actor, batch_id)
    rest = queries.left(session(), actor, batch_id, request.args.get("after", 0, type=int))
    following = url_for(".show", batch_id=batch_id, after=rest[-1].instance_id) if len(rest) == queries.PAGE else None
    return render(
        "operation/batch.html",
        fragments=("progress",),
        row=row,
        title=name(ACTIONS, row.action),
        numbers=[(name(OUTCOMES, state), row.numbers[state]) for state in OUTCOMES if state in row.numbers],
        why=[(_why(one.code), one.count) for one in queries.reasons(session(), actor, batch_id)],
        left=[(one, _why(one.code)) for one in rest],
        following=following,
    )


def _why(code: str) -> str:
    """Why something was not done, in words."""
    return name(REFUSED, code) if code in REFUSED else str(ERRORS.get(code, code))


@blueprint.post("/batches/<int:batch_id>/stop")
@requires_area(Area.OPERATION)
def stop(batch_id: int) -> ResponseReturnValue:
    """Do nothing more of an order."""
    batches.stop(session(), current_actor(), batch_id)
    flash(gettext("Sisanya tidak dikerjakan."), "success")
    return redirect(url_for(".show", batch_id=batch_id), 303)


@blueprint.post("/batches/<int:batch_id>/take-back")
@requires_area(Area.OPERATION)
def take_back(batch_id: int) -> ResponseReturnValue:
    """Order that what a migration moved goes back, once that is confirmed."""
    actor, reason = current_actor(), request.form.get("reason", "")
    row = queries.find(session(), actor, batch_id)
    key = request.form.get("_key") or secrets.token_urlsafe(12)
    if row.action != "migrate" or row.run_id is None:
        raise NoPage
    try:
        operation.reason_of(reason)
        if request.form.get("sure"):
            number = batches.take_back_run(session(), actor, row.run_id, reason, key)
            return redirect(url_for(".show", batch_id=number), 303)
    except InvalidForm as error:
        flash(" ".join(name(MISTAKES, code) for codes in error.messages.values() for code in codes), "error")
        return redirect(url_for(".show", batch_id=batch_id), 303)
    return render(
        "operation/sure.html",
        back=url_for(".show", batch_id=batch_id),
        about="",
        title=name(ACTIONS, "take_back"),
        effect=gettext("Yang sudah maju sejak dipindahkan tetap pada versi barunya."),
        lines=[],
        reason=reason,
        fields={},
        key=key,
        is_final=False,
    )
