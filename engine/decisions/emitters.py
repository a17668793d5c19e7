"""Closures for the nodes that DMN adds to FEEL: typed values, boxed contexts, decision tables."""

from __future__ import annotations

from typing import Any

from engine.decisions.items import conform
from engine.decisions.model import BoxedContext, Broken, Table, Typed
from engine.decisions.table import CompiledTable
from engine.feel.emit import emit, emits
from engine.feel.frame import Frame, Run
from engine.feel.types import Type


@emits(Typed)
def typed(node: Typed) -> Run:
    """The value converted to its type, or null."""
    value, wanted = emit(node.value), node.type.resolved
    if not isinstance(wanted, Type):
        return value
    return lambda frame: conform(value(frame), wanted, frame.env, node.type.name)


@emits(Broken)
def broken(node: Broken) -> Run:
    """Null, with the reason."""

    def run(frame: Frame) -> None:
        frame.env.warn(node.reason)

    return run


@emits(BoxedContext)
def boxed_context(node: BoxedContext) -> Run:
    """A context whose entries see those before; with a result, that result."""
    entries = [(name, emit(value)) for name, value in node.entries]
    result = None if node.result is None else emit(node.result)

    def run(frame: Frame) -> Any:
        values: dict[str, Any] = {}
        inner = Frame(values, frame.env, frame)
        for name, value in entries:
            if name in values:
                frame.env.warn("context: an entry is given twice")
                return None
            values[name] = value(inner)
        return values if result is None else result(inner)

    return run


@emits(Table)
def table(node: Table) -> Run:
    """A decision table."""
    return CompiledTable(node).run
