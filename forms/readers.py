"""Who may read an answer: questions with the property `readers` are shown to those groups only."""

from collections.abc import Collection, Mapping
from typing import Any

from forms.model import Component, Form, questions


def readable_by(component: Component, groups: Collection[str]) -> bool:
    """Whether somebody of these groups may read the component's answer. Without `readers` everybody may."""
    return not component.readers or not component.readers.isdisjoint(groups)


def withheld_keys(form: Form, groups: Collection[str]) -> frozenset[str]:
    """The keys of the form's questions, columns of lists among them, that these groups may not read."""
    return _withheld(form.components, groups)


def readable(form: Form, answers: Mapping[str, Any], groups: Collection[str]) -> dict[str, Any]:
    """The answers without those that these groups may not read; of lists, without such columns."""
    return _readable(form.components, answers, groups)


def _withheld(components: tuple[Component, ...], groups: Collection[str]) -> frozenset[str]:
    found: set[str] = set()
    for component in questions(components):
        if not readable_by(component, groups):
            found.add(component.key)
        found |= _withheld(component.children, groups)
    return frozenset(found)


def _readable(components: tuple[Component, ...], answers: Mapping[str, Any], groups: Collection[str]) -> dict[str, Any]:
    kept = dict(answers)
    for component in questions(components):
        if not readable_by(component, groups):
            kept.pop(component.key, None)
        elif component.children and isinstance(kept.get(component.key), list):
            kept[component.key] = [_readable(component.children, row, groups) for row in kept[component.key]]
    return kept
