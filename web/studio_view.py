"""What the analyst's pages show of a version or a draft: its files by title, and what a draft changes, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

import forms
from engine.casework import studio_parts
from engine.casework.studio_diff import Change, Part
from forms import Component, Form, Visibility
from web.form_view import Drawing, FormView, draw
from web.i18n import language, pick
from web.studio_words import DETAILS, KINDS
from web.words import name

# Details that people read.
_WORDS = ("name", "label", "title", "documentation", "description", "why", "text", "error", "values", "unit")
_Row = tuple[str, str | Markup, str | Markup]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One thing that a draft changes: what happened to it, its kind, its name, and (detail, before, after) rows."""

    id: str
    done: str
    kind: str
    name: str
    rows: tuple[_Row, ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of a process: its address, title, kind (`bpmn`, `dmn` or `form`) and what the draft changes in it."""

    name: str
    title: str
    kind: str
    changes: tuple[ChangeView, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditional:
    """A question that is asked, or must be answered, only under a condition."""

    label: str
    hidden_if: str
    required_if: str


def files(bodies: Mapping[str, bytes], changes: Iterable[Change] = ()) -> list[FileView]:
    """The files, each with its changes: the changed ones first, then diagrams, tables and forms by title."""
    told: dict[str, list[ChangeView]] = {}
    for one in changes:
        told.setdefault(one.file, []).append(_change(one))
    found = [
        FileView(path, title(path, body), path.rpartition(".")[2], tuple(told.get(path, ())))
        for path, body in bodies.items()
    ]
    order = ("bpmn", "dmn", "form")
    return sorted(found, key=lambda one: (not one.changes, order.index(one.kind), one.title))


def title(path: str, body: bytes) -> str:
    """What a file is called in the reader's language; its own name if it says nothing."""
    return pick(*studio_parts.title(path, body)) or path.rpartition("/")[2].partition(".")[0]


def _change(one: Change) -> ChangeView:
    done = {"added": gettext("Ditambah"), "removed": gettext("Dihapus"), "changed": gettext("Diubah")}[one.kind]
    kind = name(KINDS, one.what) if one.what in KINDS else gettext("pertanyaan")
    if one.what == "rule":
        return ChangeView(one.id, done, "", gettext("Aturan %(number)s", number=one.name), tuple(map(_row, one.parts)))
    called = "" if one.what == "drawing" else pick(one.name, one.name_en) or one.id
    return ChangeView(one.id, done, kind, called, tuple(map(_row, one.parts)))


def _row(part: Part) -> _Row:
    if part.what == "order":
        return name(DETAILS, "order"), gettext("urutan lama"), gettext("urutan baru")
    label = pick(str(DETAILS.get(part.what, part.what)), part.what_en)
    return label, _text(part.what, part.before), _text(part.what, part.after)


def _text(what: str, value: str | None) -> Markup | str:
    """Words as words, in the language that they are in; what the engine reads as code."""
    if not value:
        return ""
    if what.removesuffix(":en") in _WORDS:
        return Markup('<span lang="{}">{}</span>').format("en" if what.endswith(":en") else "id", value)
    return Markup("<code>{}</code>").format(value)


def previews(bodies: Mapping[str, bytes]) -> Iterator[tuple[str, FormView, list[Conditional]]]:
    """(path, the form as it looks with every question shown, what it asks only sometimes) of every form."""
    for path, body in bodies.items():
        if path.endswith(".form"):
            form = forms.read(body)
            shown = Visibility(frozenset(), frozenset(_asked(form.components, "")))
            yield path, draw(form, Drawing({}, shown)), list(_conditionals(form))


def _asked(components: tuple[Component, ...], prefix: str) -> Iterator[str]:
    """Paths of what must be answered, always or under a condition; of a list in its first row."""
    for component in components:
        if component.limits.required or component.require is not None:
            yield prefix + component.name
        below = f"{prefix}{component.key}-0-" if component.type == "dynamiclist" else prefix
        yield from _asked(component.children, below)


def _conditionals(form: Form) -> Iterator[Conditional]:
    for component in _all(form.components):
        if component.hide is not None or component.require is not None:
            label = component.label_in(language()) or component.text_in(language())
            hidden, required = (one.text if one is not None else "" for one in (component.hide, component.require))
            yield Conditional(label, hidden, required)


def _all(components: tuple[Component, ...]) -> Iterator[Component]:
    for component in components:
        yield component
        yield from _all(component.children)
