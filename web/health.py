"""`/healthz` and `/readyz`: for load balancers. Plain text, asked often, never kept."""

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from engine.queries import health
from web.auth import public
from web.db import session

blueprint = Blueprint("health", __name__)
_NOT_KEPT = {"Cache-Control": "no-store"}


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """200 while this process answers at all: what does not is to be started anew."""
    return Response("ok\n", mimetype="text/plain", headers=_NOT_KEPT)


@blueprint.get("/readyz")
@public
def ready() -> Response:
    """200 when pages can be served, 503 while the database is away or older than this code needs."""
    try:
        serves = health.can_serve(session())
    except SQLAlchemyError:
        serves = False
    if serves:
        return Response("ok\n", mimetype="text/plain", headers=_NOT_KEPT)
    return Response("unavailable\n", 503, mimetype="text/plain", headers={"Retry-After": "5"})
