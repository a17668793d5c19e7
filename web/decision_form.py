"""A decision form with its choices as buttons: everything else is asked above them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import forms
from engine.foresight import Outcome
from engine.queries.evidence import Sent
from forms import Component, Visibility
from web.form_view import Drawing, Field, FormView, draw
from web.i18n import language, pick
from web.next_words import what_opens, why_so

KINDS = {"approve": "primary", "accept": "primary", "agree": "primary", "reject": "danger", "refuse": "danger"}
ANSWERED = "sent_fields"
_MOST_BUTTONS = 4


@dataclass(frozen=True, slots=True)
class Button:
    """One choice. `outcome`: what happens if it is pressed, one sentence for each thing; `reasons`: by which rules."""

    value: str
    text: str
    kind: str
    outcome: Sequence[str]
    reasons: Sequence[str] = ()


def chooser(form: forms.Form) -> Component | None:
    """The question whose options become buttons: a radio named `decision`, or bound to the record's decision."""
    for component in form.questions.values():
        decides = component.key == "decision" or component.record == "decision"
        if component.type == "radio" and decides and len(component.options) <= _MOST_BUTTONS:
            return component
    return None


def visible_for_any(
    form: forms.Form, choice: Component | None, typed: Mapping[str, Any], situation: forms.Situation
) -> Visibility:
    """What some choice asks for is shown; what every choice that shows it requires is marked as required."""
    if choice is None:
        return forms.visibility_of(form, typed, situation)
    settled = [forms.visibility_of(form, {**typed, choice.key: [option.value]}, situation) for option in choice.options]
    hidden = frozenset.intersection(*(one.hidden for one in settled))
    wanted = frozenset.union(*(one.required for one in settled))
    required = frozenset(path for path in wanted if all(path in one.required | one.hidden for one in settled))
    return Visibility(hidden, required)


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields beside the buttons: those of every choice, and those that only some choice asks for."""

    view: FormView
    always: Sequence[Field]
    sometimes: Sequence[Field]

    @property
    def opens(self) -> bool:
        """Whether what only some choice asks for must be seen at once: it holds something, or something is wrong."""
        return any(_holds(field) for field in self.sometimes)


def draw_without(form: forms.Form, choice: Component | None, drawing: Drawing, situation: forms.Situation) -> Asked:
    """The form's fields without the question that the buttons answer."""
    view = draw(form, drawing)
    if choice is None:
        return Asked(view, view.fields, ())
    first = {**drawing.typed, choice.key: [choice.options[0].value]}
    hidden = forms.visibility_of(form, first, situation).hidden
    kept = _without(view.fields, choice.key)
    always = [field for field in kept if field.path not in hidden]
    return Asked(view, always, [field for field in kept if field.path in hidden])


def _without(fields: Sequence[Field], path: str) -> list[Field]:
    kept = (field for field in fields if field.path != path)
    return [replace(field, children=_without(field.children, path)) if field.children else field for field in kept]


def _holds(field: Field) -> bool:
    inner = [*field.children, *(item for row in field.rows for item in row)]
    return bool(field.value or field.errors or len(field.rows) > 1 or any(_holds(item) for item in inner))


def buttons(choice: Component | None, properties: Mapping[str, Any], outcomes: Mapping[str, Outcome]) -> list[Button]:
    """The choices as buttons, in the form's order; the diagram's own words say what happens, else the dry run does."""
    if choice is None:
        return []
    found = []
    for option in choice.options:
        text = (option.label_en if language() == "en" else "") or option.label
        own = pick(str(properties.get(f"if:{option.value}") or ""), str(properties.get(f"if:{option.value}:en") or ""))
        tried = outcomes.get(option.value)
        said = [own] if own else what_opens(tried)
        found.append(Button(option.value, text, KINDS.get(option.value, "quiet"), said, why_so(tried)))
    return found


def answered_fields(sent: Sequence[Sent]) -> list[tuple[str, str]]:
    """Every answered question of the evidence, for "which field": ("AssessNeeds.income", "Asesmen: Penghasilan")."""
    return [
        (f"{one.form.id}.{component.key}", f"{one.form.title_in(language())}: {component.label_in(language())}")
        for one in sent
        for component in forms.questions(one.form.components)
        if one.answers.get(component.key) not in (None, "", [])
    ]
