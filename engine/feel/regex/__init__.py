"""XPath-style regular expressions on RE2, which needs linear time whatever the pattern."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from engine.feel.errors import NullResult
from engine.feel.regex.backtrack import Backtracker
from engine.feel.regex.syntax import Reader, spelled

MAX_PATTERN = 1_000
_FLAGS = frozenset("smixq")
_DOLLAR = re.compile(r"\\(.?)|\$(\d*)", re.DOTALL)


@lru_cache(maxsize=1_000)
def _compiled(pattern: str, flags: str) -> Any:
    """RE2's program, or the backtracker where the pattern refers back to a group."""
    if len(pattern) > MAX_PATTERN or not set(flags) <= _FLAGS:
        raise NullResult("the pattern is too long or a flag is unknown")
    letters = "".join(sorted(set(flags) & set("smi")))
    if "q" in flags:
        return _program(str(re2.escape(pattern)), letters)
    reader = Reader(pattern, extended="x" in flags)
    tree = reader.read()
    return Backtracker(tree, reader.groups, letters) if reader.references else _program(spelled(tree), letters)


def _program(spelling: str, flags: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    try:
        return re2.compile((f"(?{flags})" if flags else "") + spelling, options)
    except re2.error as problem:
        raise NullResult(f"no regular expression: {problem}") from None


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
