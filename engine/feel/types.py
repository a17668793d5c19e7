"""FEEL types: membership (`instance of`) and the implicit conversions of DMN 1.5, 10.3.2.9.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.feel.environment import Environment
from engine.feel.nodes import TypeNode
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.values import Function, Range, at_midnight


class Type:
    """Any type; this class itself is `Any`."""

    name = "Any"

    def is_instance(self, value: Any) -> bool:
        """Whether a value that stands alone is of this type: null is not."""
        return value is not None and self.accepts(value)

    def accepts(self, value: Any) -> bool:
        """Whether a value inside another may stand where this type is asked for: null may."""
        return True


class Simple(Type):
    """A type that one Python class stands for."""

    def __init__(self, name: str, kind: type) -> None:
        self.name, self.kind = name, kind

    def accepts(self, value: Any) -> bool:
        """By class."""
        return value is None or (isinstance(value, self.kind) and (self.kind is bool or not isinstance(value, bool)))


class NullType(Type):
    """The type of null."""

    name = "Null"

    def is_instance(self, value: Any) -> bool:
        """Null alone."""
        return value is None

    accepts = is_instance


class ListOf(Type):
    """`list<T>`."""

    name = "list"

    def __init__(self, element: Type) -> None:
        self.element = element

    def accepts(self, value: Any) -> bool:
        """A list whose items are all of the element type."""
        return value is None or (isinstance(value, list) and all(self.element.accepts(item) for item in value))


class RangeOf(Type):
    """`range<T>`."""

    name = "range"

    def __init__(self, element: Type) -> None:
        self.element = element

    def accepts(self, value: Any) -> bool:
        """A range whose ends are of the element type."""
        if value is None:
            return True
        return isinstance(value, Range) and self.element.accepts(value.start) and self.element.accepts(value.end)


class ContextOf(Type):
    """`context<a: T>`: further entries may be there."""

    name = "context"

    def __init__(self, members: Mapping[str, Type]) -> None:
        self.members = members

    def accepts(self, value: Any) -> bool:
        """A context that has each member, of its type."""
        if value is None:
            return True
        return isinstance(value, dict) and all(
            name in value and member.accepts(value[name]) for name, member in self.members.items()
        )


class FunctionOf(Type):
    """`function<A, B> -> R`. What a body returns is not known before it runs, so `instance of` does not ask for R."""

    name = "function"

    def __init__(self, params: Sequence[Type] | None = None, result: Type | None = None) -> None:
        self.params, self.result = params, result

    def accepts(self, value: Any) -> bool:
        """A function of as many parameters."""
        if value is None:
            return True
        return isinstance(value, Function) and (self.params is None or len(value.params) == len(self.params))


ANY = Type()
BASE_TYPES: dict[str, Type] = {
    "Any": ANY,
    "Null": NullType(),
    "number": Simple("number", Decimal),
    "string": Simple("string", str),
    "boolean": Simple("boolean", bool),
    "date": Simple("date", Date),
    "time": Simple("time", Time),
    "date and time": Simple("date and time", DateTime),
    "days and time duration": Simple("days and time duration", DaysTimeDuration),
    "years and months duration": Simple("years and months duration", YearsMonthsDuration),
    "list": ListOf(ANY),
    "context": ContextOf({}),
    "range": RangeOf(ANY),
    "function": FunctionOf(),
}
# Spellings of typeRef in DMN files of the older versions.
BASE_TYPES |= {
    "any": ANY,
    "dateTime": BASE_TYPES["date and time"],
    "dayTimeDuration": BASE_TYPES["days and time duration"],
    "yearMonthDuration": BASE_TYPES["years and months duration"],
}


def resolve(node: TypeNode, env: Environment) -> Type | None:
    """The type that a syntax node names; None when there is no such type."""
    if isinstance(node.resolved, Type):
        return node.resolved
    if node.kind == "named":
        found = env.types.get(node.name)
        return found if isinstance(found, Type) else BASE_TYPES.get(node.name)
    parts = [resolve(part, env) for part in node.parts]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if node.kind == "list":
        return ListOf(known[0])
    if node.kind == "range":
        return RangeOf(known[0])
    if node.kind == "context":
        return ContextOf(dict(zip(node.names, known, strict=True)))
    return FunctionOf(known[:-1], known[-1])


def coerce(value: Any, wanted: Type) -> Any:
    """The value as the wanted type: itself, its only item, a list of it, or a date's midnight; else None."""
    if value is None or wanted.accepts(value):
        return value
    if isinstance(value, Date) and wanted.accepts(at_midnight(value)):
        return at_midnight(value)
    if isinstance(value, list) and len(value) == 1 and wanted.accepts(value[0]):
        return value[0]
    if not isinstance(value, list) and wanted.accepts([value]):
        return [value]
    return None
