"""Built-ins on strings; a character is a Unicode code point."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel import regex
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.errors import NullResult


@builtin("substring", "string: string, start position: number, length: number|null?")
def substring(string: str, start: Decimal, length: Decimal | None = None) -> str:
    """`length` characters from `start` (1 is the first, -1 the last)."""
    first = int(start)
    if first == 0 or abs(first) > len(string):
        raise NullResult("the start is outside of the string")
    if length is not None and length < 1:
        raise NullResult("the length is not positive")
    begin = first - 1 if first > 0 else len(string) + first
    return string[begin:] if length is None else string[begin : begin + int(length)]


@builtin("string length", "string: string")
def string_length(string: str) -> Decimal:
    """Number of characters."""
    return Decimal(len(string))


@builtin("upper case", "string: string")
def upper_case(string: str) -> str:
    """In capitals."""
    return string.upper()


@builtin("lower case", "string: string")
def lower_case(string: str) -> str:
    """In small letters."""
    return string.lower()


@builtin("substring before", "string: string, match: string")
def substring_before(string: str, match: str) -> str:
    """What stands before the first match; empty when there is none."""
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string, match: string")
def substring_after(string: str, match: str) -> str:
    """What stands after the first match; empty when there is none, all of it after an empty match."""
    return string.partition(match)[2] if match else string


@builtin("contains", "string: string, match: string")
def contains(string: str, match: str) -> bool:
    """Whether `match` stands in it."""
    return match in string


@builtin("starts with", "string: string, match: string")
def starts_with(string: str, match: str) -> bool:
    """Whether it begins so."""
    return string.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(string: str, match: str) -> bool:
    """Whether it ends so."""
    return string.endswith(match)


@builtin("matches", "input: string, pattern: string, flags: string|null?", env=True)
def matches(env: Environment, text: str, pattern: str, flags: str | None = None) -> bool:
    """Whether the regular expression is found in it."""
    env.check_size(len(text))
    return regex.found(pattern, flags or "", text)


@builtin("replace", "input: string, pattern: string, replacement: string, flags: string|null?", env=True)
def replace(env: Environment, text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    """Every match replaced; `$1` is the first group, `$0` the match."""
    env.check_size(len(text))
    return regex.replace(pattern, flags or "", text, replacement, env.check_size)


@builtin("split", "string: string, delimiter: string", env=True)
def split(env: Environment, string: str, delimiter: str) -> list[str]:
    """Cut at every match of the regular expression."""
    env.check_size(len(string))
    return regex.split(delimiter, string)


@builtin("string join", "list: list, delimiter: string|null?", env=True)
def string_join(env: Environment, items: list[Any], delimiter: str | None = None) -> str:
    """The strings in a row; null items are left out."""
    texts = [item for item in items if item is not None]
    if not all(isinstance(item, str) for item in texts):
        raise NullResult("not all are strings")
    env.check_size(sum(len(item) for item in texts) + len(delimiter or "") * len(texts))
    return (delimiter or "").join(texts)
