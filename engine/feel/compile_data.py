"""Closures for lists, contexts, ranges, paths, filters and function calls."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.builtins import BUILTINS
from engine.feel.codec import FOREIGN, from_python
from engine.feel.compile_operators import function_named
from engine.feel.emit import emit, emits
from engine.feel.environment import Environment
from engine.feel.frame import Frame, Run
from engine.feel.nodes import Call, ContextLiteral, Filter, ListLiteral, Name, Path, RangeLiteral
from engine.feel.numbers import integer
from engine.feel.properties import property_of
from engine.feel.values import Function, Range, compare, mismatch


@emits(ListLiteral)
def list_literal(node: ListLiteral) -> Run:
    """A list."""
    items = [emit(item) for item in node.items]
    cost = 1 + len(items) // 8

    def run(frame: Frame) -> list[Any]:
        frame.env.charge(cost)
        return [item(frame) for item in items]

    return run


@emits(ContextLiteral)
def context_literal(node: ContextLiteral) -> Run:
    """A context; each entry sees those before it, and functions see all of it. A key given twice makes it null."""
    entries = [(key, emit(value)) for key, value in node.entries]
    doubled = len({key for key, _ in entries}) < len(entries)

    def run(frame: Frame) -> dict[str, Any] | None:
        if doubled:
            frame.env.warn("context: a key is given twice")
            return None
        frame.env.charge(2 + len(entries))
        values: dict[str, Any] = {}
        inner = Frame(values, frame.env, frame)
        for key, value in entries:
            values[key] = value(inner)
        return values

    return run


@emits(RangeLiteral)
def range_literal(node: RangeLiteral) -> Run:
    """A range, if its ends can be ordered."""
    start, end = emit(node.start), emit(node.end)
    first, last = node.start_included, node.end_included

    def run(frame: Frame) -> Range | None:
        low, high = start(frame), end(frame)
        if low is not None and high is not None and compare(low, high, frame.env) is None:
            return None
        if (low is None and (first or high is None)) or (high is None and last):
            frame.env.warn("range: an included end is null")
            return None
        return Range(low, high, first, last)

    return run


@emits(Path)
def path(node: Path) -> Run:
    """A member of a context, of each context of a list, or a property of a value."""
    base, name = emit(node.base), node.name
    return lambda frame: step_into(base(frame), name, frame.env)


def step_into(value: Any, name: str, env: Environment) -> Any:
    """`value.name`; a list gives the list of its items' members."""
    if isinstance(value, dict):
        if name not in value:
            env.warn(f"context: no entry “{name}”")
            return None
        found = value[name]
        return from_python(found) if found.__class__ in FOREIGN else found
    if isinstance(value, list):
        env.charge(1 + len(value))
        return [step_into(item, name, env) for item in value]
    return property_of(value, name, env)


@emits(Filter)
def filtering(node: Filter) -> Run:
    """By position when the condition is a number, else the items for which it is true."""
    base, condition = emit(node.base), emit(node.condition)

    def run(frame: Frame) -> Any:
        value = base(frame)
        if value is None:
            frame.env.warn("filter: nothing to filter")
            return None
        return _filter(value if isinstance(value, list) else [value], condition, frame)

    return run


def _filter(items: list[Any], condition: Run, frame: Frame) -> Any:
    if not items:
        return None if isinstance(_quietly(condition, frame), Decimal) else []
    kept = []
    for position, item in enumerate(items):
        frame.env.charge()
        found = condition(_item_frame(item, frame))
        if found is True:
            kept.append(item)
        elif position == 0 and isinstance(found, Decimal):
            return _at(items, found, frame.env)
        elif found is not None and found is not False:
            return mismatch(frame.env, "filter", found)
    return kept


def _quietly(condition: Run, frame: Frame) -> Any:
    """The condition without an item: only its type matters, so what it complains about does not."""
    known = len(frame.env.warnings)
    found = condition(frame)
    del frame.env.warnings[known:]
    return found


def _item_frame(item: Any, frame: Frame) -> Frame:
    inner = Frame({"item": item}, frame.env, frame)
    return Frame(item, frame.env, inner) if isinstance(item, dict) else inner


def _at(items: list[Any], position: Decimal, env: Environment) -> Any:
    index = integer(position)
    if index is None or index == 0 or abs(index) > len(items):
        env.warn("filter: no such position")
        return None
    return items[index - 1 if index > 0 else index]


@emits(Call)
def call(node: Call) -> Run:
    """A function call; what is no function gives null."""
    function = _callable(node)
    args = [emit(arg) for arg in node.args]
    names = node.names

    def run(frame: Frame) -> Any:
        found = function(frame)
        values = [arg(frame) for arg in args]
        if not isinstance(found, Function):
            frame.env.warn("call: this is no function")
            return None
        if names is None:
            return found.call(frame.env, values)
        if len(set(names)) < len(names):
            frame.env.warn("call: a parameter is given twice")
            return None
        return found.call_named(frame.env, dict(zip(names, values, strict=True)))

    return run


def _callable(node: Call) -> Run:
    """What is called: for a name, the nearest function of that name."""
    if not isinstance(node.function, Name):
        return emit(node.function)
    wanted = node.function.name
    builtin = BUILTINS.get(wanted)

    def find(frame: Frame) -> Any:
        found: Frame | None = frame
        while found is not None:
            if wanted in found.variables:
                value = found.variables[wanted]
                if isinstance(value, Function):
                    return value
            found = found.parent
        if builtin is not None and wanted not in frame.env.functions:
            return builtin
        return function_named(wanted, frame.env)

    return find
