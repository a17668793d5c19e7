"""Which answers are written to which place of the case record, as data; the commands do the writing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms.model import Component, Form, questions


@dataclass(frozen=True, slots=True)
class Binding:
    """The answer `key` belongs to the record path `path` ("person.name"); a list has its columns' bindings."""

    path: str
    key: str
    columns: tuple["Binding", ...] = ()


def bindings(form: Form) -> tuple[Binding, ...]:
    """All bindings of the form, in its order."""
    return _bindings(form.components)


def records_of(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answered values by record path; rows of a list by the paths (or else keys) of their columns."""
    found: dict[str, Any] = {}
    for component in questions(form.components):
        if component.record and answers.get(component.key) is not None:
            value = answers[component.key]
            found[component.record] = [_row(component, row) for row in value] if component.children else value
    return found


def _row(component: Component, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column.record or column.key: row[column.key]
        for column in questions(component.children)
        if row.get(column.key) is not None
    }


def _bindings(components: tuple[Component, ...]) -> tuple[Binding, ...]:
    return tuple(
        Binding(component.record, component.key, _bindings(component.children))
        for component in questions(components)
        if component.record
    )
