"""The syntax tree of FEEL: one small class per construct."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Node:
    """Any part of an expression."""


@dataclass(slots=True)
class Literal(Node):
    """A number, string, boolean, null or @-literal."""

    value: Any


@dataclass(slots=True)
class Name(Node):
    """A variable, function or `?` (the input of a unary test)."""

    name: str


@dataclass(slots=True)
class Negation(Node):
    """Arithmetic minus."""

    operand: Node


@dataclass(slots=True)
class Arithmetic(Node):
    """A left-associative chain of operators of one precedence."""

    first: Node
    rest: list[tuple[str, Node]]


@dataclass(slots=True)
class Comparison(Node):
    """`=`, `!=`, `<`, `<=`, `>`, `>=`."""

    op: str
    left: Node
    right: Node


@dataclass(slots=True)
class Logic(Node):
    """A chain of `and`, or of `or`."""

    op: str
    operands: list[Node]


@dataclass(slots=True)
class Between(Node):
    """`value between low and high`."""

    value: Node
    low: Node
    high: Node


@dataclass(slots=True)
class In(Node):
    """`value in test` or `value in (test, test)`."""

    value: Node
    tests: list[Node]


@dataclass(slots=True)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: TypeNode


@dataclass(slots=True)
class If(Node):
    """`if condition then yes else no`."""

    condition: Node
    yes: Node
    no: Node


@dataclass(slots=True)
class Iterator:
    """`name in source`, or `name in source..end`."""

    name: str
    source: Node
    end: Node | None


@dataclass(slots=True)
class For(Node):
    """`for ... return body`."""

    iterators: list[Iterator]
    body: Node


@dataclass(slots=True)
class Quantified(Node):
    """`some` or `every ... satisfies condition`."""

    every: bool
    iterators: list[Iterator]
    condition: Node


@dataclass(slots=True)
class FunctionDefinition(Node):
    """`function(a: number) body`; `external` for `function(a) external {...}`."""

    params: list[tuple[str, TypeNode | None]]
    body: Node
    external: bool = False


@dataclass(slots=True)
class ContextLiteral(Node):
    """`{key: value}`."""

    entries: list[tuple[str, Node]]


@dataclass(slots=True)
class ListLiteral(Node):
    """`[a, b]`."""

    items: list[Node]


@dataclass(slots=True)
class RangeLiteral(Node):
    """`[a..b]` and its open forms."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(slots=True)
class UnaryComparison(Node):
    """`< 10`: a test of the input, or a range value."""

    op: str
    endpoint: Node


@dataclass(slots=True)
class UnaryTests(Node):
    """A table cell: alternatives, perhaps inside `not(...)`; no tests at all is `-`."""

    tests: list[Node]
    negated: bool = False


@dataclass(slots=True)
class Call(Node):
    """A function invocation with arguments by position or by name."""

    function: Node
    args: list[Node]
    names: list[str] | None = None


@dataclass(slots=True)
class Path(Node):
    """`base.name`."""

    base: Node
    name: str


@dataclass(slots=True)
class Filter(Node):
    """`base[condition]`."""

    base: Node
    condition: Node


@dataclass(slots=True)
class TypeNode:
    """A type in `instance of` or of a parameter. `kind`: named, list, range, context or function.

    `resolved`: the `types.Type` itself, where a model has looked it up already.
    """

    kind: str
    name: str = ""
    parts: tuple[TypeNode, ...] = ()
    names: tuple[str, ...] = ()
    resolved: Any = None
