"""Every text of Pilar in both languages, and what a page says: for the tests of both languages."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel.messages.pofile import read_po
from lxml import etree, html

from engine.casework import demo_data
from engine.casework.tables import english_of
from engine.settings import PROJECT
from web.i18n import CATALOGUES

WORKFLOWS = PROJECT / "workflows"
ENGLISH = CATALOGUES / "en" / "LC_MESSAGES" / "messages.po"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
# Written alike in both languages.
_SHARED = {"rp"}
# What of a diagram nobody reads: names of messages and errors are keys.
_KEYS = {f"{BPMN}{tag}" for tag in ("message", "error", "escalation", "signal", "linkEventDefinition")}
_PLACE = re.compile(r"%\(\w+\)[sd]")
_WORD = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ-]+")
_SAID = {
    "aria-label",
    "title",
    "placeholder",
    "alt",
    *(f"data-{name}" for name in ("retry", "failed", "saved", "choose", "none")),
}
_UNREAD = {"script", "style", "textarea", "svg", "code", "pre"}


@dataclass(frozen=True)
class Pair:
    """One text in both languages, and the file and place that say it."""

    where: str
    indonesian: str
    english: str


def catalogue() -> Iterator[Pair]:
    """What templates and views say."""
    with ENGLISH.open("rb") as file:
        for message in read_po(file, locale="en"):
            if message.id:
                first = message.id if isinstance(message.id, str) else message.id[0]
                strings = [message.string] if isinstance(message.string, str) else list(message.string)
                yield from (Pair(ENGLISH.name, first, english) for english in strings)


def forms() -> Iterator[Pair]:
    """Titles, labels, hints, options and errors of every form."""
    for path in sorted(WORKFLOWS.glob("*/*.form")):
        yield from _form_part(_named(path), json.loads(path.read_text(encoding="utf-8")))


def _form_part(where: str, part: Mapping[str, Any]) -> Iterator[Pair]:
    said = part.get("properties", {})
    where = f"{where} {part.get('key') or part.get('id') or ''}"
    yield from (
        Pair(where, part[name], said.get(f"{name}:en", "")) for name in ("label", "description") if name in part
    )
    if "text" in part:
        yield Pair(where, part["text"], said.get("text:en", ""))
    for name in ("title", "description", "error", "check:error", "unit"):
        if name in said:
            yield Pair(where, said[name], said.get(f"{name}:en", ""))
    yield from (Pair(where, option["label"], option.get("labelEn", "")) for option in part.get("values", ()))
    for child in part.get("components", ()):
        yield from _form_part(where, child)


def diagrams() -> Iterator[Pair]:
    """Names, instructions, reasons and what an answer leads to, of every element of every diagram."""
    for path in sorted(WORKFLOWS.glob("*/*.bpmn")):
        processes = {one.get("id"): _properties(one) for one in etree.parse(path).getroot().iter(f"{BPMN}process")}
        for element in etree.parse(path).getroot().iter(f"{BPMN}*"):
            if element.tag not in _KEYS:
                # A pool is called what its process is called.
                said = processes.get(element.get("processRef")) or _properties(element)
                yield from _element(f"{_named(path)} {element.get('id')}", element, said)


def _element(where: str, element: Any, said: Mapping[str, str]) -> Iterator[Pair]:
    yield Pair(where, element.get("name", ""), said.get("label:en", ""))
    yield Pair(where, element.findtext(f"{BPMN}documentation", ""), said.get("documentation:en", ""))
    for name, text in said.items():
        if name == "why" or (name.startswith("if:") and not name.endswith(":en")):
            yield Pair(where, text, said.get(f"{name}:en", ""))


def _properties(element: Any) -> dict[str, str]:
    found = element.iterfind(f"{BPMN}extensionElements/{{*}}properties/{{*}}property")
    return {one.get("name"): one.get("value", "") for one in found}


def tables() -> Iterator[Pair]:
    """Names and heads of every decision table."""
    for path in sorted(WORKFLOWS.glob("*/*.dmn")):
        for decision in etree.parse(path).getroot().iter("{*}decision"):
            where = f"{_named(path)} {decision.get('id')}"
            yield Pair(where, decision.get("name", ""), english_of(decision))
            for head in (*decision.iter("{*}input"), *decision.iter("{*}output")):
                yield Pair(where, head.get("label", ""), english_of(head))


def _named(path: Path) -> str:
    return path.relative_to(WORKFLOWS).as_posix()


class Words:
    """Which words belong to which language, and what is only data."""

    def __init__(self, pairs: Iterable[Pair], data: Iterable[str]) -> None:
        known = [pair for pair in pairs if pair.indonesian]
        indonesian, english = _words(pair.indonesian for pair in known), _words(pair.english for pair in known)
        self._foreign = {"en": indonesian - english - _SHARED, "id": english - indonesian}
        longest = sorted({text for text in data if len(text) > 2}, key=len, reverse=True)
        self._data = re.compile("|".join(map(re.escape, longest)), re.IGNORECASE)

    def strangers(self, text: str, language: str) -> set[str]:
        """Words of `text` that only the other language has, once what is data has been taken out."""
        foreign = self._foreign[language]
        if not any(word.lower() in foreign for word in _WORD.findall(text)):
            return set()  # looking for data is the slow part
        return {word for word in _WORD.findall(self._data.sub(" ", text)) if word.lower() in foreign}


def _words(texts: Iterable[str]) -> set[str]:
    return {word.lower() for text in texts for word in _WORD.findall(_PLACE.sub(" ", text))}


@cache
def words() -> Words:
    """The words of the catalogue, the forms, the diagrams and the tables."""
    return Words([*catalogue(), *forms(), *diagrams(), *tables()], _data())


def _data() -> Iterator[str]:
    """Names, places, and what people wrote: no words of Pilar."""
    for path in (*WORKFLOWS.glob("*/stories/*.yaml"), WORKFLOWS / "demo.yaml"):
        yield from _scalars(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))
    yield from (text for rows in (demo_data.REGIONS, demo_data.WORKERS, demo_data.PARTNERS) for text in _scalars(rows))


def _scalars(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _scalars(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _scalars(item)


class Page:
    """A page as it came."""

    def __init__(self, text: str) -> None:
        self._document = html.fromstring(text)

    def texts(self) -> set[str]:
        """Every text that a reader of the page meets: what is shown, and what a screen reader says."""
        return {" ".join(text.split()) for text in self._said() if text and not text.isspace()}

    def _said(self) -> Iterator[str | None]:
        for element in self._document.iter():
            if isinstance(element.tag, str) and element.tag not in _UNREAD:
                said = element.attrib
                yield from (said[name] for name in said if name in _SAID)
                if "lang" not in said or element.tag == "html":
                    yield element.text
            yield element.tail

    def links(self) -> Iterator[str]:
        """Addresses inside Pilar that the page leads to."""
        for element in self._document.iter("a"):
            address = element.get("href", "").partition("#")[0]
            if address.startswith("/") and not address.startswith("//"):
                yield address

    def submissions(self) -> Iterator[tuple[str, dict[str, str]]]:
        """(address, fields) of every form of the page as it stands, once with each of its buttons."""
        for form in self._document.forms:
            if form.method == "POST":
                fields = {name: str(value) for name, value in form.form_values()}
                for button in form.xpath(".//button[not(@type='button')]"):
                    pressed = {button.get("name"): button.get("value", "")} if button.get("name") else {}
                    address = button.get("formaction") or form.get("action") or ""
                    yield address.partition("#")[0], fields | pressed
