"""The parts of a decision model as plain data; boxed expressions are FEEL nodes (plus those of this file)."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.feel.nodes import Node, TypeNode


@dataclass(slots=True)
class Typed(Node):
    """An expression whose value must be of a type."""

    value: Node
    type: TypeNode


@dataclass(slots=True)
class Broken(Node):
    """A text that is no FEEL: null when met in a model that was read leniently."""

    reason: str


@dataclass(slots=True)
class BoxedContext(Node):
    """A boxed context; with a `result` it is a scope for it."""

    entries: list[tuple[str, Node]]
    result: Node | None


@dataclass(slots=True)
class Input:
    """An input column. `allowed` is a unary test or None."""

    label: str
    expression: Node
    allowed: Node | None
    text: str = ""
    type_ref: str = ""
    allowed_text: str = ""


@dataclass(slots=True)
class Output:
    """An output column. `allowed` is a list of values in order of priority, or None."""

    name: str
    type: TypeNode | None
    allowed: Node | None
    default: Node | None
    allowed_text: str = ""


@dataclass(slots=True)
class Rule:
    """A row: a unary test per input, an expression per output, and the texts they were made of."""

    id: str
    tests: list[Node]
    outputs: list[Node]
    texts: list[str] = field(default_factory=list)
    output_texts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Table(Node):
    """A decision table. `hit` is U, A, P, F, R, O or C; `aggregation` is +, <, > or # for C."""

    id: str
    name: str
    hit: str
    aggregation: str
    inputs: list[Input]
    outputs: list[Output]
    rules: list[Rule]


@dataclass(slots=True)
class Parameter:
    """A parameter of a function, with its type."""

    name: str
    type: TypeNode | None


@dataclass(slots=True)
class Element:
    """Anything with an id, a name, a type and requirements (as hrefs)."""

    id: str
    name: str
    type: TypeNode | None = None
    requires: list[str] = field(default_factory=list)


@dataclass(slots=True)
class InputData(Element):
    """Data the caller gives."""


@dataclass(slots=True)
class Decision(Element):
    """A decision and its logic."""

    logic: Node | None = None
    question: str = ""


@dataclass(slots=True)
class Knowledge(Element):
    """A business knowledge model: a function."""

    params: list[Parameter] = field(default_factory=list)
    logic: Node | None = None
    external: bool = False


@dataclass(slots=True)
class Service(Element):
    """A decision service: a function from input data and input decisions to output decisions."""

    outputs: list[str] = field(default_factory=list)
    input_decisions: list[str] = field(default_factory=list)
    input_data: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Import:
    """Another model, by namespace, under a name."""

    name: str
    namespace: str


@dataclass(slots=True)
class Model:
    """One file."""

    id: str
    name: str
    namespace: str
    imports: list[Import] = field(default_factory=list)
    elements: dict[str, Element] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
