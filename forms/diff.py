"""What changed: between two sets of answers to one form, and between two versions of a form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from forms.model import Component, Form, questions

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that differs. `component` says how to show it; `row` numbers from 1 inside a list."""

    component: Component
    kind: Kind
    before: Any
    after: Any
    row: int | None = None
    list: Component | None = None


@dataclass(frozen=True, slots=True)
class FormChange:
    """One question that differs between two versions of a form; `before`/`after` is None where it is missing."""

    key: str
    kind: Kind
    before: Component | None
    after: Component | None


def changes(form: Form, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every answer of `form` that differs, in the form's order."""
    found: list[Change] = []
    for component in questions(form.components):
        old, new = before.get(component.key), after.get(component.key)
        if component.type == "dynamiclist":
            found += _row_changes(component, old or (), new or ())
        elif not _same(old, new):
            found.append(Change(component, _kind(old, new), old, new))
    return tuple(found)


def form_changes(old: Form, new: Form) -> tuple[FormChange, ...]:
    """Questions added, removed or changed in what they accept or ask."""
    found = []
    for key in dict.fromkeys([*old.questions, *new.questions]):
        before, after = old.questions.get(key), new.questions.get(key)
        if before is None or after is None:
            found.append(FormChange(key, "added" if before is None else "removed", before, after))
        elif _shape(before) != _shape(after):
            found.append(FormChange(key, "changed", before, after))
    return tuple(found)


def _row_changes(
    component: Component, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> list[Change]:
    found = []
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else {}
        after = new[index] if index < len(new) else {}
        for column in questions(component.children):
            one, other = before.get(column.key), after.get(column.key)
            if not _same(one, other):
                found.append(Change(column, _kind(one, other), one, other, index + 1, component))
    return found


def _same(before: Any, after: Any) -> bool:
    return before == after or (before in _BLANK and after in _BLANK)


_BLANK: tuple[Any, ...] = (None, "", [])


def _kind(before: Any, after: Any) -> Kind:
    if before in _BLANK:
        return "added"
    return "removed" if after in _BLANK else "changed"


def _shape(component: Component) -> tuple[Any, ...]:
    """What matters to the person who answers: wording, kind, choices, limits, columns."""
    columns = tuple((column.key, _shape(column)) for column in questions(component.children))
    words = tuple(component.properties.get(name) for name in ("label:en", "format", "require", "check"))
    return (component.type, component.subtype, component.label, component.options, component.limits, columns, words)
