"""Character classes and escapes of XPath regular expressions, as RE2 spells them."""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache

from engine.feel.errors import NullResult

Ranges = tuple[tuple[int, int], ...]
LAST = sys.maxunicode
# Names of blocks without spaces (XML Schema 2, F.1.1): those that names and papers are written in.
BLOCKS: dict[str, tuple[int, int]] = {
    "BasicLatin": (0x0, 0x7F), "Latin-1Supplement": (0x80, 0xFF), "LatinExtended-A": (0x100, 0x17F),
    "LatinExtended-B": (0x180, 0x24F), "IPAExtensions": (0x250, 0x2AF), "SpacingModifierLetters": (0x2B0, 0x2FF),
    "CombiningDiacriticalMarks": (0x300, 0x36F), "Greek": (0x370, 0x3FF), "GreekandCoptic": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF), "Armenian": (0x530, 0x58F), "Hebrew": (0x590, 0x5FF), "Arabic": (0x600, 0x6FF),
    "Syriac": (0x700, 0x74F), "Thaana": (0x780, 0x7BF), "Devanagari": (0x900, 0x97F), "Bengali": (0x980, 0x9FF),
    "Gurmukhi": (0xA00, 0xA7F), "Gujarati": (0xA80, 0xAFF), "Oriya": (0xB00, 0xB7F), "Tamil": (0xB80, 0xBFF),
    "Telugu": (0xC00, 0xC7F), "Kannada": (0xC80, 0xCFF), "Malayalam": (0xD00, 0xD7F), "Sinhala": (0xD80, 0xDFF),
    "Thai": (0xE00, 0xE7F), "Lao": (0xE80, 0xEFF), "Tibetan": (0xF00, 0xFFF), "Myanmar": (0x1000, 0x109F),
    "Georgian": (0x10A0, 0x10FF), "HangulJamo": (0x1100, 0x11FF), "Ethiopic": (0x1200, 0x137F),
    "Cherokee": (0x13A0, 0x13FF), "Ogham": (0x1680, 0x169F), "Runic": (0x16A0, 0x16FF), "Khmer": (0x1780, 0x17FF),
    "Mongolian": (0x1800, 0x18AF), "Balinese": (0x1B00, 0x1B7F), "Sundanese": (0x1B80, 0x1BBF),
    "Batak": (0x1BC0, 0x1BFF), "Javanese": (0xA980, 0xA9DF), "Buginese": (0x1A00, 0x1A1F),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF), "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F), "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF), "LetterlikeSymbols": (0x2100, 0x214F), "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF), "MathematicalOperators": (0x2200, 0x22FF), "MiscellaneousTechnical": (0x2300, 0x23FF),
    "BoxDrawing": (0x2500, 0x257F), "BlockElements": (0x2580, 0x259F), "GeometricShapes": (0x25A0, 0x25FF),
    "MiscellaneousSymbols": (0x2600, 0x26FF), "Dingbats": (0x2700, 0x27BF), "Hiragana": (0x3040, 0x309F),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F), "Katakana": (0x30A0, 0x30FF), "Bopomofo": (0x3100, 0x312F),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF), "HangulSyllables": (0xAC00, 0xD7A3),
    "PrivateUse": (0xE000, 0xF8FF), "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}  # fmt: skip
_NAME_START: Ranges = (
    (0x3A, 0x3A), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF), (0x370, 0x37D),
    (0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF), (0x3001, 0xD7FF), (0xF900, 0xFDCF),
    (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF),
)  # fmt: skip
_NAME_CHAR: Ranges = (*_NAME_START, (0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))
_SPACE: Ranges = ((0x9, 0xA), (0xD, 0xD), (0x20, 0x20))
_CONTROLS = {"n": 0xA, "r": 0xD, "t": 0x9}
# `\w` is everything but punctuation, separators and others.
_CATEGORIES = {"d": ("Nd",), "w": ("L", "M", "N", "S")}


def complement(ranges: Ranges) -> Ranges:
    """All other code points."""
    out, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            out.append((start, low - 1))
        start = max(start, high + 1)
    return (*out, (start, LAST)) if start <= LAST else tuple(out)


def without(ranges: Ranges, removed: Ranges) -> Ranges:
    """The code points of the first that are not in the second."""
    return complement((*complement(ranges), *removed))


@lru_cache(maxsize=64)
def of_category(names: tuple[str, ...]) -> Ranges:
    """Code points whose general category starts with one of the names."""
    out: list[tuple[int, int]] = []
    for code in range(LAST + 1):
        if unicodedata.category(chr(code)).startswith(names):
            if out and out[-1][1] == code - 1:
                out[-1] = (out[-1][0], code)
            else:
                out.append((code, code))
    return tuple(out)


def _spelled(ranges: Ranges) -> str:
    return "".join(f"\\x{{{low:X}}}" + (f"-\\x{{{high:X}}}" if high > low else "") for low, high in ranges)


def _property(pattern: str, at: int) -> tuple[str, int]:
    """The name in `\\p{name}` and where it ends."""
    end = pattern.find("}", at)
    if pattern[at + 2 : at + 3] != "{" or end < 0:
        raise NullResult("a property has no name")
    return pattern[at + 3 : end], end + 1


def _set_of(letter: str, name: str) -> tuple[str, Ranges]:
    """RE2's spelling inside a class (empty when it has none), and code points, of an escape in small letters."""
    if letter == "p" and name.startswith("Is"):
        if name[2:] not in BLOCKS:
            raise NullResult(f"the block {name[2:]} is not known")
        return "", (BLOCKS[name[2:]],)
    if letter == "p":
        if not 1 <= len(name) <= 2 or name[0] not in "LMNPZSC":
            raise NullResult(f"the category {name} is not known")
        return f"\\p{{{name}}}", ()
    if letter in _CATEGORIES:
        return "".join(f"\\p{{{each}}}" for each in _CATEGORIES[letter]), ()
    return "", {"s": _SPACE, "i": _NAME_START, "c": _NAME_CHAR}[letter]


def escape(pattern: str, at: int, inside: bool) -> tuple[str, int]:
    """RE2's spelling of the escape at `at`, and where it ends."""
    char = pattern[at + 1 : at + 2]
    if char and char in "pPdDwWsSiIcC":
        name, end = _property(pattern, at) if char in "pP" else ("", at + 2)
        spelling, ranges = _set_of(char.lower(), name)
        if inside and char.isupper():
            return (f"\\P{{{name}}}" if spelling and char == "P" else _spelled(_points(char, name))), end
        if inside:
            return spelling or _spelled(ranges), end
        return f"[{'^' if char.isupper() else ''}{spelling or _spelled(ranges)}]", end
    if char in _CONTROLS or (char and char.isascii() and not char.isalnum() and char.isprintable()):
        return f"\\{char}", at + 2
    raise NullResult(f"the escape \\{char} is not known")


def _points(char: str, name: str) -> Ranges:
    """The code points of a multi-character escape."""
    spelling, ranges = _set_of(char.lower(), name)
    if spelling:
        ranges = of_category((name,) if char in "pP" else _CATEGORIES[char.lower()])
    return complement(ranges) if char.isupper() else ranges


class _ClassReader:
    """Reads one `[...]`, both as a spelling and as code points (the latter only when something is subtracted)."""

    def __init__(self, pattern: str, at: int) -> None:
        self.pattern = pattern
        self.at = at + 1
        self.negated = pattern.startswith("^", self.at)
        self.at += self.negated
        self.spellings: list[str] = []
        self.points: list[tuple[str, str] | tuple[int, int]] = []
        self.removed: Ranges | None = None

    def read(self) -> None:
        """Everything up to the closing bracket."""
        start = self.at
        while True:
            char = self.pattern[self.at : self.at + 1]
            if not char:
                raise NullResult("a character class is not closed")
            if char == "]" and self.at > start:
                self.at += 1
                return
            if self.pattern.startswith("-[", self.at) and self.at > start:
                inner = _ClassReader(self.pattern, self.at + 1)
                inner.read()
                self.removed, self.at = inner.code_points(), inner.at
                if self.pattern[self.at : self.at + 1] != "]":
                    raise NullResult("something follows a subtraction")
                self.at += 1
                return
            self._member(char)

    def _member(self, char: str) -> None:
        following = self.pattern[self.at + 1 : self.at + 2]
        if char == "\\" and following and following in "pPdDwWsSiIcC":
            name = _property(self.pattern, self.at)[0] if following in "pP" else ""
            spelling, self.at = escape(self.pattern, self.at, inside=True)
            self.spellings.append(spelling)
            self.points.append((following, name))
            return
        low = high = self._single()
        if self.pattern[self.at : self.at + 1] == "-" and self.pattern[self.at + 1 : self.at + 2] not in {"]", "[", ""}:
            self.at += 1
            high = self._single()
            if high < low:
                raise NullResult("a range of characters runs backwards")
        self.spellings.append(_spelled(((low, high),)))
        self.points.append((low, high))

    def _single(self) -> int:
        char = self.pattern[self.at : self.at + 1]
        if char == "\\":
            if self.pattern[self.at + 1 : self.at + 2] in set("pPdDwWsSiIcC"):
                raise NullResult("a range of characters ends in many")
            escape(self.pattern, self.at, inside=True)
            char = self.pattern[self.at + 1]
            self.at += 2
            return _CONTROLS.get(char, ord(char))
        if char in {"[", ""}:
            raise NullResult("a bracket in a character class must be escaped")
        self.at += 1
        return ord(char)

    def code_points(self) -> Ranges:
        """The members, with negation and subtraction done."""
        found: list[tuple[int, int]] = []
        for one, other in self.points:
            if isinstance(one, str) and isinstance(other, str):
                found.extend(_points(one, other))
            elif isinstance(one, int) and isinstance(other, int):
                found.append((one, other))
        ranges = complement(tuple(found)) if self.negated else tuple(found)
        return ranges if self.removed is None else without(ranges, self.removed)


def character_class(pattern: str, at: int) -> tuple[str, int]:
    """RE2's spelling of the class at `at`, and where it ends."""
    reader = _ClassReader(pattern, at)
    reader.read()
    if reader.removed is None:
        return f"[{'^' if reader.negated else ''}{''.join(reader.spellings)}]", reader.at
    points = reader.code_points()
    if not points:
        raise NullResult("a character class is empty")
    return f"[{_spelled(points)}]", reader.at
