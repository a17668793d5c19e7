"""Headers, nonces and the check that a change was asked for from our own pages."""

import hmac
import secrets
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup

from engine.errors import Forbidden
from engine.settings import Settings

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN_BYTES = 32
_FOREVER = 365 * 24 * 3600
_FIXED = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"),
)
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'nonce-%(nonce)s'",
        "style-src 'self' 'nonce-%(nonce)s'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class ForgedRequest(Forbidden):
    """A change that did not come from one of our pages, or from one whose session has ended."""

    code = "forged_request"


def init_app(app: Flask, settings: Settings) -> None:
    """Put the security headers on every answer of `app` and give templates nonce and token."""
    app.extensions["pilar_settings"] = settings
    app.config["CSRF_COOKIE"] = cookie_name("seed", settings)
    app.after_request(_headers)
    app.jinja_env.globals.update(csp_nonce=nonce, csrf_token=csrf_token, csrf_field=csrf_field)


def cookie_name(name: str, settings: Settings) -> str:
    """`__Host-…` where cookies can be marked secure: no other host or path can then set it."""
    return f"__Host-pilar_{name}" if settings.is_https else f"pilar_{name}"


def set_cookie(response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """Set one of our cookies: never readable by scripts, never sent by other sites' forms."""
    https = _settings().is_https
    response.set_cookie(name, value, max_age=max_age, path="/", secure=https, httponly=True, samesite="Lax")


def nonce() -> str:
    """The number that marks this page's own inline scripts and styles."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def csrf_token() -> str:
    """A token for this session, masked anew on every page so that compression cannot leak it."""
    mask = secrets.token_bytes(_TOKEN_BYTES)
    return (mask + _xor(mask, _expected())).hex()


def csrf_field() -> Markup:
    """The hidden field that every form of ours carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token())


def refuse_forged() -> None:
    """Before each request: raise ForgedRequest unless a change comes from one of our own pages."""
    if request.method in _SAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForgedRequest("The request comes from another site.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin)[:2] != (request.scheme, request.host):
        raise ForgedRequest("The request comes from another origin.")
    if not _is_genuine(request.headers.get(HEADER) or request.form.get(FIELD, "")):
        raise ForgedRequest("The form's token does not belong to this session.")


def _is_genuine(token: str) -> bool:
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        return False
    if len(raw) != 2 * _TOKEN_BYTES:
        return False
    return hmac.compare_digest(_xor(raw[:_TOKEN_BYTES], raw[_TOKEN_BYTES:]), _expected())


def _expected() -> bytes:
    """What a token of this session unmasks to. Before sign-in a random cookie stands for the session."""
    signed_in = g.get("signed_in")
    subject = f"session:{signed_in.csrf_token}" if signed_in is not None else f"seed:{_seed()}"
    return hmac.digest(_settings().secret.encode(), f"csrf:{subject}".encode(), sha256)


def _seed() -> str:
    if "csrf_seed" not in g:
        known = request.cookies.get(_seed_cookie(), "")
        g.csrf_seed = known or secrets.token_urlsafe(24)
        g.csrf_seed_is_new = not known
    return str(g.csrf_seed)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.extend(_FIXED)
    headers.add("Content-Security-Policy", _POLICY % {"nonce": nonce()})
    if _settings().is_https:
        headers["Strict-Transport-Security"] = f"max-age={_FOREVER}; includeSubDomains"
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    if g.get("csrf_seed_is_new") and g.get("signed_in") is None:
        set_cookie(response, _seed_cookie(), g.csrf_seed)
    return response


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(_TOKEN_BYTES)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["pilar_settings"]
    return settings


def _seed_cookie() -> str:
    return str(current_app.config["CSRF_COOKIE"])
