"""Errors to pages: the only place with HTTP numbers. Each page says what to do next."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy.exc import DataError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from engine import errors
from engine.serve.threads import had_no_memory
from web import auth, db
from web.error_words import ADVICE, TITLES, choose
from web.pages import wants_json

log = logging.getLogger(__name__)

STATUS: Mapping[type[errors.EngineError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.IdempotencyMismatch: 422,
    errors.InvalidForm: 422,
    errors.InvalidDefinition: 422,
    errors.TooManyAttempts: 429,
    errors.InvalidState: 500,
    auth.SignInNeeded: 401,
    errors.EngineError: 422,
}
"""Engine error -> HTTP status; the nearest class counts."""

AWAY = (OperationalError, InterfaceError, DisconnectionError, NoConnectionFree)
"""The database is away or overrun: nothing was kept, and the same request may be sent again."""
RETRY_AFTER_S = 5


def init_app(app: Flask) -> None:
    """Answer every error of `app` with a page, or with problem+json where JSON was asked for."""
    app.register_error_handler(auth.SignInNeeded, _ask_to_sign_in)
    app.register_error_handler(errors.EngineError, _refused)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(DataError, _unfit)
    for kind in AWAY:
        app.register_error_handler(kind, _away)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _broken)


def status_of(error: errors.EngineError) -> int:
    """The HTTP status of an engine error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _refused(error: errors.EngineError) -> Response:
    if isinstance(error, errors.InvalidState):
        db.keep()  # the incident that calls an operator
    response = _answer(status_of(error), error.code, **_details(error))
    if isinstance(error, errors.TooManyAttempts):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _stale(_error: StaleDataError) -> Response:
    # The version column of a row did not fit: somebody saved it between our read and our write.
    return _answer(409, "conflict")


def _unfit(_error: DataError) -> Response:
    # A number too large for its column, or text that no column takes: what was asked for cannot be there.
    return _answer(400, "http_400")


def _away(error: Exception) -> Response:
    db.give_up()
    cause = getattr(error, "orig", None) or error
    log.warning("database_away endpoint=%s error=%s", request.endpoint, type(cause).__name__)
    response = _answer(503, "unavailable")
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    response = _answer(status, f"http_{status}")
    if status == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def _broken(error: InternalServerError) -> Response:
    cause = error.original_exception
    if isinstance(cause, AWAY):  # where Flask asks nobody else: the commit behind a view
        return _away(cause)
    if had_no_memory(cause):
        raise MemoryError from cause  # for famine.py: there may be no memory for a page
    reference = secrets.token_hex(4)
    log.error("broken reference=%s endpoint=%s error=%s", reference, request.endpoint, type(cause or error).__name__)
    return _answer(500, "internal_error", reference=reference)


def _ask_to_sign_in(error: auth.SignInNeeded) -> Response:
    if wants_json():
        return _answer(401, error.code)
    # Who had typed something comes back to the page with the form; its script has kept the words.
    has_ended = request.method != "GET" and bool(auth.current_token())
    address = url_for("signin.show", next=_wanted(), ended=1 if has_ended else None)
    if _is_htmx():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, 303))


def _wanted() -> str | None:
    """Where to go after signing in: the page that was asked for, or the one that the form stands on."""
    if _is_htmx():
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        return page.path + (f"?{page.query}" if page.query else "") or None
    if request.method == "GET":
        return request.full_path.rstrip("?")
    adapter = current_app.create_url_adapter(request)
    return request.path if adapter is not None and adapter.test(method="GET") else None


def _answer(status: int, code: str, **details: Any) -> Response:
    title = choose(TITLES, code, status)
    if wants_json():
        body = {"type": "about:blank", "status": status, "code": code, "title": title, **details}
        response = jsonify({key: value for key, value in body.items() if value is not None})
        response.status_code = status
        response.mimetype = "application/problem+json"
        return response
    advice = _advice(status, code, details.get("retry_after"))
    page = render_template("error/page.html", status=status, code=code, title=title, advice=advice, **details)
    return make_response(page, status)


def _details(error: errors.EngineError) -> dict[str, Any]:
    if isinstance(error, errors.InvalidForm):
        return {"messages": {key: list(lines) for key, lines in error.messages.items()}}
    if isinstance(error, errors.InvalidDefinition):
        return {"problems": list(error.problems)}
    if isinstance(error, errors.TooManyAttempts):
        return {"retry_after": error.retry_after}
    return {}


def _advice(status: int, code: str, retry_after: int | None) -> str:
    if retry_after is None:
        return choose(ADVICE, code, status)
    minutes = max(1, round(retry_after / 60))
    return ngettext("Coba lagi dalam %(num)d menit.", "Coba lagi dalam %(num)d menit.", minutes)


def _is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"
