"""Built-ins on contexts."""

from __future__ import annotations

from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.errors import NullResult

Context = dict[str, Any]


@builtin("get value", "m: context, key: string")
def get_value(m: Context, key: str) -> Any:
    """The entry of that key, null when there is none."""
    return m.get(key)


@builtin("get value", "m: context, keys: list")
def get_nested(m: Context, keys: list[Any]) -> Any:
    """The entry at the end of a path of keys."""
    if not keys:
        raise NullResult("no keys")
    found: Any = m
    for key in keys:
        if not isinstance(key, str) or not isinstance(found, dict):
            return None
        found = found.get(key)
    return found


@builtin("get entries", "m: context")
def get_entries(m: Context) -> list[Context]:
    """A list of `{key, value}`."""
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context", "entries: list")
def from_entries(entries: list[Any]) -> Context:
    """The context of a list of `{key, value}`."""
    made: Context = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str) or "value" not in entry:
            raise NullResult("an entry has no key or no value")
        if entry["key"] in made:
            raise NullResult("a key is given twice")
        made[entry["key"]] = entry["value"]
    return made


@builtin("context put", "context: context, key: string, value: any")
def put(context: Context, key: str, value: Any) -> Context:
    """The context with one entry set."""
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any")
def put_nested(context: Context, keys: list[Any], value: Any) -> Context:
    """The context with the entry at the end of a path of keys set; what is on the way must be contexts."""
    if not keys or not isinstance(keys[0], str):
        raise NullResult("keys must be strings")
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0], {})
    if not isinstance(inner, dict):
        raise NullResult("the path leads through something that is no context")
    return {**context, keys[0]: put_nested(inner, keys[1:], value)}


@builtin("context merge", "contexts: list")
def merge(contexts: list[Any]) -> Context:
    """All entries; those of later contexts win."""
    merged: Context = {}
    for each in contexts:
        if not isinstance(each, dict):
            raise NullResult("not all are contexts")
        merged |= each
    return merged
