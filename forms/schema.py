"""Builds the marshmallow schema of a form, for the fields that are visible in the present situation."""

from collections.abc import Mapping
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


def build(form: Form, values: Mapping[str, Any], visibility: Visibility, situation: Situation) -> Schema:
    """The schema for these `values` (their row counts matter), with hidden fields out and required ones in."""
    return _build(form.components, values, visibility, situation, "")


def _build(
    components: tuple[Component, ...],
    values: Mapping[str, Any],
    visibility: Visibility,
    situation: Situation,
    prefix: str,
) -> Schema:
    made: dict[str, Field[Any]] = {}
    for component in questions(components):
        path = prefix + component.key
        if path not in visibility.hidden:
            made[component.key] = _field(component, values, visibility, situation, path)
    return Answers.from_dict(made, name="FormAnswers")()


def _field(
    component: Component, values: Mapping[str, Any], visibility: Visibility, situation: Situation, path: str
) -> Field[Any]:
    required = path in visibility.required
    if component.type == "dynamiclist":
        rows = values.get(component.key) or []
        schemas = [
            _build(component.children, row, visibility, situation, f"{path}-{index}-") for index, row in enumerate(rows)
        ]
        return fields.Rows(component, schemas, required=required, timezone=situation.timezone)
    source = component.properties.get("options") or ("villages" if component.format == "village" else "")
    return _FIELDS[component.type](
        component, required=required, timezone=situation.timezone, choices=situation.options.get(source)
    )
