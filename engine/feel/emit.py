"""The table from syntax nodes to the functions that turn them into closures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine.feel.errors import FeelSyntaxError
from engine.feel.frame import Run
from engine.feel.nodes import Node

_EMITTERS: dict[type[Node], Callable[[Any], Run]] = {}
Emitter = TypeVar("Emitter", bound=Callable[[Any], Run])


def emits(kind: type[Node]) -> Callable[[Emitter], Emitter]:
    """Register the function that compiles nodes of that class."""

    def register(emitter: Emitter) -> Emitter:
        _EMITTERS[kind] = emitter
        return emitter

    return register


def emit(node: Node) -> Run:
    """The closure of a node."""
    try:
        return _EMITTERS[node.__class__](node)
    except RecursionError:
        raise FeelSyntaxError("The expression is nested too deeply") from None
