"""One marshmallow field per component type: from what was typed to the value that is stored, and back to JSON."""

from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, ClassVar

import re2
from marshmallow import ValidationError
from marshmallow.fields import Field
from marshmallow.schema import Schema

from forms import parsing
from forms.model import Component, Option
from forms.problems import Problem

SHORT_TEXT, LONG_TEXT, MOST_ROWS, MOST_FILES = 500, 10_000, 200, 20


class Answer(Field[Any]):
    """Base of all: one component's answer. Its errors are `Problem`s, not sentences."""

    def __init__(
        self, component: Component, *, required: bool, timezone: tzinfo, choices: frozenset[str] | None = None
    ) -> None:
        super().__init__(required=required)
        self.component = component
        self.timezone = timezone
        self.choices = choices

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        """The library's own reasons (required, null) as problems."""
        return ValidationError([Problem("required" if key in ("required", "null") else key, **kwargs)])

    def refuse(self, code: str, **params: object) -> ValidationError:
        """Make the error to raise."""
        return ValidationError([Problem(code, **params)])

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            answer = self.read(value)
        except parsing.Unreadable as error:
            raise self.refuse(str(error)) from error
        if found := self.limits(answer):
            raise ValidationError(found)
        return answer

    def read(self, value: Any) -> Any:
        """Turn what was typed into the value; raises Unreadable."""
        raise NotImplementedError

    def limits(self, answer: Any) -> list[Problem]:
        """Problems with a value that could be read."""
        return []


class Text(Answer):
    """textfield and textarea."""

    _READERS: ClassVar = {
        "phone": parsing.phone,
        "village": parsing.village,
        "code": parsing.code,
        "gps": parsing.place,
    }

    def read(self, value: Any) -> str:
        text = str(value)
        reader = self._READERS.get(self.component.format)
        return reader(text) if reader else text

    def limits(self, answer: Any) -> list[Problem]:
        limits = self.component.limits
        most = limits.max_length or (LONG_TEXT if self.component.type == "textarea" else SHORT_TEXT)
        found = []
        if limits.min_length is not None and len(answer) < limits.min_length:
            found.append(Problem("too_short", limit=limits.min_length, length=len(answer)))
        if len(answer) > most:
            found.append(Problem("too_long", limit=most, length=len(answer)))
        if limits.pattern and not re2.search(limits.pattern, answer):
            found.append(Problem("pattern"))
        if self.choices is not None and answer not in self.choices:
            found.append(Problem("not_a_choice"))
        return found


class Number(Answer):
    """number, with or without the rupiah format."""

    def read(self, value: Any) -> Decimal:
        if isinstance(value, bool):
            raise parsing.Unreadable("not_a_number")
        if isinstance(value, int | float | Decimal):
            return Decimal(str(value))
        return parsing.number(str(value), self.component.decimal_digits)

    def limits(self, answer: Any) -> list[Problem]:
        limits, digits = self.component.limits, self.component.decimal_digits
        if not answer.is_finite() or abs(answer) >= Decimal(10) ** 15:
            return [Problem("not_a_number")]
        found = []
        if digits is not None and answer != round(answer, digits):
            found.append(Problem("not_whole") if digits == 0 else Problem("too_many_decimals", limit=digits))
        if limits.min is not None and answer < limits.min:
            found.append(Problem("too_small", limit=limits.min))
        if limits.max is not None and answer > limits.max:
            found.append(Problem("too_big", limit=limits.max))
        return found

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return _json_number(value)


class Checkbox(Answer):
    """One box: ticked or not. A required one must be ticked."""

    _TICKED: ClassVar = {"true", "on", "1", "ya", "yes"}

    def read(self, value: Any) -> bool:
        return value if isinstance(value, bool) else str(value).lower() in self._TICKED

    def limits(self, answer: Any) -> list[Problem]:
        return [Problem("required")] if self.required and not answer else []


class Choice(Answer):
    """select and radio: one of the options."""

    def read(self, value: Any) -> Any:
        return _chosen(self.component.options, self.choices, value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return _json_number(value)


class Checklist(Answer):
    """Any number of the options, in the order the form lists them."""

    def read(self, value: Any) -> list[Any]:
        chosen = [_chosen(self.component.options, self.choices, item) for item in value]
        order = [option.answer for option in self.component.options]
        return sorted(dict.fromkeys(chosen), key=lambda answer: order.index(answer) if answer in order else -1)

    def limits(self, answer: Any) -> list[Problem]:
        limits = self.component.limits
        if limits.min_length is not None and len(answer) < limits.min_length:
            return [Problem("too_few", limit=limits.min_length)]
        if limits.max_length is not None and len(answer) > limits.max_length:
            return [Problem("too_many", limit=limits.max_length)]
        return []

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return [_json_number(item) for item in value]


class Moment(Answer):
    """datetime: a date, a time of day, or both (aware, in the office's zone)."""

    def read(self, value: Any) -> date | time | datetime:
        if self.component.subtype == "date":
            if isinstance(value, date) and not isinstance(value, datetime):
                return value
            return parsing.day(str(value))
        if self.component.subtype == "time":
            return value if isinstance(value, time) else parsing.clock_time(str(value))
        moment = value if isinstance(value, datetime) else parsing.moment(str(value))
        return moment if moment.tzinfo else moment.replace(tzinfo=self.timezone)

    def limits(self, answer: Any) -> list[Problem]:
        if isinstance(answer, date) and not 1850 <= answer.year <= 2200:
            return [Problem("year_unlikely", year=answer.year)]
        return []

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value.isoformat()


class Files(Answer):
    """filepicker: the ids of documents that are already stored."""

    def read(self, value: Any) -> list[str]:
        return [str(item) for item in value]

    def limits(self, answer: Any) -> list[Problem]:
        most = self.component.limits.max_length or (MOST_FILES if self.component.multiple else 1)
        return [Problem("too_many_files", limit=most)] if len(answer) > most else []


class Rows(Answer):
    """dynamiclist: rows, each checked by a schema of its own (rows may hide different columns)."""

    def __init__(self, component: Component, schemas: list[Schema], *, required: bool, timezone: tzinfo) -> None:
        super().__init__(component, required=required, timezone=timezone)
        self.schemas = schemas

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        limits = self.component.limits
        if len(value) > (limits.max_length or MOST_ROWS):
            raise self.refuse("too_many_rows", limit=limits.max_length or MOST_ROWS)
        rows, errors = [], {}
        for index, (row, schema) in enumerate(zip(value, self.schemas, strict=True)):
            try:
                rows.append(schema.load(row))
            except ValidationError as error:
                errors[index] = error.messages
                rows.append(error.valid_data or {})
        if limits.min_length is not None and len(rows) < limits.min_length:
            raise ValidationError([Problem("too_few_rows", limit=limits.min_length)], valid_data=rows)
        if errors:
            raise ValidationError(errors, valid_data=rows)
        return rows

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return [schema.dump(row) for row, schema in zip(value, self.schemas, strict=True)]


def _chosen(options: tuple[Option, ...], choices: frozenset[str] | None, value: Any) -> Any:
    text = _choice_text(value)
    if not options:
        if choices is not None and text not in choices:
            raise parsing.Unreadable("not_a_choice")
        return text
    for option in options:
        if option.value == text:
            return option.answer
    raise parsing.Unreadable("not_a_choice")


def _choice_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_json_number(value))


def _json_number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
