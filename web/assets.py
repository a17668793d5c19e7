"""The built styles, scripts and pictures: hashed names, compressed copies, cached for ever."""

import json
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_from_directory, url_for

from web.auth import public

STATIC = Path(__file__).with_name("static")
_YEAR = 365 * 24 * 3600
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))

blueprint = Blueprint("assets", __name__)


def init_app(app: Flask) -> None:
    """Read the list of built files and give templates `asset(name)`."""
    names = _read_manifest(STATIC / "manifest.json")

    def asset(name: str) -> str:
        return url_for("assets.file", name=names.get(name, name))

    app.extensions["pilar_assets"] = names
    app.add_template_global(asset)
    app.register_blueprint(blueprint)


@blueprint.get("/static/<path:name>")
@public
def file(name: str) -> Response:
    """A built file, in the smallest form that the browser takes. Hashed names never change their content."""
    response = _smallest(name)
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if _is_hashed(name) else "no-cache"
    return response


def _smallest(name: str) -> Response:
    plain = send_from_directory(STATIC, name, conditional=True, etag=True)
    for encoding, suffix in _ENCODINGS:
        if request.accept_encodings[encoding] and (STATIC / (name + suffix)).is_file():
            packed = send_from_directory(STATIC, name + suffix, conditional=False, etag=True)
            packed.headers["Content-Encoding"] = encoding
            packed.headers["Content-Type"] = plain.headers["Content-Type"]
            plain.close()
            return packed
    return plain


def _is_hashed(name: str) -> bool:
    parts = name.rsplit("/", 1)[-1].split(".")
    return len(parts) > 2 and len(parts[-2]) >= 8


def _read_manifest(path: Path) -> Mapping[str, str]:
    """Source name -> built name. Before the first build there is none, and plain names are used."""
    if not path.is_file():
        return {}
    names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return names
