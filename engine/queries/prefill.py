"""What a form is filled with before anything is typed: facts, the record, and what was sent the last time."""

from collections.abc import Iterator, Mapping
from typing import Any

import forms
from engine.store.answers import Answer
from engine.store.cases import Case
from forms import Component

_NUMBERS = ("nik", "kk", "phone")


def known_of(form: forms.Form, case: Case | None, answer: Answer | None, situation: forms.Situation) -> dict[str, Any]:
    """What is known already: by FEEL over the facts, from the record, and from the last answers of the same form."""
    known: dict[str, Any] = {}
    for key, component in form.questions.items():
        if component.prefill is not None:
            value = situation.evaluate(component.prefill, {})
            if value is not None:
                known[key] = value
        if component.record and case is not None:
            value = _recorded(case, component.record)
            if value is not None:
                known[key] = value
    if answer is not None:
        known |= forms.load(form, answer.body, situation)
    return known


def _recorded(case: Case, path: str) -> Any:
    """The present value of a record path; lists are not filled in."""
    part, _, name = path.partition(".")
    owner = {"person": case.client, "household": case.household}.get(part)
    value = getattr(case, f"reporter_{name}", None) if part == "reporter" else getattr(owner, name, None)
    return None if isinstance(value, list) else value


def numbers_in(form: forms.Form, known: Mapping[str, Any]) -> list[Component]:
    """The questions whose known answer is somebody's number: NIK, KK or telephone."""
    return [question for question in form.questions.values() if any(_numbers(question, known.get(question.key)))]


def _numbers(question: Component, value: Any) -> Iterator[bool]:
    if isinstance(value, list):
        for column in question.children:
            for row in value:
                if isinstance(row, Mapping):
                    yield from _numbers(column, row.get(column.key))
    elif question.format in _NUMBERS and value:
        yield True
