"""The grammar of XPath regular expressions (XML Schema 2, appendix F): text to a tree, tree to RE2's spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.feel.errors import NullResult
from engine.feel.regex.classes import character_class, escape

_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})(\?)?")
MAX_DEPTH = 40


@dataclass(slots=True)
class Part:
    """Any part of an expression."""


@dataclass(slots=True)
class Atom(Part):
    """One character (or an anchor), in RE2's spelling."""

    spelling: str
    anchor: bool = False


@dataclass(slots=True)
class BackReference(Part):
    """What a group matched, again."""

    number: int


@dataclass(slots=True)
class Group(Part):
    """A group; `number` is 0 for one that captures nothing."""

    number: int
    inner: Part


@dataclass(slots=True)
class Sequence(Part):
    """Parts one after the other."""

    parts: list[Part]


@dataclass(slots=True)
class Choice(Part):
    """Alternatives."""

    options: list[Part]


@dataclass(slots=True)
class Repeat(Part):
    """A part several times; `most` is None for any number."""

    inner: Part
    least: int
    most: int | None
    greedy: bool
    spelling: str


def _without_space(pattern: str) -> str:
    """White space outside of character classes is dropped before anything is read, even after a backslash."""
    kept, depth, escaped = [], 0, False
    for char in pattern:
        if char in " \t\r\n" and not depth:
            continue
        kept.append(char)
        if not escaped:
            depth = max(0, depth + {"[": 1, "]": -1}.get(char, 0))
        escaped = char == "\\" and not escaped
    return "".join(kept)


class Reader:
    """Reads one pattern; `extended` drops white space outside of character classes (flag x)."""

    def __init__(self, pattern: str, extended: bool) -> None:
        self.pattern = _without_space(pattern) if extended else pattern
        self.at = self.groups = self.depth = 0
        self.closed: set[int] = set()
        self.references = False

    def read(self) -> Part:
        """The tree of the whole pattern."""
        part = self._choice()
        if self.at < len(self.pattern):
            raise NullResult("a bracket is closed that was never opened")
        return part

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _choice(self) -> Part:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NullResult("the pattern is nested too deeply")
        options = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            options.append(self._sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Choice(options)

    def _sequence(self) -> Part:
        parts: list[Part] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._quantified(self._atom()))
        return Sequence(parts)

    def _quantified(self, part: Part) -> Part:
        if self._peek() not in {"*", "+", "?", "{"}:
            return part
        match = _QUANTIFIER.match(self.pattern, self.at)
        if match is None or (isinstance(part, Atom) and part.anchor):
            raise NullResult("nothing to repeat")
        self.at = match.end()
        if match[1]:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[match[1]]
        else:
            least = int(match[2])
            most = least if not match[3] else None if match[4] is None else int(match[4])
        return Repeat(part, least, most, not match[5], match[0])

    def _atom(self) -> Part:
        char = self.pattern[self.at]
        if char == "(":
            return self._group()
        if char == "[":
            spelling, self.at = character_class(self.pattern, self.at)
            return Atom(spelling)
        if char == "\\":
            return self._escaped()
        self.at += 1
        if char in "*+?{}]":
            raise NullResult(f"“{char}” cannot stand here")
        return Atom(char, anchor=char in "^$")

    def _group(self) -> Part:
        capturing = not self.pattern.startswith("(?:", self.at)
        if capturing and self.pattern.startswith("(?", self.at):
            raise NullResult("this kind of group is not known")
        self.at += 1 if capturing else 3
        number = 0
        if capturing:
            self.groups += 1
            number = self.groups
        inner = self._choice()
        if self._peek() != ")":
            raise NullResult("a bracket is not closed")
        self.at += 1
        self.closed.add(number)
        return Group(number, inner)

    def _escaped(self) -> Part:
        following = self.pattern[self.at + 1 : self.at + 2]
        if not following.isdecimal():
            spelling, self.at = escape(self.pattern, self.at, inside=False)
            return Atom(spelling)
        end = self.at + 2
        while self.pattern[end : end + 1].isdecimal() and int(self.pattern[self.at + 1 : end + 1]) in self.closed:
            end += 1
        number = int(self.pattern[self.at + 1 : end])
        if number not in self.closed or number == 0:
            raise NullResult("a back-reference leads nowhere")
        self.at = end
        self.references = True
        return BackReference(number)


def spelled(part: Part) -> str:
    """A tree without back-references as RE2 reads it."""
    if isinstance(part, Atom):
        return part.spelling
    if isinstance(part, Group):
        return f"({'' if part.number else '?:'}{spelled(part.inner)})"
    if isinstance(part, Sequence):
        return "".join(spelled(each) for each in part.parts)
    if isinstance(part, Choice):
        return "|".join(spelled(each) for each in part.options)
    if isinstance(part, Repeat):
        return spelled(part.inner) + part.spelling
    raise NullResult("a back-reference")
