"""Reading tokens: the parser's position, its keywords, and names that hold spaces or operators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import Tokens, words
from engine.feel.nodes import Node

# `of` and `external` are ordinary words except where the grammar asks for them.
KEYWORDS = frozenset(("and", "or", "between", "in", "instance", "if", "then", "else", "for", "return"))
KEYWORDS |= {"some", "every", "satisfies", "true", "false", "null", "function"}
Names = dict[str, list[tuple[str, ...]]]


def index_names(names: Iterable[str], into: Names | None = None) -> Names:
    """Names of several tokens by their first token, longest first."""
    index: Names = {} if into is None else into
    for name in names:
        parts = words(name)
        if len(parts) > 1:
            known = index.setdefault(parts[0], [])
            if parts not in known:
                known.append(parts)
                known.sort(key=len, reverse=True)
    return index


class Cursor:
    """A position in the tokens, with the names known so far."""

    builtin_names: ClassVar[Names] = {}

    def __init__(self, text: str, names: Iterable[str] = ()) -> None:
        tokens = Tokens(text)
        self.source = text
        self.kinds, self.texts, self.positions = tokens.kinds, tokens.texts, tokens.positions
        self.at = 0
        self.known: Names = index_names(names)
        self.spelling: dict[tuple[str, ...], str] = {words(name): name for name in names}

    def fail(self, reason: str) -> FeelSyntaxError:
        """The error to raise at the present token."""
        return FeelSyntaxError(reason, self.source, self.positions[self.at])

    def is_op(self, text: str) -> bool:
        """Whether the present token is that operator or keyword."""
        return self.texts[self.at] == text and self.kinds[self.at] in {"op", "name"}

    def accept(self, text: str) -> bool:
        """Step over that operator or keyword if it is here."""
        if self.texts[self.at] == text and self.kinds[self.at] in {"op", "name"}:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Step over that operator or keyword or fail."""
        if not self.accept(text):
            raise self.fail(f"Expected “{text}”")

    def expression(self, level: int = 0) -> Node:
        """Parse an expression (the operators' part of the parser provides it)."""
        raise NotImplementedError

    def declare(self, name: str) -> None:
        """Make a name met in the text (context key, parameter, iterator) known from here on."""
        parts = words(name)
        if len(parts) > 1:
            index_names([name], self.known)
            self.spelling[parts] = name

    def _longest(self, index: Names, at: int) -> int:
        """How many tokens from `at` spell a known name; 0 when none."""
        for parts in index.get(self.texts[at], ()):
            if tuple(self.texts[at : at + len(parts)]) == parts and "string" not in self.kinds[at : at + len(parts)]:
                return len(parts)
        return 0

    def name(self) -> str:
        """The longest name that starts here: declared, built in, or words that follow each other."""
        start = self.at
        length = max(self._longest(self.known, start) if self.known else 0, self._builtin_length(start))
        if length:
            self.at += length
            parts = tuple(self.texts[start : self.at])
            return self.spelling.get(parts) or " ".join(parts)
        if self.kinds[start] != "name":
            raise self.fail("Expected a name")
        self.at += 1
        while self._joins():
            self.at += 1
        return " ".join(self.texts[start : self.at])

    def _builtin_length(self, start: int) -> int:
        length = self._longest(self.builtin_names, start)
        if length and any(word in KEYWORDS for word in self.texts[start : start + length]):
            return length if self.texts[start + length] == "(" else 0
        return length

    def _joins(self) -> bool:
        """A further word or number cannot follow a name in FEEL, so it belongs to it."""
        kind = self.kinds[self.at]
        return (kind == "name" and self.texts[self.at] not in KEYWORDS and self.texts[self.at] != "?") or (
            kind == "number" and self.texts[self.at].isdigit()
        )

    def words_until(self, *stops: str) -> str:
        """All tokens up to one of `stops`, as one name: a context key, a parameter, an iterator."""
        start = self.at
        while self.texts[self.at] not in stops or self.kinds[self.at] == "string":
            if self.kinds[self.at] in {"end", "string"} or self.texts[self.at] in {"(", ")", "[", "]", "{", "}", ","}:
                raise self.fail("Expected a name")
            self.at += 1
        if start == self.at or self.kinds[start] != "name":
            raise self.fail("Expected a name")
        return self._spell(start, self.at)

    def _spell(self, start: int, end: int) -> str:
        """The tokens as they were written, runs of space as one."""
        last = self.positions[end - 1] + len(self.texts[end - 1])
        return " ".join(self.source[self.positions[start] : last].split())
