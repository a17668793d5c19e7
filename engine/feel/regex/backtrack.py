"""Patterns with back-references, which RE2 refuses: a backtracking matcher that gives up after so many steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from engine.feel.errors import FeelBudgetError
from engine.feel.regex.syntax import Atom, BackReference, Choice, Group, Part, Repeat, Sequence

MAX_STEPS = 200_000
Groups = dict[int, tuple[int, int]]
Go = Callable[[int, Groups], "tuple[int, Groups] | None"]


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern and its groups matched; the same questions as RE2's match object."""

    text: str
    groups: Groups

    def start(self) -> int:
        """First position."""
        return self.groups[0][0]

    def end(self) -> int:
        """Position after the last."""
        return self.groups[0][1]

    def group(self, number: int) -> str | None:
        """What a group matched."""
        span = self.groups.get(number)
        return None if span is None else self.text[span[0] : span[1]]


class Backtracker:
    """A pattern; `flags` are those of XPath that change matching (s, m, i)."""

    def __init__(self, tree: Part, groups: int, flags: str) -> None:
        self.tree, self.groups, self.flags = tree, groups, flags

    def search(self, text: str) -> Match | None:
        """The first match."""
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[Match]:
        """All matches that do not overlap."""
        run = _Run(text, self.flags)
        position = 0
        while position <= len(text):
            found = run.match(self.tree, position, {}, lambda end, groups: (end, groups))
            if found is None:
                position += 1
                continue
            end, groups = found
            yield Match(text, {**groups, 0: (position, end)})
            position = end if end > position else position + 1


@lru_cache(maxsize=2_000)
def _atom(spelling: str, flags: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(f"(?{flags})(?:{spelling})" if flags else spelling, options)


class _Run:
    """One search in one text, with its steps."""

    def __init__(self, text: str, flags: str) -> None:
        self.text, self.flags, self.steps = text, flags, 0

    def match(self, part: Part, at: int, groups: Groups, go: Go) -> tuple[int, Groups] | None:
        """Match a part at a position and go on; None when no way leads to the end."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise FeelBudgetError("steps")
        if isinstance(part, Atom):
            return self._atom(part, at, groups, go)
        if isinstance(part, BackReference):
            return self._reference(part, at, groups, go)
        if isinstance(part, Group):
            number = part.number
            return self.match(
                part.inner, at, groups, lambda end, inner: go(end, {**inner, number: (at, end)} if number else inner)
            )
        if isinstance(part, Choice):
            options = (self.match(option, at, groups, go) for option in part.options)
            return next((found for found in options if found is not None), None)
        if isinstance(part, Sequence):
            return self._sequence(part.parts, 0, at, groups, go)
        return self._repeat(part, at, groups, go, 0) if isinstance(part, Repeat) else None

    def _atom(self, part: Atom, at: int, groups: Groups, go: Go) -> tuple[int, Groups] | None:
        if part.anchor:
            return go(at, groups) if self._anchored(part.spelling, at) else None
        if at < len(self.text) and _atom(part.spelling, self.flags).fullmatch(self.text[at]):
            return go(at + 1, groups)
        return None

    def _anchored(self, anchor: str, at: int) -> bool:
        lines = "m" in self.flags
        if anchor == "^":
            return at == 0 or (lines and self.text[at - 1] == "\n")
        return at == len(self.text) or (lines and self.text[at] == "\n")

    def _reference(self, part: BackReference, at: int, groups: Groups, go: Go) -> tuple[int, Groups] | None:
        span = groups.get(part.number)
        wanted = self.text[span[0] : span[1]] if span else ""
        found = self.text[at : at + len(wanted)]
        same = found.casefold() == wanted.casefold() if "i" in self.flags else found == wanted
        return go(at + len(wanted), groups) if same else None

    def _sequence(self, parts: list[Part], index: int, at: int, groups: Groups, go: Go) -> tuple[int, Groups] | None:
        if index == len(parts):
            return go(at, groups)
        return self.match(parts[index], at, groups, lambda end, inner: self._sequence(parts, index + 1, end, inner, go))

    def _repeat(self, part: Repeat, at: int, groups: Groups, go: Go, count: int) -> tuple[int, Groups] | None:
        def more() -> tuple[int, Groups] | None:
            if part.most is not None and count >= part.most:
                return None
            return self.match(
                part.inner,
                at,
                groups,
                lambda end, inner: (
                    None if end == at and count >= part.least else self._repeat(part, end, inner, go, count + 1)
                ),
            )

        if count < part.least:
            return more()
        if part.greedy:
            found = more()
            return go(at, groups) if found is None else found
        found = go(at, groups)
        return more() if found is None else found
