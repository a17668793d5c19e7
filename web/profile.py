"""The worker's own page: language, time zone, password, signed-in browsers; and "Lainnya" on phones."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from engine.casework import accounts
from engine.casework.accounts import WeakPassword
from engine.errors import Forbidden, InvalidForm
from engine.queries import administration
from web import i18n
from web.auth import current_actor, current_token, requires
from web.db import session
from web.navigation import everything, phone_navigation
from web.security import set_cookie

blueprint = Blueprint("profile", __name__)

# Each in its own words, and marked so that it is read aloud rightly.
LANGUAGES = [
    ("id", Markup('<span lang="id">Bahasa Indonesia</span>')),
    ("en", Markup('<span lang="en">English</span>')),
]
TIME_ZONES = (
    ("Asia/Jakarta", "WIB (Jakarta)"),
    ("Asia/Makassar", "WITA (Makassar)"),
    ("Asia/Jayapura", "WIT (Jayapura)"),
)


@blueprint.get("/profile")
@requires()
def show() -> str:
    """Own name, roles and regions; settings; where the worker is signed in."""
    return _page()


@blueprint.post("/profile/settings")
@requires()
def save_settings() -> Response:
    """Keep the own name, language and time zone."""
    actor, language = current_actor(), request.form.get("language", "")
    try:
        accounts.rename(session(), actor, request.form.get("name", actor.name))
    except InvalidForm:
        return make_response(_page({"name": [gettext("Tulis nama Anda, paling banyak 80 huruf.")]}), 422)
    chosen = language if language in i18n.LANGUAGES else None
    accounts.set_language(session(), actor, chosen)
    zone = request.form.get("time_zone", "")
    if zone in dict(TIME_ZONES):
        accounts.set_time_zone(session(), actor, zone)
    flash(gettext("Pengaturan disimpan."), "success")
    response = make_response(redirect(url_for("profile.show"), 303))
    set_cookie(response, i18n.COOKIE, chosen or "", max_age=None if chosen else 0)
    return response


@blueprint.post("/profile/password")
@requires()
def change_password() -> Response:
    """Set a new password; every other browser is signed out."""
    form = request.form
    current, new = form.get("current", ""), form.get("new", "")
    errors: dict[str, list[str]] = {}
    if new != form.get("again", ""):
        errors["again"] = [gettext("Kata sandi baru dan ulangannya tidak sama.")]
    else:
        try:
            accounts.change_password(session(), current_actor(), current, new, current_token())
        except WeakPassword as error:
            errors["new"] = [_weakness(error.reason)]
        except Forbidden:
            errors["current"] = [gettext("Kata sandi sekarang tidak cocok.")]
    if errors:
        return make_response(_page(errors), 422)
    flash(gettext("Kata sandi diganti. Peramban lain sudah dikeluarkan."), "success")
    return make_response(redirect(url_for("profile.show"), 303))


@blueprint.post("/profile/sessions/<reference>/close")
@requires()
def close_session(reference: str) -> Response:
    """Sign another browser of the worker out."""
    accounts.close_own_session(session(), current_actor(), reference)
    flash(gettext("Peramban itu sudah dikeluarkan."), "success")
    return make_response(redirect(url_for("profile.show"), 303))


@blueprint.get("/more")
@requires()
def more() -> str:
    """What the phone's bottom bar has no room for."""
    shown = {item.key for item in phone_navigation()}
    return render_template("profile/more.html", items=[item for item in everything() if item.key not in shown])


def _page(errors: dict[str, list[str]] | None = None) -> str:
    actor = current_actor()
    sessions = accounts.own_sessions(session(), actor, current_token())
    return render_template(
        "profile/show.html",
        actor=actor,
        sessions=sessions,
        regions=administration.region_names(session(), actor.regions),
        name=request.form.get("name", actor.name),
        errors=errors or {},
        languages=LANGUAGES,
        time_zones=TIME_ZONES,
    )


def _weakness(reason: str) -> str:
    return {
        "too_short": gettext("Pakai sedikitnya 12 karakter, misalnya tiga kata yang mudah Anda ingat."),
        "same_as_username": gettext("Jangan memakai nama pengguna sebagai kata sandi."),
    }.get(reason) or gettext("Kata sandi ini mudah ditebak. Pilih yang lain.")
