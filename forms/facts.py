"""Which answers the process may see."""

from collections.abc import Mapping
from typing import Any

from forms.model import Component, Form, questions


def facts_of(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Every fact of the form; null where it was not answered, so answering again clears what stood before."""
    return _facts(form.components, answers)


def fact_keys(form: Form) -> frozenset[str]:
    """The names of the process variables that the form may set."""
    return frozenset(component.key for component in questions(form.components) if component.is_fact)


def personal_keys(form: Form) -> frozenset[str]:
    """The keys whose answers are encrypted at rest and masked by permission (reasons given for a NIK among them)."""
    personal = {component.key for component in questions(form.components) if component.is_personal}
    return frozenset(personal | {f"{key}_reason" for key in personal if form.questions[key].format == "nik"})


def _facts(components: tuple[Component, ...], answers: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for component in questions(components):
        if not component.is_fact:
            continue
        value = answers.get(component.key)
        if component.type == "dynamiclist" and value is not None:
            value = [_facts(component.children, row) for row in value]
        facts[component.key] = value
    return facts
