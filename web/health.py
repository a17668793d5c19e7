"""`/health`: 200 when this process can serve pages, 503 when it cannot. Tells nothing else."""

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from engine.queries import health
from web.auth import public
from web.db import session

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@public
def show() -> Response:
    """Asked often and by machines: plain text, never kept."""
    try:
        health.can_serve(session())
    except SQLAlchemyError:
        return Response("unavailable\n", 503, mimetype="text/plain", headers={"Retry-After": "5"})
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})
