"""Documents: shown or downloaded by those who may read the case; every opening is recorded."""

from flask import Blueprint, Response

from engine.casework import documents
from engine.permissions import Area
from web.area import requires_area
from web.auth import current_actor
from web.db import session

blueprint = Blueprint("documents", __name__)


@blueprint.get("/documents/<int:document_id>")
@requires_area(Area.CASES)
def show(document_id: int) -> Response:
    """The file under its own name: pictures are shown, everything else is downloaded."""
    row = documents.read(session(), current_actor(), document_id)
    response = Response(row.body, mimetype=row.content_type)
    is_picture = row.content_type.startswith("image/")
    response.headers.set("Content-Disposition", "inline" if is_picture else "attachment", filename=row.name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
