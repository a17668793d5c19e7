"""Builds the marshmallow schema of a form, for the fields that are visible in the present situation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import Any

from marshmallow import EXCLUDE, Schema
from marshmallow.fields import Field

from forms import fields
from forms.conditions import Situation, Visibility
from forms.model import Component, Form, questions

_FIELDS: Mapping[str, type[fields.Answer]] = {
    "textfield": fields.Text,
    "textarea": fields.Text,
    "number": fields.Number,
    "select": fields.Choice,
    "radio": fields.Choice,
    "checklist": fields.Checklist,
    "checkbox": fields.Checkbox,
    "datetime": fields.Moment,
    "filepicker": fields.Files,
}


class Answers(Schema):
    """Base of every built schema: what the form does not ask is left out, not refused."""

    class Meta(Schema.Meta):
        unknown = EXCLUDE


# How many rows each list of a form has, and the lists inside its rows.
Rows = tuple[tuple[str, tuple["Rows", ...]], ...]


def build(form: Form, values: Mapping[str, Any], visibility: Visibility, situation: Situation) -> Schema:
    """The schema for these `values` (their row counts matter), with hidden fields out and required ones in."""
    options = tuple(sorted(situation.options.items()))
    return _kept(form, _rows(form.components, values), visibility, situation.timezone, options)


@dataclass(frozen=True)
class _Around:
    """What every field of one schema is built with."""

    visibility: Visibility
    timezone: tzinfo
    options: Mapping[str, frozenset[str]]


@lru_cache(maxsize=1_000)
def _kept(
    form: Form, rows: Rows, visibility: Visibility, timezone: tzinfo, options: tuple[tuple[str, frozenset[str]], ...]
) -> Schema:
    """Building a schema costs more than using it, and most of the answers to a form have the same shape."""
    return _build(form.components, dict(rows), _Around(visibility, timezone, dict(options)), "")


def _rows(components: tuple[Component, ...], values: Mapping[str, Any]) -> Rows:
    return tuple(
        (component.key, tuple(_rows(component.children, row) for row in values.get(component.key) or ()))
        for component in questions(components)
        if component.type == "dynamiclist"
    )


def _build(
    components: tuple[Component, ...], rows: Mapping[str, tuple[Rows, ...]], around: _Around, prefix: str
) -> Schema:
    made: dict[str, Field[Any]] = {}
    for component in questions(components):
        path = prefix + component.key
        if path not in around.visibility.hidden:
            made[component.key] = _field(component, rows, around, path)
    return Answers.from_dict(made, name="FormAnswers")()


def _field(component: Component, rows: Mapping[str, tuple[Rows, ...]], around: _Around, path: str) -> Field[Any]:
    required = path in around.visibility.required
    if component.type == "dynamiclist":
        schemas = [
            _build(component.children, dict(row), around, f"{path}-{index}-")
            for index, row in enumerate(rows[component.key])
        ]
        return fields.Rows(component, schemas, required=required, timezone=around.timezone)
    source = component.properties.get("options") or ("villages" if component.format == "village" else "")
    return _FIELDS[component.type](
        component, required=required, timezone=around.timezone, choices=around.options.get(source)
    )
