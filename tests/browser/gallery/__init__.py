"""Every component on one page, in sketch situations: looked at in tests, never part of the product."""

import re
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Flask, Response, g, jsonify, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader

from engine import clock
from engine.actors import Actor, Role
from engine.casework.accounts import BrowserSession
from engine.settings import PROJECT
from web.auth import public

HERE = Path(__file__).parent
PAGES = ("inbox", "task", "approval", "pieces", "empty")
DIAGRAM = PROJECT / "workflows" / "pkh" / "pkh.bpmn"
SARI = Actor(id=1, username="tksk01", name="Sari Contoh", roles=frozenset({Role.TKSK}), regions=frozenset({"99.01.01"}))

blueprint = Blueprint("gallery", __name__)


@blueprint.get("/gallery/<name>")
@public
def show(name: str) -> str:
    """One of the gallery's pages, as Sari sees it."""
    now = clock.now()
    return render_template(
        f"gallery/{name}.html",
        now=now,
        hours=lambda n: now + timedelta(hours=n),
        icons=_icons(),
        here=["FollowUpRegister"],
        done=["CheckRegister", "ProposeToRegister"],
    )


@blueprint.get("/gallery/diagram.bpmn")
@public
def diagram() -> Response:
    """A real diagram for the diagram box and the editor."""
    return Response(DIAGRAM.read_bytes(), mimetype="application/xml")


@blueprint.post("/gallery/check")
@public
def check() -> Response:
    """Finds fault with one element, as long as it has its first name."""
    finding = {"severity": "error", "element": "FollowUpRegister", "where": "Tindak lanjuti", "reason": "Alasan.",
               "mend": "Perbaikan."}  # fmt: skip
    return jsonify(findings=[finding] if "Tindak lanjuti usulan" in request.form["body"] else [])


def add_to(app: Flask) -> None:
    """Register the gallery on an application; nobody needs a database for it."""
    app.register_blueprint(blueprint)
    loader = app.jinja_loader
    assert loader is not None
    app.jinja_env.loader = ChoiceLoader([loader, FileSystemLoader(HERE.parent)])
    app.jinja_env.globals["navigation"] = list
    # Right after the step that asks who is there, so that Sari's token fits her session.
    app.before_request_funcs[None].insert(1, _be_sari)


def _be_sari() -> None:
    if request.endpoint and request.endpoint.startswith("gallery."):
        g.actor = SARI
        g.signed_in = BrowserSession(SARI, "t" * 24, "Asia/Jakarta", clock.now() + timedelta(hours=8))


def _icons() -> list[str]:
    sprite = (HERE.parents[2] / "web" / "assets" / "icons.svg").read_text(encoding="utf-8")
    return re.findall(r'symbol id="([\w-]+)"', sprite)
