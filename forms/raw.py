"""Brings what was typed into one shape: HTML fields (lists of texts, `list-0-sub`) and JSON answers alike."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from forms.model import Component, Form, questions
from forms.parsing import clean

Raw = Mapping[str, object]
REASON_SUFFIX = "_reason"


def gather(form: Form, raw: Raw) -> dict[str, object]:
    """What was typed, by key: text, list of texts, or rows; blank answers and blank rows are left out."""
    return _gather(form.components, as_lists(raw))


def _gather(components: tuple[Component, ...], raw: Raw) -> dict[str, object]:
    found: dict[str, object] = {}
    for component in questions(components):
        value = _rows(component, raw) if component.type == "dynamiclist" else _value(component, raw)
        if value not in (None, "", []):
            found[component.key] = value
        if component.format == "nik" and (reason := _single(raw.get(component.key + REASON_SUFFIX))):
            found[component.key + REASON_SUFFIX] = clean(str(reason))
    return found


def _value(component: Component, raw: Raw) -> object:
    found = raw.get(component.key)
    if component.type in ("checklist", "filepicker"):
        return [item for item in _many(found) if item not in (None, "")]
    if component.type == "datetime" and found is None:
        return _boxes(component, raw)
    value = _last(found) if component.type == "checkbox" else _single(found)
    if isinstance(value, str):
        return clean(value, multiline=component.type == "textarea")
    return value


def _boxes(component: Component, raw: Raw) -> str | None:
    """A date typed in three boxes, or a moment typed as date and time."""
    if component.subtype == "datetime":
        parts = [str(_single(raw.get(f"{component.key}-{part}")) or "").strip() for part in ("date", "time")]
        return " ".join(part for part in parts if part) or None
    parts = [str(_single(raw.get(f"{component.key}-{part}")) or "").strip() for part in ("day", "month", "year")]
    return "-".join(parts) if any(parts) else None


def _rows(component: Component, raw: Raw) -> list[dict[str, object]]:
    return [_gather(component.children, row) for row in typed_rows(component, raw) if _is_filled(component, row)]


def typed_rows(component: Component, raw: Raw) -> list[Raw]:
    """The rows of a list as they were typed, blank ones kept: JSON rows, or fields named `key-0-sub`."""
    found = raw.get(component.key)
    if isinstance(found, Sequence) and not isinstance(found, str) and all(isinstance(row, Mapping) for row in found):
        return list(found)
    return _html_rows(component.key, raw)


def shown_rows(component: Component, raw: Raw) -> list[Raw]:
    """The rows to draw: those with something in them first (so that numbers agree with `gather`), then blank ones.

    At least one row, and as many as the form asks for.
    """
    rows = typed_rows(component, raw)
    filled = [row for row in rows if _is_filled(component, row)]
    blank = [row for row in rows if not _is_filled(component, row)]
    missing = max(1, component.limits.min_length or 0) - len(rows)
    return [*filled, *blank, *({} for _ in range(missing))]


def _is_filled(component: Component, row: Raw) -> bool:
    return any(value is not False for value in _gather(component.children, row).values())


def _html_rows(key: str, raw: Raw) -> list[Raw]:
    """Rows of `key-0-sub` fields in the order of their numbers; gaps left by removed rows close."""
    pattern = re.compile(rf"^{re.escape(key)}-(\d{{1,4}})-(.+)$")
    rows: dict[int, dict[str, object]] = {}
    for name in raw:
        if match := pattern.match(name):
            rows.setdefault(int(match[1]), {})[match[2]] = _all(raw, name)
    return [rows[index] for index in sorted(rows)]


def as_lists(raw: Raw) -> dict[str, object]:
    """A plain copy of a MultiDict (every value a list) or of a mapping (values as they are)."""
    return {name: _all(raw, name) for name in raw}


def _all(raw: Raw, name: str) -> object:
    getlist = getattr(raw, "getlist", None)
    return list(getlist(name)) if getlist is not None else raw[name]


def _many(found: object) -> list[object]:
    if found is None:
        return []
    return list(found) if isinstance(found, list | tuple | set) else [found]


def _single(found: object) -> object:
    if isinstance(found, list | tuple):
        return found[0] if found else None
    return found


def _last(found: object) -> object:
    """A ticked checkbox may follow a hidden empty value, so the last one counts."""
    return found[-1] if isinstance(found, list | tuple) and found else _single(found)


def text_of(value: object) -> str:
    """Write a typed or stored value the way a person would type it, so it can be shown and read back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return "" if value is None else str(value)
