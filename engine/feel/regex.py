"""XPath-style regular expressions on RE2, which needs linear time whatever the pattern."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from engine.feel.errors import NullResult

MAX_PATTERN = 1_000
_FLAGS = frozenset("smixq")
_DOLLAR = re.compile(r"\\(.?)|\$(\d*)", re.DOTALL)


@lru_cache(maxsize=1_000)
def _compiled(pattern: str, flags: str) -> Any:
    if len(pattern) > MAX_PATTERN or not set(flags) <= _FLAGS:
        raise NullResult("the pattern is too long or a flag is unknown")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    try:
        return re2.compile(_prefix(flags) + _translated(pattern, flags), options)
    except re2.error as problem:
        raise NullResult(f"no regular expression: {problem}") from None


def _prefix(flags: str) -> str:
    letters = "".join(sorted(set(flags) & set("smi")))
    return f"(?{letters})" if letters else ""


def _translated(pattern: str, flags: str) -> str:
    """RE2's spelling: `q` makes it literal, `x` drops white space outside of character classes."""
    if "q" in flags:
        return str(re2.escape(pattern))
    out: list[str] = []
    in_class = 0
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "\\" and position + 1 < len(pattern):
            out.append(_escape(pattern[position + 1], bool(in_class)))
            position += 2
            continue
        in_class += (char == "[") - (char == "]" and in_class > 0)
        if not (char in " \t\n\r" and "x" in flags and not in_class):
            out.append(char)
        position += 1
    return "".join(out)


_NAME_START = r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}"
_NAME_CHAR = _NAME_START + r"\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}"
_SETS = {
    "i": _NAME_START,
    "c": _NAME_CHAR,
    "d": r"\p{Nd}",
    "w": r"\p{L}\p{M}\p{N}\p{S}",
}


def _escape(char: str, in_class: bool) -> str:
    """XPath's multi-character escapes, which know Unicode."""
    members = _SETS.get(char.lower())
    if members is None:
        return "\\" + char
    if char.islower():
        return members if in_class else f"[{members}]"
    return f"\\{char}" if in_class else f"[^{members}]"


def found(pattern: str, flags: str, text: str) -> bool:
    """Whether the pattern matches anywhere."""
    return _compiled(pattern, flags).search(text) is not None


def replace(pattern: str, flags: str, text: str, replacement: str, check: Callable[[int], None]) -> str:
    """Every match replaced. A pattern that matches nothing at all is refused, as fn:replace does."""
    program = _compiled(pattern, flags)
    if program.search("") is not None:
        raise NullResult("the pattern matches the empty string")
    if "q" not in flags:
        _check_replacement(replacement)
    out: list[str] = []
    position = size = 0
    for match in program.finditer(text):
        part = replacement if "q" in flags else _expanded(replacement, match, program.groups)
        out += [text[position : match.start()], part]
        size += len(part) + match.start() - position
        check(size)
        position = match.end()
    return "".join(out) + text[position:]


def _check_replacement(replacement: str) -> None:
    for match in _DOLLAR.finditer(replacement):
        if match[0].startswith("\\") and match[1] not in {"\\", "$"}:
            raise NullResult("a backslash in the replacement stands before no $ or backslash")
        if match[0] == "$":
            raise NullResult("$ in the replacement stands before no digit")


def _expanded(replacement: str, match: Any, groups: int) -> str:
    def one(found_at: re.Match[str]) -> str:
        digits = found_at[2]
        if not digits:
            return found_at[1]
        size = len(digits)
        while size > 1 and int(digits[:size]) > groups:
            size -= 1
        number = int(digits[:size])
        return (match.group(number) or "" if number <= groups else "") + digits[size:]

    return _DOLLAR.sub(one, replacement)


def split(pattern: str, text: str) -> list[str]:
    """The parts between matches; an empty match cuts between characters."""
    program = _compiled(pattern, "")
    parts: list[str] = []
    position = 0
    for match in program.finditer(text):
        if match.end() == match.start() and not 0 < match.start() < len(text):
            continue
        parts.append(text[position : match.start()])
        position = match.end()
    return [*parts, text[position:]]
