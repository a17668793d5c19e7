"""Reads the components of a `.form` file: one small method per part, every problem noted with the component's name."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import re2

from engine import feel
from engine.feel import Expression
from forms.model import CHOICES, Component, Limits, Option, questions
from forms.rules import fact_problem

_TYPES = {
    "textfield",
    "textarea",
    "number",
    "select",
    "radio",
    "checklist",
    "checkbox",
    "datetime",
    "filepicker",
    "documents",
    "group",
    "dynamiclist",
    "text",
    "separator",
}
_KEYLESS = {"group", "text", "separator"}
_READ = {
    "type",
    "id",
    "key",
    "label",
    "description",
    "text",
    "subtype",
    "decimalDigits",
    "multiple",
    "defaultValue",
    "values",
    "validate",
    "conditional",
    "properties",
    "components",
    "path",
    "dateLabel",
    "timeLabel",
}
_PRESENTATION = {
    "layout",
    "appearance",
    "searchable",
    "showOutline",
    "allowAddRemove",
    "defaultRepetitions",
    "isRepeating",
    "disableCollapse",
    "nonCollapsedItems",
    "verticalAlignment",
    "increment",
    "accept",
    "use24h",
    "timeInterval",
    "timeSerializingFormat",
    "serializeToString",
}
_LIMITS = {"required", "min", "max", "minLength", "maxLength", "pattern", "validationType"}
_PROPERTIES = {
    "label:en",
    "description:en",
    "text:en",
    "fact",
    "personal",
    "record",
    "format",
    "error",
    "error:en",
    "require",
    "check",
    "check:error",
    "check:error:en",
    "prefill",
    "unit",
    "unit:en",
    "rows",
    "width",
    "capture",
    "options",
    "memorable",
    "readers",
}
_VALUES = {
    "fact": ("true", "false"),
    "personal": ("true", "false"),
    "memorable": ("true", "false"),
    "format": ("rupiah", "nik", "kk", "phone", "village", "code", "gps", "boolean"),
    "width": ("short", "medium", "long"),
    "capture": ("camera", "document"),
}
_FORMATS_OF = {"rupiah": ("number",), "boolean": ("radio", "select"), "village": ("textfield", "select")}
_READERS = re2.compile(r"^[a-z_]+(:[a-z]+)?(\s*,\s*[a-z_]+(:[a-z]+)?)*$")
_KEY = re2.compile(r"^[a-z][a-z0-9_]*$")


class Reader:
    """Reads components and collects `problems`; goes on after a problem so that all are told at once."""

    def __init__(self, where: str, problems: list[str]) -> None:
        self.where = where
        self.problems = problems
        self._count = 0

    def components(self, found: object, *, inside_list: bool = False) -> tuple[Component, ...]:
        """Read a `components` array."""
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            self.problems.append(f'{self.where}: "components" must be an array of objects.')
            return ()
        read = (self._component(item, inside_list=inside_list) for item in found)
        return tuple(component for component in read if component is not None)

    def _component(self, source: Mapping[str, Any], *, inside_list: bool) -> Component | None:
        self._count += 1
        kind = source.get("type")
        key = source.get("key") or (source.get("path") if kind == "dynamiclist" else "") or ""
        name = key or source.get("id") or f"number {self._count}"
        note = self._noter(str(name))
        if kind not in _TYPES:
            note(f'the type "{kind}" is not known; use one of {", ".join(sorted(_TYPES))}')
            return None
        if inside_list and kind in ("dynamiclist", "filepicker", "documents"):
            note(f"a {kind} cannot stand inside a repeating list")
            return None
        for unknown in sorted(source.keys() - _READ - _PRESENTATION):
            note(f'unknown entry "{unknown}"')
        self._check_key(kind, key, source, note)
        component = self._build(kind, str(key), source, note, inside_list=inside_list)
        self._check_meaning(component, note)
        return component

    def _build(self, kind: str, key: str, source: Mapping[str, Any], note: Any, *, inside_list: bool) -> Component:
        properties = self._properties(source.get("properties", {}), note)
        conditional = source.get("conditional") or {}
        for unknown in sorted(conditional.keys() - {"hide"}):
            note(f'unknown entry "{unknown}" in "conditional"')
        nested = kind in ("group", "dynamiclist")
        return Component(
            type="filepicker" if kind == "documents" else kind,
            id=str(source.get("id") or f"component{self._count}"),
            key=key if kind not in _KEYLESS else "",
            label=str(source.get("label") or source.get("dateLabel") or source.get("timeLabel") or ""),
            description=str(source.get("description") or ""),
            text=str(source.get("text") or ""),
            subtype=self._subtype(kind, source, note),
            decimal_digits=source.get("decimalDigits"),
            multiple=bool(source.get("multiple")) or kind == "documents",
            default=source.get("defaultValue"),
            options=self._options(kind, source.get("values"), properties, note),
            limits=self._limits(source.get("validate") or {}, note),
            hide=self._expression(conditional.get("hide"), "conditional.hide", note),
            require=self._expression(properties.get("require"), "require", note),
            check=self._expression(properties.get("check"), "check", note),
            prefill=self._expression(properties.get("prefill"), "prefill", note),
            properties=properties,
            children=self.components(source.get("components"), inside_list=inside_list or kind == "dynamiclist")
            if nested
            else (),
        )

    def _noter(self, name: str) -> Any:
        def note(reason: str) -> None:
            self.problems.append(f"{self.where}, component {name}: {reason}.")

        return note

    def _check_key(self, kind: str, key: object, source: Mapping[str, Any], note: Any) -> None:
        if kind in _KEYLESS:
            if source.get("path"):
                note('a "path" on a group is not supported: keys are flat')
        elif not isinstance(key, str) or not _KEY.match(key):
            note('needs a "key" of small letters, digits and _ that starts with a letter')

    def _properties(self, found: object, note: Any) -> Mapping[str, str]:
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            note('"properties" must be an object of texts')
            return {}
        for unknown in sorted(found.keys() - _PROPERTIES):
            note(f'unknown property "{unknown}"')
        for key, allowed in _VALUES.items():
            if key in found and found[key] not in allowed:
                note(f'property "{key}" must be one of {", ".join(allowed)}')
        return found

    def _subtype(self, kind: str, source: Mapping[str, Any], note: Any) -> str:
        subtype = str(source.get("subtype") or "")
        if kind == "datetime" and subtype not in ("date", "time", "datetime"):
            note('"subtype" must be date, time or datetime')
        return subtype

    def _limits(self, found: Mapping[str, Any], note: Any) -> Limits:
        for unknown in sorted(found.keys() - _LIMITS):
            note(f'unknown entry "{unknown}" in "validate"')
        pattern = found.get("pattern") or None
        if pattern is not None:
            try:
                re2.compile(pattern)
            except re2.error as error:
                note(f'"pattern" is not a regular expression: {error}')
                pattern = None
        try:
            low, high = (Decimal(str(found[name])) if found.get(name) is not None else None for name in ("min", "max"))
            shortest, longest = (
                int(found[name]) if found.get(name) is not None else None for name in ("minLength", "maxLength")
            )
        except (ArithmeticError, ValueError, TypeError):
            note('"min", "max", "minLength" and "maxLength" must be numbers')
            return Limits()
        return Limits(bool(found.get("required")), low, high, shortest, longest, pattern)

    def _options(self, kind: str, found: object, properties: Mapping[str, str], note: Any) -> tuple[Option, ...]:
        if kind not in CHOICES:
            return ()
        if properties.get("options") or (properties.get("format") == "village" and not found):
            return ()
        if not isinstance(found, list) or not found:
            note('needs "values": a list of {"label", "value", "labelEn"}')
            return ()
        return self._read_options(found, note)

    def _read_options(self, found: list[Any], note: Any) -> tuple[Option, ...]:
        answers_yes_no = {str(item.get("value")).lower() for item in found if isinstance(item, dict)} <= {
            "true",
            "false",
        }
        options: list[Option] = []
        for item in found:
            if not isinstance(item, dict) or item.get("label") is None or item.get("value") is None:
                note('every entry of "values" needs "label" and "value"')
                continue
            if extra := item.keys() - {"label", "value", "labelEn", "description", "descriptionEn"}:
                note(f'unknown entry "{min(extra)}" in "values"')
            options.append(_option(item, answers_yes_no=answers_yes_no))
        if len({option.value for option in options}) < len(options):
            note('two entries of "values" have the same value')
        return tuple(options)

    def _expression(self, text: object, where: str, note: Any) -> Expression | None:
        if text is None or text == "":
            return None
        if not isinstance(text, str) or not text.startswith("="):
            note(f'"{where}" must be a FEEL expression that starts with "="')
            return None
        try:
            return feel.compile(text[1:].strip())
        except feel.FeelSyntaxError as error:
            note(f'"{where}" is not FEEL: {error}')
            return None

    def _check_meaning(self, component: Component, note: Any) -> None:
        if component.type not in ("text", "separator") and not component.label:
            note('needs a "label"')
        fitting = _FORMATS_OF.get(component.format, ("textfield",) if component.format else ())
        if component.format and component.type not in fitting:
            note(f'format "{component.format}" fits {" or ".join(fitting)} only')
        if component.type == "dynamiclist" and not list(questions(component.children)):
            note("a repeating list needs at least one question")
        if component.default is not None:
            note('"defaultValue" is not supported; use the property "prefill" with a FEEL expression')
        readers = component.properties.get("readers")
        if readers is not None and (not component.key or not _READERS.match(readers)):
            note('"readers" names groups with commas between, such as "peksos, kabid", on a question')
        if problem := fact_problem(component):
            note(problem)


def _option(item: Mapping[str, Any], *, answers_yes_no: bool) -> Option:
    value = item["value"]
    answer: str | bool | Decimal
    if answers_yes_no:
        value = str(value).lower()
        answer = value == "true"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        answer = Decimal(str(value))
    else:
        answer = str(value)
    return Option(str(value), answer, str(item["label"]), str(item.get("labelEn") or ""))
