"""The admin's pages: workers with their roles and regions, the office's settings and calendar."""

import json
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from engine import clock
from engine.actors import Role
from engine.casework import office, workers
from engine.casework.accounts import WeakPassword
from engine.casework.workers import UNITS, Profile
from engine.errors import Conflict, InvalidForm
from engine.permissions import Area
from engine.queries import administration as queries
from web import formats, words
from web.area import requires_area
from web.auth import current_actor
from web.db import session
from web.pages import render
from web.setting_words import setting_name, source_text, unit_name

blueprint = Blueprint("workers", __name__, url_prefix="/office")

# The questions about a worker in the order of the page, which is the order of the summary of errors.
_ASKED = ("username", "name", "roles", "unit", "regions")
_SAID = {
    "required": _("Isi bagian ini"),
    "bad_username": _("Pakai huruf, angka, titik, atau garis bawah saja"),
    "taken": _("Nama pengguna ini sudah dipakai; pilih yang lain"),
    "unknown_role": _("Pilih sedikitnya satu peran"),
    "unknown_region": _("Pilih wilayah dari daftar"),
    "unknown_unit": _("Pilih bidang dari daftar"),
    "wrong_kind": _("Nilai harus sejenis dengan yang berlaku sekarang"),
    "bad_date": _("Pilih tanggalnya"),
}


def said(code: str) -> str:
    """The sentence for a refusal's code."""
    return str(_SAID.get(code, code))


@blueprint.get("/workers")
@requires_area(Area.ADMINISTRATION)
def index() -> str:
    """All workers, by user name."""
    text, role = request.args.get("q", ""), request.args.get("role", "")
    rows = queries.workers(session(), current_actor(), text=text, role=role, after=request.args.get("after"))
    following = url_for(".index", q=text, role=role, after=rows[-1].username) if len(rows) == queries.PAGE else None
    unmanned = queries.without_worker(session(), Role.TKSK.value, 3)
    return render("workers/index.html", rows=rows, q=text, role=role, following=following, unmanned=unmanned)


@blueprint.get("/workers/new")
@requires_area(Area.ADMINISTRATION)
def new() -> str:
    """The form for a new worker."""
    return _worker_page(None, {}, {})


@blueprint.post("/workers/new")
@requires_area(Area.ADMINISTRATION)
def add() -> ResponseReturnValue:
    """Add a worker and show the password once."""
    username = request.form.get("username", "")
    try:
        row, password = workers.add(session(), current_actor(), username, _profile())
    except InvalidForm as error:
        return _worker_page(None, request.form.to_dict(flat=False), error.messages), 422
    except Conflict:
        return _worker_page(None, request.form.to_dict(flat=False), {"username": ["taken"]}), 409
    return render("workers/password.html", worker=row, password=password)


@blueprint.get("/workers/<int:worker_id>")
@requires_area(Area.ADMINISTRATION)
def show(worker_id: int) -> str:
    """One worker's roles, regions, unit."""
    return _worker_page(queries.worker(session(), current_actor(), worker_id), {}, {})


@blueprint.post("/workers/<int:worker_id>")
@requires_area(Area.ADMINISTRATION)
def change(worker_id: int) -> ResponseReturnValue:
    """Keep the changes of one worker."""
    try:
        workers.change(session(), current_actor(), worker_id, _profile())
    except InvalidForm as error:
        row = queries.worker(session(), current_actor(), worker_id)
        return _worker_page(row, request.form.to_dict(flat=False), error.messages), 422
    flash(gettext("Perubahan disimpan. Petugas diminta masuk kembali."), "success")
    return redirect(url_for(".index"))


@blueprint.post("/workers/<int:worker_id>/active")
@requires_area(Area.ADMINISTRATION)
def active(worker_id: int) -> ResponseReturnValue:
    """Close or reopen an account."""
    is_active = request.form.get("active") == "1"
    workers.set_active(session(), current_actor(), worker_id, is_active=is_active)
    flash(gettext("Akun dibuka kembali.") if is_active else gettext("Akun ditutup."), "success")
    return redirect(url_for(".show", worker_id=worker_id))


@blueprint.post("/workers/<int:worker_id>/password")
@requires_area(Area.ADMINISTRATION)
def reset(worker_id: int) -> ResponseReturnValue:
    """A new password, shown once."""
    try:
        password = workers.reset_password(session(), current_actor(), worker_id)
    except WeakPassword as error:
        raise Conflict("The new password was refused.") from error
    row = queries.worker(session(), current_actor(), worker_id)
    return render("workers/password.html", worker=row, password=password)


def _profile() -> Profile:
    form = request.form
    return Profile(
        name=form.get("name", ""),
        roles=form.getlist("roles"),
        regions=form.getlist("regions"),
        unit=form.get("unit") or None,
        restricted_duty="restricted_duty" in form,
    )


def _worker_page(row: queries.WorkerRow | None, typed: dict[str, list[str]], errors: Any) -> str:
    return render(
        "workers/worker.html",
        row=row,
        typed=typed,
        errors={name: [said(code) for code in errors[name]] for name in _ASKED if name in errors},
        roles=[role.value for role in Role],
        units=UNITS,
        regions=queries.regions(session()),
    )


@blueprint.get("/settings")
@requires_area(Area.ADMINISTRATION)
def settings() -> str:
    """Rule values with effective dates, and the office's calendar."""
    return _settings_page({})


@blueprint.post("/settings")
@requires_area(Area.ADMINISTRATION)
def set_value() -> ResponseReturnValue:
    """A rule value from a date on."""
    name = request.form.get("name", "")
    try:
        value = _value(request.form.get("value", ""))
        office.set_value(session(), current_actor(), name, value, _date("effective_from"))
    except InvalidForm as error:
        return _settings_page({name: [said(code) for codes in error.messages.values() for code in codes]}), 422
    flash(gettext("Nilai aturan disimpan."), "success")
    return redirect(url_for(".settings") + f"#{name}")


@blueprint.post("/calendar")
@requires_area(Area.ADMINISTRATION)
def set_day() -> ResponseReturnValue:
    """Call a day off, work on a holiday, or forget one's own word on it."""
    try:
        on = _date("on")
        if request.form.get("forget"):
            office.drop_calendar_day(session(), current_actor(), on)
        else:
            is_off = request.form.get("kind") != "work"
            office.set_calendar_day(session(), current_actor(), on, is_off=is_off, name=request.form.get("name", ""))
    except InvalidForm as error:
        return _settings_page({"calendar": [said(code) for codes in error.messages.values() for code in codes]}), 422
    flash(gettext("Kalender kantor disimpan."), "success")
    return redirect(url_for(".settings") + "#calendar")


def _settings_page(errors: dict[str, list[str]]) -> str:
    actor = current_actor()
    rows = queries.settings(session(), actor)
    days = queries.calendar_days(session(), actor)
    today = clock.now().date().isoformat()
    return render("workers/settings.html", rows=rows, days=days, errors=errors, typed=request.form, today=today)


def _value(text: str) -> Any:
    """A number, true/false or text, as typed."""
    try:
        return json.loads(text.replace(",", "."))
    except ValueError:
        if not text.strip():
            raise InvalidForm({"value": ["required"]}) from None
        return text.strip()


def _value_text(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Ya") if value else gettext("Tidak")
    if isinstance(value, int | float):
        return formats.number(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _date(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise InvalidForm({name: ["bad_date"]}) from None


@blueprint.app_template_filter("setting_name")
def setting_words(code: str) -> str:
    """The words for a rule value of the office."""
    return setting_name(code)


@blueprint.app_context_processor
def helpers() -> dict[str, Any]:
    """Option lists that the templates of this page use."""
    return {
        "role_options": lambda: [(role.value, words.name(words.ROLES, role.value)) for role in Role],
        "setting_unit": unit_name,
        "setting_source": source_text,
        "unit_options": lambda: [(unit, words.name(words.UNITS, unit)) for unit in UNITS],
        "region_options": lambda rows: [(code, f"{name} · {code}") for code, name in rows],
        "setting_value": lambda row: "; ".join(
            f"{_value_text(value)} ({formats.date_text(on)})" for on, value in row.values
        ),
    }
