"""Readers of old state formats: each turns what its format holds into what the next one would. They stay for ever.

"1": a timer kept [due, firings left, text, missed]. "2": it keeps its anchor and number too (cycles.Firing).
Of a chunk the ids were listed, now they are ranges; a sequential loop kept all its items, now those to come.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from engine.bpmn.cold import ranges_of

Document = dict[str, Any]
Rows = list[Any]


def _tokens_from_1(rows: Rows) -> None:
    for row in rows:
        timer = row[4].get("t")
        if timer is not None:
            row[4]["t"] = [*timer, timer[0], 0]  # counted on from the firing that is ahead
        loop = row[4].get("m", {})
        if "items" in loop:
            loop["items"] = loop["items"][: loop["done"] : -1]


def _frames_from_1(rows: Rows) -> None:
    for row in rows:
        _tokens_from_1(row[4])


def from_1(main: Document, chunks: list[Rows]) -> None:
    """Format "1" to "2", in place."""
    _frames_from_1(main["f"])
    for chunk in main.get("k", ()):
        chunk[1] = ranges_of(chunk[1])
    for tokens, frames, _ in chunks:
        _tokens_from_1(tokens)
        _frames_from_1(frames)


READERS: Mapping[bytes, tuple[bytes, Callable[[Document, list[Rows]], None]]] = MappingProxyType({b"1": (b"2", from_1)})
"""Format -> the one after it, and who turns main document and chunks into it."""
