"""Reads a form-js `.form` file strictly: what is not understood is refused, with the component named."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

from forms.components import Reader
from forms.model import Component, Form, walk
from forms.problems import FormError

_FORM_KEYS = {
    "type",
    "id",
    "components",
    "schemaVersion",
    "properties",
    "exporter",
    "executionPlatform",
    "executionPlatformVersion",
    "versionTag",
    "$schema",
}
_FORM_PROPERTIES = {"title", "title:en", "description", "description:en", "record"}


@lru_cache(maxsize=512)
def read(data: bytes) -> Form:
    """Read one `.form` file. Raises FormError with one sentence per problem, all found at once."""
    source = _parse(data)
    problems: list[str] = []
    form_id = source.get("id")
    if not isinstance(form_id, str) or not form_id:
        raise FormError(['The form has no "id".'])
    where = f"Form {form_id}"
    if source.get("type") != "default":
        problems.append(f'{where}: "type" must be "default".')
    problems += [f'{where}: unknown entry "{key}".' for key in sorted(source.keys() - _FORM_KEYS)]
    properties = _properties(source.get("properties", {}), where, problems)
    reader = Reader(where, problems)
    components = reader.components(source.get("components"))
    _check_uniqueness(components, where, problems)
    if problems:
        raise FormError(problems)
    return Form(form_id, hashlib.sha256(data).hexdigest(), components, properties)


def untranslated(form: Form) -> list[str]:
    """Names of the components that have a word in Indonesian only."""
    return [component.name for component in walk(form.components) if _lacks_english(component)]


def _lacks_english(component: Component) -> bool:
    words = ((component.label, "label:en"), (component.description, "description:en"), (component.text, "text:en"))
    lacking = any(word and not component.properties.get(english) for word, english in words)
    return lacking or any(not option.label_en for option in component.options)


def _parse(data: bytes) -> Mapping[str, object]:
    try:
        source = json.loads(data)
    except ValueError as error:
        raise FormError([f"This is not JSON: {error}."]) from error
    if not isinstance(source, dict):
        raise FormError(["A form is a JSON object."])
    return source


def _properties(found: object, where: str, problems: list[str]) -> Mapping[str, str]:
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        problems.append(f'{where}: "properties" must be an object of texts.')
        return {}
    problems += [f'{where}: unknown property "{key}".' for key in sorted(found.keys() - _FORM_PROPERTIES)]
    return found


def _check_uniqueness(components: tuple[Component, ...], where: str, problems: list[str]) -> None:
    """Keys are unique within the form or row that holds them; ids and record paths within the form."""
    _unique((component.id for component in walk(components)), f"{where}: two components have the id", problems)
    _unique_keys(components, where, problems)


def _unique_keys(components: tuple[Component, ...], where: str, problems: list[str]) -> None:
    keys, lists = [], []
    pending = list(components)
    while pending:
        component = pending.pop(0)
        if component.type == "group":
            pending.extend(component.children)
        elif component.key:
            keys.append(component.key)
        if component.type == "dynamiclist":
            lists.append(component)
    _unique(keys, f"{where}: two components have the key", problems)
    _unique(_records(components), f"{where}: two components write the record", problems)
    for component in lists:
        _unique_keys(component.children, f"{where}, list {component.key}", problems)


def _records(components: tuple[Component, ...]) -> list[str]:
    found = []
    for component in components:
        found += _records(component.children) if component.type == "group" else [component.record]
    return [path for path in found if path]


def _unique(names: Iterable[str], sentence: str, problems: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            problems.append(f'{sentence} "{name}".')
        seen.add(name)
