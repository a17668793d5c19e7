"""Languages: which one a reader gets, and whether both are complete."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from engine.settings import PROJECT
from tests.web import bilingual
from tests.web.conftest import Browser, MakeWorker
from web.i18n import CATALOGUES

ENGLISH = CATALOGUES / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
translated = pytest.mark.skipif(not ENGLISH.is_file(), reason="there is no English catalogue yet")
PLACE = re.compile(r"%\((\w+)\)[sd]")


@cache
def _used() -> set[str]:
    """Every msgid of the sources; of a plural pair the first."""
    with (PROJECT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(PROJECT, methods, options, KEYWORDS)
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def test_no_text_hides_from_the_catalogue_in_an_f_string() -> None:
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in (PROJECT / "web").glob("*.py")
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("gettext", "ngettext")
    ]
    assert not hidden


@cache
def _english() -> Catalog:
    with ENGLISH.open("rb") as source:
        return read_po(source, locale="en")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("id", "id"), ("en-GB,en;q=0.9", "en"), ("fr,en;q=0.5", "en"), ("fr", "id"), (None, "id")],
)
def test_the_browser_decides_before_sign_in(browser: Browser, wanted: str | None, language: str) -> None:
    headers = {"Accept-Language": wanted} if wanted else {}
    answer = browser.get("/sign-in", headers=headers)
    assert f'<html lang="{language}"' in answer.text
    assert answer.headers["Content-Language"] == language


def test_a_choice_outlives_the_browsers_wish(browser: Browser) -> None:
    browser.post("/language", {"language": "id", "next": "/sign-in"}, page="/sign-in")
    assert '<html lang="id"' in browser.get("/sign-in", headers={"Accept-Language": "en"}).text


def test_the_workers_setting_counts_most(browser: Browser, make_worker: MakeWorker) -> None:
    make_worker("tksk01", "tksk")
    browser.sign_in("tksk01")
    browser.post("/profile/settings", {"language": "en", "time_zone": "Asia/Jayapura"})
    page = browser.get("/profile", headers={"Accept-Language": "id"})
    assert '<html lang="en"' in page.text
    assert '<option value="Asia/Jayapura" selected>' in page.text
    browser.post("/profile/settings", {"language": "", "time_zone": "Asia/Jakarta"})
    assert '<html lang="id"' in browser.get("/profile", headers={"Accept-Language": "id"}).text


def test_texts_of_the_sources_are_found() -> None:
    used = _used()
    assert {"Masuk", "Nama pengguna", "Halaman tidak ditemukan", "%(num)d menit lalu"} <= used


@translated
def test_every_text_has_its_english() -> None:
    catalogue = _english()
    missing = sorted(text for text in _used() if not _texts(catalogue, text))
    assert missing == []


@translated
def test_english_fills_the_same_places() -> None:
    wrong = [
        message.id
        for message in _english()
        if message.id
        for text in _texts(_english(), _first(message.id))
        if set(PLACE.findall(text)) != set(PLACE.findall(_first(message.id)))
    ]
    assert wrong == []


@translated
def test_no_text_of_the_catalogue_is_unused() -> None:
    used = _used()
    unused = sorted(_first(message.id) for message in _english() if message.id and _first(message.id) not in used)
    assert unused == []


@pytest.mark.parametrize("texts", [bilingual.forms, bilingual.diagrams, bilingual.tables])
def test_every_text_of_the_workflows_has_its_english(texts: Callable[[], Iterator[bilingual.Pair]]) -> None:
    found = list(texts())
    assert [f"{one.where}: {one.indonesian}" for one in found if one.indonesian and not one.english.strip()] == []
    assert len([one for one in found if one.indonesian]) > 100


def _first(identity: str | tuple[str, ...] | list[str]) -> str:
    return identity if isinstance(identity, str) else identity[0]


def _texts(catalogue: Catalog, text: str) -> list[str]:
    message = catalogue.get(text)
    if message is None or message.fuzzy:
        return []
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return strings if all(strings) else []


def _templates() -> Iterator[Path]:
    yield from (PROJECT / "web" / "templates").rglob("*.html")


def test_no_template_carries_bare_words() -> None:
    """What people read goes through the catalogue: outside of tags and expressions a template has no letters."""
    bare = {path.name: words for path in _templates() if (words := _bare_words(path.read_text(encoding="utf-8")))}
    assert bare == {}


def _bare_words(source: str) -> list[str]:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<script.*?</script>", "", source, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>|[\w-]+=\"[^\"]*\"|\b(?:app|data)-[\w-]+", " ", text)
    allowed = {"Pilar"}
    return [word for word in re.findall(r"[A-Za-z][A-Za-z]{2,}", text) if word not in allowed]
