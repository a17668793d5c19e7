"""Readers of old state formats: each turns what its format holds into what the next one would. They stay for ever.

"1": a timer kept [due, firings left, text, missed]. "2": it keeps its anchor and number too (cycles.Firing).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Document = dict[str, Any]
Rows = list[Any]


def _tokens_from_1(rows: Rows) -> None:
    for row in rows:
        timer = row[4].get("t")
        if timer is not None:
            row[4]["t"] = [*timer, timer[0], 0]  # counted on from the firing that is ahead


def _frames_from_1(rows: Rows) -> None:
    for row in rows:
        _tokens_from_1(row[4])


def from_1(main: Document, chunks: list[Rows]) -> None:
    """Format "1" to "2", in place."""
    _frames_from_1(main["f"])
    for tokens, frames, _ in chunks:
        _tokens_from_1(tokens)
        _frames_from_1(frames)


READERS: Mapping[bytes, tuple[bytes, Callable[[Document, list[Rows]], None]]] = MappingProxyType({b"1": (b"2", from_1)})
"""Format -> the one after it, and who turns main document and chunks into it."""
