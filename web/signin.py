"""Signing in and out, and choosing a language."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from engine.casework import accounts
from engine.casework.accounts import SignInRefused
from engine.errors import TooManyAttempts
from web import db, i18n
from web.auth import actor_or_none, current_token, end_session, public, requires, start_session
from web.db import session
from web.navigation import home_url
from web.pages import is_own_path
from web.security import set_cookie

blueprint = Blueprint("signin", __name__)

_LANGUAGE_YEARS = 365 * 24 * 3600


@blueprint.get("/")
@requires()
def home() -> Response:
    """The worker's first page."""
    return make_response(redirect(home_url()))


@blueprint.get("/sign-in")
@public
def show() -> Response:
    """The sign-in form; who is signed in already goes on."""
    if actor_or_none() is not None:
        return make_response(redirect(_wanted()))
    return make_response(render_template("auth/sign_in.html", wanted=_wanted()))


@blueprint.post("/sign-in")
@public
def sign_in() -> Response:
    """Check name and password; every failure counts and says only that the two do not fit."""
    username, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        worker = accounts.authenticate(session(), username, password, request.remote_addr or "")
    except SignInRefused:
        db.keep()
        return _again(username, gettext("Nama pengguna atau kata sandi tidak cocok."), 422)
    except TooManyAttempts as error:
        minutes = max(1, error.retry_after // 60)
        text = ngettext(
            "Terlalu banyak percobaan. Coba lagi dalam %(num)d menit.",
            "Terlalu banyak percobaan. Coba lagi dalam %(num)d menit.",
            minutes,
        )
        response = _again(username, text, 429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    if current_token():
        accounts.close_session(session(), current_token())
    token = accounts.open_session(session(), worker, _device())
    response = make_response(redirect(_wanted(), 303))
    start_session(response, token)
    return response


@blueprint.post("/sign-out")
@requires()
def sign_out() -> Response:
    """Close this browser's session."""
    accounts.close_session(session(), current_token())
    response = make_response(redirect(url_for("signin.show", out=1), 303))
    end_session(response)
    return response


@blueprint.post("/language")
@public
def choose_language() -> Response:
    """Keep the language with the worker, or in a cookie before sign-in, and go back."""
    wanted = request.form.get("language", "")
    chosen = wanted if wanted in i18n.LANGUAGES else "id"
    actor = actor_or_none()
    if actor is not None:
        accounts.set_language(session(), actor, chosen)
    response = make_response(redirect(_wanted(), 303))
    set_cookie(response, i18n.COOKIE, chosen, max_age=_LANGUAGE_YEARS)
    return response


def _again(username: str, error: str, status: int) -> Response:
    page = render_template("auth/sign_in.html", wanted=_wanted(), username=username, error=error)
    return make_response(page, status)


def _wanted() -> str:
    """Where to go next: only ever a path of ours."""
    wanted = request.values.get("next", "")
    return wanted if is_own_path(wanted) else url_for("signin.home")


def _device() -> str:
    """Browser and system as a person would name them, for the list of own sessions."""
    agent = request.user_agent.string
    browsers = (("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
                ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
               ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip
    browser = next((name for mark, name in browsers if mark in agent), "")
    system = next((name for mark, name in systems if mark in agent), "")
    return " · ".join(part for part in (browser, system) if part) or agent[:60]
