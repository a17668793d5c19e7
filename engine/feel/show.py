"""FEEL's own text of a value: what `string()` answers."""

from decimal import Decimal
from typing import Any

from engine.feel import numbers


def show(value: Any) -> str:
    """The text of any value as FEEL writes it; strings inside lists and contexts are quoted."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
    return plain(value)


def plain(value: Any) -> str:
    """Like `show`, a string as it is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return numbers.text(value)
    if isinstance(value, list):
        return "[" + ", ".join(show(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(name)}: {show(item)}" for name, item in value.items()) + "}"
    return str(value)


def _key(name: str) -> str:
    return name if name.replace("_", "a").replace(" ", "a").isalnum() else show(name)
