"""Drawing pages: the whole page for a browser, only the asked-for block for htmx."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template, request


def render(template: str, *, fragments: tuple[str, ...] = (), **context: Any) -> str:
    """Render `template`; an htmx request aimed at `#name` of `fragments` gets only the block `name`."""
    target = htmx_target()
    if target in fragments:
        return _render_block(template, target, context)
    return render_template(template, **context)


def htmx_target() -> str | None:
    """The element id that an htmx request wants to fill; None for every other request."""
    if request.headers.get("HX-Request-Type") != "partial":
        return None
    # htmx 4 sends the target as `tag#id`.
    return request.headers.get("HX-Target", "").partition("#")[2] or None


def is_own_path(wanted: str) -> bool:
    """Whether an address that a form or link names is a path of ours, as every browser reads it."""
    parts = urlsplit(wanted)
    is_path = wanted.startswith("/") and not wanted.startswith("//") and not parts.netloc and not parts.scheme
    # Browsers read a backslash as a slash and drop tabs and line ends before they look.
    return is_path and wanted.isprintable() and "\\" not in wanted


def wants_json() -> bool:
    """Whether the client asked for JSON rather than a page."""
    accepted = request.accept_mimetypes
    best = accepted.best_match(("text/html", "application/json", "application/problem+json"))
    return best is not None and best != "text/html" and accepted[best] > accepted["text/html"]


def _render_block(template: str, block: str, context: dict[str, Any]) -> str:
    current_app.update_template_context(context)
    compiled = current_app.jinja_env.get_template(template)
    return "".join(compiled.blocks[block](compiled.new_context(context)))
