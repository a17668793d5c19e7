"""Walking a syntax tree, for whoever asks what an expression uses."""

from __future__ import annotations

from collections.abc import Iterator as Yields
from dataclasses import fields

from engine.feel.nodes import Iterator, Node, TypeNode


def walk(node: Node) -> Yields[Node]:
    """The node and everything below it."""
    pending: list[object] = [node]
    while pending:
        found = pending.pop()
        if isinstance(found, list | tuple):
            pending.extend(found)
        elif isinstance(found, Node | Iterator) and not isinstance(found, TypeNode):
            if isinstance(found, Node):
                yield found
            pending.extend(getattr(found, field.name) for field in fields(found))
