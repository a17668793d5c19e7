"""Languages and local time: which one this reader gets, and texts from the catalogues.

Msgids are Indonesian, so Indonesian needs no catalogue. Catalogues are read straight from the .po files at start-up:
no compiled file can be stale or missing.
"""

import io
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, g, request
from flask_babel import Babel
from flask_babel import get_locale as babel_locale

from web import formats

LANGUAGES = ("id", "en")
COOKIE = "pilar_lang"
CATALOGUES = Path(__file__).with_name("translations")


def init_app(app: Flask, office_timezone: ZoneInfo) -> None:
    """Choose a language and a zone per request; add the filters for dates, numbers and money."""

    def zone() -> str:
        own = getattr(g.get("signed_in"), "time_zone", None)
        return own or office_timezone.key

    babel = Babel(app, default_locale="id", locale_selector=choose_language, timezone_selector=zone)  # type: ignore[no-untyped-call]
    with app.app_context():
        babel.domain_instance.cache.update({(name, "messages"): catalogue(name) for name in LANGUAGES})
    app.jinja_env.globals["language"] = language
    app.jinja_env.filters.update(formats.FILTERS)
    app.after_request(_say_language)


def choose_language() -> str:
    """The worker's setting, else the choice made in this browser, else what the browser prefers, else Indonesian."""
    actor = g.get("actor")
    chosen = (actor.language if actor is not None else None) or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or "id"


def language() -> str:
    """The language of this answer: `id` or `en`."""
    locale = babel_locale()
    return locale.language if locale is not None and locale.language in LANGUAGES else "id"


def pick(indonesian: str, english: str | None) -> str:
    """The text of a form or diagram, which carry both languages, in the reader's one."""
    return english if english and language() == "en" else indonesian


@cache
def catalogue(name: str) -> Translations:
    """The catalogue of one language; an empty one for Indonesian, whose texts are the msgids."""
    file = CATALOGUES / name / "LC_MESSAGES" / "messages.po"
    if not file.is_file():
        return Translations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=name))
    compiled.seek(0)
    return Translations(compiled)


def _say_language(response: Response) -> Response:
    if response.mimetype == "text/html" and response.location is None:
        response.headers["Content-Language"] = language()
        response.vary.update(("Accept-Language", "Cookie"))
    return response
