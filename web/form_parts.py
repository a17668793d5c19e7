"""The parts of a form ready to draw: fields with every word chosen and every value as text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from forms import Visibility

_NOTHING_HIDDEN = Visibility(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Choice:
    """One option to draw."""

    value: str
    text: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A document that is already stored and belongs to a field."""

    id: str
    name: str
    url: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field, group, list or text to draw. `path` is its name in the HTML form, `id` where error links lead."""

    kind: str
    path: str
    id: str
    label: str = ""
    hint: str = ""
    value: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[str] = ()
    warnings: Sequence[str] = ()
    reason: "Field | None" = None
    choices: Sequence[Choice] = ()
    children: Sequence["Field"] = ()
    rows: Sequence[Sequence["Field"]] = ()
    files: Sequence[File] = ()
    html: Markup | str = ""
    required: bool = False
    decides: bool = False
    prefix: str = ""
    suffix: str = ""
    width: str = ""
    height: int = 4
    inputmode: str = ""
    capture: str = ""
    accept: str = ""
    multiple: bool = False
    min: str = ""
    max: str = ""

    @property
    def described_by(self) -> str:
        """Ids of the hint and the error, for `aria-describedby`."""
        parts = [f"{self.id}-hint" if self.hint else "", f"{self.id}-error" if self.errors else ""]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Drawing:
    """What stands around the fields while they are built. `facts`: what hints may name, None where there is no case."""

    typed: Mapping[str, object]
    visibility: Visibility = _NOTHING_HIDDEN
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    choices: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)
    has_conditions: bool = False
    facts: Mapping[str, object] | None = None


@dataclass(frozen=True)
class FormView:
    """A form ready to draw; `summary` holds (id of the field, sentence) of every error, in the form's order."""

    title: str
    description: str
    fields: Sequence[Field]
    summary: Sequence[tuple[str, str]]
    has_conditions: bool
    has_files: bool

    @property
    def shown(self) -> str:
        """The paths of all questions drawn: sent along, so that the server knows what was not asked yet."""
        return " ".join(_paths(self.fields))

    def labels_of(self, paths: set[str]) -> list[str]:
        """The labels of the questions with these paths, in the form's order."""
        return [item.label for item in _leaves(self.fields) if item.path in paths]


def _leaves(fields: Sequence[Field]) -> Iterator[Field]:
    for drawn in fields:
        if drawn.kind in ("group", "list"):
            yield from _leaves([*drawn.children, *(item for row in drawn.rows for item in row)])
        elif drawn.kind not in ("html", "separator"):
            yield drawn


def _paths(fields: Sequence[Field]) -> Iterator[str]:
    return (drawn.path for drawn in _leaves(fields))
