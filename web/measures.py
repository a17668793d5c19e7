"""`/metrics`: what the processes of this machine counted and what waits in the database, for Prometheus."""

import hmac

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from engine.metrics.exposition import exposition
from engine.metrics.sharing import shared_folder
from engine.queries import measures
from engine.settings import Settings
from web.auth import public
from web.db import session

blueprint = Blueprint("measures", __name__)
"""Registered only where a token is set: without one there is no such page."""


@blueprint.get("/metrics")
@public
def show() -> Response:
    """Numbers about the whole office: for who knows the token."""
    settings: Settings = current_app.extensions["pilar_settings"]
    wanted, given = f"Bearer {settings.metrics_token}", request.headers.get("Authorization", "")
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        return Response("unauthorized\n", 401, mimetype="text/plain", headers={"WWW-Authenticate": "Bearer"})
    body = exposition(measures.gauges(session()), shared_folder())
    return Response(body, content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})
