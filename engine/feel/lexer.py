"""FEEL text to tokens: kinds, texts and positions in three parallel lists."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.feel.errors import FeelSyntaxError

MAX_SOURCE = 30_000
_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_TOKEN = re.compile(
    rf"""(?P<space>[\s\u0085\u180E\u200B\uFEFF]+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)
    |(?P<name>[{_START}][{_START}0-9\u00B7\u0300-\u036F\u203F-\u2040]*)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<op>\*\*|<=|>=|!=|\.\.|->|[-+*/=<>()\[\]{{}},:.@'|])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "'": "'", '"': '"', "\\": "\\"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")


class Tokens:
    """The tokens of one text; the last one has the kind `end`."""

    __slots__ = ("kinds", "positions", "text", "texts")

    def __init__(self, text: str) -> None:
        if len(text) > MAX_SOURCE:
            raise FeelSyntaxError("The expression is too long")
        self.text = text
        self.kinds: list[str] = []
        self.texts: list[str] = []
        self.positions: list[int] = []
        self._scan()

    def _scan(self) -> None:
        text, position, size, match = self.text, 0, len(self.text), _TOKEN.match
        while position < size:
            found = match(text, position)
            if found is None:
                raise FeelSyntaxError("Unexpected character", text, position)
            kind = found.lastgroup or ""
            if kind != "space":
                self.kinds.append(kind)
                self.texts.append(found.group())
                self.positions.append(position)
            position = found.end()
        self.kinds.append("end")
        self.texts.append("")
        self.positions.append(size)


@lru_cache(maxsize=2_000)
def words(name: str) -> tuple[str, ...]:
    """A name cut into tokens, the way it is met in a text; empty when it can never be met."""
    try:
        return tuple(Tokens(name).texts[:-1])
    except FeelSyntaxError:
        return ()


def unquote(literal: str) -> str:
    """The text of a string literal; a UTF-16 pair written as two escapes is one character."""
    body = literal[1:-1]
    if "\\" not in body:
        return body
    text = _ESCAPE.sub(_escaped, body)
    text = _SURROGATES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
    return _LONE.sub("\ufffd", text)


def _escaped(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return _SIMPLE.get(escape, match[0])
