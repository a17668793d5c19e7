"""Checks what was typed against a form: one call, every problem at once, nothing typed lost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marshmallow import ValidationError

from forms import conditions, identity, raw, schema
from forms.conditions import Situation, Visibility
from forms.model import Component, Form, questions
from forms.problems import Problem

Problems = dict[str, list[Problem]]
_SEXES = {"l": "L", "laki-laki": "L", "male": "L", "m": "L", "p": "P", "perempuan": "P", "female": "P", "f": "P"}


@dataclass(frozen=True)
class Result:
    """`answers`: what may be stored (whole only when `ok`). `raw`: what was typed, for showing it again.

    `errors` and `warnings` are by path: "key", or "list-0-sub" for a row's column.
    """

    answers: dict[str, Any]
    errors: Problems
    warnings: Problems
    visibility: Visibility
    raw: dict[str, object] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """May the answers be stored?"""
        return not self.errors


def check(form: Form, typed: raw.Raw, situation: Situation) -> Result:
    """Read and check `typed` (HTML fields or JSON answers). Hidden fields are dropped, whatever they hold."""
    gathered = raw.gather(form, typed)
    visibility = conditions.settle(form, read_leniently(form, gathered, situation), situation)
    visible = _visible(gathered, visibility)
    errors: Problems = {}
    try:
        answers = schema.build(form, visible, visibility, situation).load(visible)
    except ValidationError as error:
        answers = error.valid_data or {}
        errors = dict(_flatten(error.messages_dict, ""))
    warnings: Problems = {}
    _add_unticked(form.components, answers, visibility)
    _check_identity(form, answers, gathered, situation, errors, warnings)
    _check_expressions(form.components, answers, answers, situation, "", errors)
    return Result(answers, errors, warnings, visibility, raw.as_lists(typed))


def read_leniently(form: Form, gathered: Mapping[str, Any], situation: Situation) -> dict[str, Any]:
    """The values that can be read already; used for conditions while a form is half filled."""
    reader = schema.build(form, gathered, conditions.nothing_hidden(), situation)
    try:
        values = reader.load(gathered)
    except ValidationError as error:
        values = error.valid_data or {}
    _add_unticked(form.components, values, conditions.nothing_hidden())
    return dict(values)


def visibility_of(form: Form, typed: raw.Raw, situation: Situation) -> Visibility:
    """What a half-filled form hides and requires right now, the blank rows that are drawn included."""
    values = read_leniently(form, raw.gather(form, typed), situation)
    visibility = conditions.settle(form, values, situation)
    blank = {component.key: _blank_rows(component, typed, values) for component in questions(form.components)}
    blank = {key: rows for key, rows in blank.items() if rows}
    if not blank:
        return visibility
    # Blank rows are looked at apart: a condition that counts rows must not count them.
    with_blank = {**values, **{key: [*(values.get(key) or ()), *rows] for key, rows in blank.items()}}
    theirs = conditions.settle(form, with_blank, situation)
    prefixes = tuple(
        f"{key}-{len(values.get(key) or ()) + number}-" for key, rows in blank.items() for number in range(len(rows))
    )
    return Visibility(
        visibility.hidden | {path for path in theirs.hidden if path.startswith(prefixes)},
        visibility.required | {path for path in theirs.required if path.startswith(prefixes)},
    )


def _blank_rows(component: Component, typed: raw.Raw, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    if component.type != "dynamiclist":
        return []
    count = len(raw.shown_rows(component, raw.as_lists(typed))) - len(values.get(component.key) or ())
    return [{} for _ in range(count)]


def dump(form: Form, answers: Mapping[str, Any], situation: Situation) -> dict[str, Any]:
    """Answers as JSON: dates as ISO text, numbers as numbers."""
    writer = schema.build(form, answers, conditions.nothing_hidden(), situation)
    kept = {key: value for key, value in answers.items() if value is not None}
    return {**_extras(form, kept), **writer.dump(kept)}


def load(form: Form, data: Mapping[str, Any], situation: Situation) -> dict[str, Any]:
    """Answers back from `dump`, typed; entries that the form no longer understands are left out."""
    return {**_extras(form, data), **read_leniently(form, data, situation)}


def _extras(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The reasons given beside a NIK that differs: not a component, but an answer."""
    names = (key + raw.REASON_SUFFIX for key, component in form.questions.items() if component.format == "nik")
    return {name: answers[name] for name in names if answers.get(name)}


def _visible(gathered: Mapping[str, Any], visibility: Visibility) -> dict[str, Any]:
    return {key: value for key, value in gathered.items() if key not in visibility.hidden}


def _add_unticked(
    components: tuple[Component, ...], answers: dict[str, Any], visibility: Visibility, prefix: str = ""
) -> None:
    """A visible box that was not ticked answers false: browsers do not send it."""
    for component in questions(components):
        path = prefix + component.key
        if component.type == "checkbox" and path not in visibility.hidden:
            answers.setdefault(component.key, False)
        elif component.type == "dynamiclist":
            for index, row in enumerate(answers.get(component.key) or ()):
                _add_unticked(component.children, row, visibility, f"{path}-{index}-")


def _flatten(messages: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, list[Problem]]]:
    for key, found in messages.items():
        if isinstance(found, Mapping):
            yield from _flatten(found, f"{prefix}{key}-")
        else:
            yield f"{prefix}{key}", list(found)


def _check_identity(
    form: Form,
    answers: dict[str, Any],
    gathered: Mapping[str, Any],
    situation: Situation,
    errors: Problems,
    warnings: Problems,
) -> None:
    """Apply the NIK and KK rules to the form's own fields and to those of each row."""
    _check_numbers(form.components, answers, gathered, situation, "", errors, warnings)
    for component in questions(form.components):
        if component.type == "dynamiclist":
            for index, row in enumerate(answers.get(component.key) or ()):
                _check_numbers(
                    component.children,
                    row,
                    gathered[component.key][index],
                    situation,
                    f"{component.key}-{index}-",
                    errors,
                    warnings,
                )


def _check_numbers(
    components: tuple[Component, ...],
    answers: dict[str, Any],
    gathered: Mapping[str, Any],
    situation: Situation,
    prefix: str,
    errors: Problems,
    warnings: Problems,
) -> None:
    birth_date, sex = _by_record(components, answers, "birth_date"), _by_record(components, answers, "sex")
    for component in questions(components):
        typed = answers.get(component.key)
        if component.format not in ("nik", "kk") or not isinstance(typed, str):
            continue
        path = prefix + component.key
        if component.format == "kk":
            found = identity.check_kk(typed, today=situation.today, test_regions=situation.test_regions)
        else:
            found = identity.check_nik(
                typed,
                today=situation.today,
                test_regions=situation.test_regions,
                birth_date=birth_date if isinstance(birth_date, date) else None,
                sex=_SEXES.get(str(sex).lower(), ""),
            )
        answers[component.key] = found.digits
        _note(errors, path, found.errors)
        _note(warnings, path, found.warnings)
        if found.needs_reason:
            _take_reason(component.key, prefix, answers, gathered, errors)


def _take_reason(key: str, prefix: str, answers: dict[str, Any], gathered: Mapping[str, Any], errors: Problems) -> None:
    name = key + raw.REASON_SUFFIX
    if reason := gathered.get(name):
        answers[name] = reason
    else:
        _note(errors, prefix + name, (Problem("nik_reason_required"),))


def _by_record(components: tuple[Component, ...], answers: Mapping[str, Any], what: str) -> object:
    """The answer bound to the record `….what`, or to a key of that name."""
    for component in questions(components):
        if component.record.endswith(f".{what}") or component.key == what:
            return answers.get(component.key)
    return None


def _check_expressions(
    components: tuple[Component, ...],
    answers: Mapping[str, Any],
    scope: Mapping[str, Any],
    situation: Situation,
    prefix: str,
    errors: Problems,
) -> None:
    """Apply the `check` rule of every answered field that has one."""
    for component in questions(components):
        path = prefix + component.key
        if component.type == "dynamiclist":
            for index, row in enumerate(answers.get(component.key) or ()):
                _check_expressions(component.children, row, {**scope, **row}, situation, f"{path}-{index}-", errors)
        answered = answers.get(component.key) is not None and path not in errors
        if component.check is not None and answered and situation.evaluate(component.check, scope) is not True:
            _note(errors, path, (Problem("check"),))


def _note(into: Problems, path: str, found: tuple[Problem, ...]) -> None:
    if found:
        into.setdefault(path, []).extend(found)
