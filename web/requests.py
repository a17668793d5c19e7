"""Each request has an id, is timed and counted, and leaves one line in the log: ids and codes, never what was typed."""

import logging
import secrets
import time
from typing import Any

from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from engine.metrics import measured

HEADER = "X-Request-ID"
_UNTOLD = frozenset({"assets.file", "health.alive", "health.ready", "measures.show"})

log = logging.getLogger("pilar.request")


def init_app(app: Flask) -> None:
    """Begin before everything else that `app` does with a request, and end after it."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id, g.began = secrets.token_hex(8), time.perf_counter()
    clear_contextvars()
    bind_contextvars(request=g.request_id)
    measured.begin_counting()


def _end(response: Response) -> Response:
    seconds, endpoint = time.perf_counter() - g.began, request.endpoint or "none"
    measured.REQUEST.labels(endpoint, str(response.status_code)).observe(seconds)
    measured.REQUEST_STATEMENTS.labels(endpoint).observe(measured.statements())
    response.headers[HEADER] = g.request_id
    level = logging.DEBUG if endpoint in _UNTOLD else logging.INFO
    if log.isEnabledFor(level):
        about = {"endpoint": endpoint, "status": response.status_code, "ms": round(seconds * 1000, 1)}
        log.log(level, "request", extra={"about": {"method": request.method, **about, **_ids()}})
    return response


def _ids() -> dict[str, Any]:
    """Numbers of rows that the address names, of the worker who asks, and how many statements it took."""
    found: dict[str, Any] = {name: value for name, value in (request.view_args or {}).items() if type(value) is int}
    signed_in = g.get("signed_in")
    if signed_in is not None:
        found["worker"] = signed_in.actor.id
    return found | {"statements": measured.statements()}
