"""Closures for literals, names, arithmetic, comparison, logic, `if`, `between` and `instance of`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.arithmetic import OPERATIONS, negate
from engine.feel.builtins import BUILTINS, host_function
from engine.feel.codec import FOREIGN, from_python
from engine.feel.emit import emit, emits
from engine.feel.environment import Environment
from engine.feel.frame import MISSING, Frame, Run
from engine.feel.nodes import (
    Arithmetic,
    Between,
    Comparison,
    If,
    InstanceOf,
    Literal,
    Logic,
    Name,
    Negation,
)
from engine.feel.types import resolve
from engine.feel.values import compare, equal

_SIMPLE = frozenset((Decimal, str))


@emits(Literal)
def literal(node: Literal) -> Run:
    """A constant."""
    value = node.value
    return lambda frame: value


@emits(Name)
def name(node: Name) -> Run:
    """A variable of the nearest scope, else a function."""
    wanted = node.name

    def run(frame: Frame) -> Any:
        found = frame
        while True:
            variables = found.variables
            if wanted in variables:
                value = variables[wanted]
                return from_python(value) if value.__class__ in FOREIGN else value
            if found.parent is None:
                return function_named(wanted, frame.env)
            found = found.parent

    return run


def function_named(wanted: str, env: Environment) -> Any:
    """A function of the caller or a built-in; null when there is none."""
    found = env.functions.get(wanted, MISSING)
    if found is not MISSING:
        return host_function(wanted, found)
    if wanted in BUILTINS:
        return BUILTINS[wanted]
    env.warn(f"unknown name: {wanted}")
    return None


@emits(Negation)
def negation(node: Negation) -> Run:
    """Minus."""
    operand = emit(node.operand)
    return lambda frame: negate(operand(frame), frame.env)


@emits(Arithmetic)
def arithmetic(node: Arithmetic) -> Run:
    """A chain of one precedence, from the left."""
    first = emit(node.first)
    rest = [(OPERATIONS[op], emit(operand)) for op, operand in node.rest]
    if len(rest) == 1:
        operation, second = rest[0]
        return lambda frame: operation(first(frame), second(frame), frame.env)

    def run(frame: Frame) -> Any:
        value = first(frame)
        for operation, operand in rest:
            value = operation(value, operand(frame), frame.env)
        return value

    return run


@emits(Comparison)
def comparison(node: Comparison) -> Run:
    """Equality or order, three-valued."""
    left, right, op = emit(node.left), emit(node.right), node.op
    if op in {"=", "!="}:
        return _equality(left, right, op == "=")
    return _order(left, right, op)


def _equality(left: Run, right: Run, wanted: bool) -> Run:
    def run(frame: Frame) -> bool | None:
        one, other = left(frame), right(frame)
        if one.__class__ is other.__class__ and one.__class__ in _SIMPLE:
            return (one == other) is wanted
        same = equal(one, other, frame.env)
        return None if same is None else same is wanted

    return run


def _order(left: Run, right: Run, op: str) -> Run:
    accepted = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (1, 0)}[op]

    def run(frame: Frame) -> bool | None:
        one, other = left(frame), right(frame)
        if one.__class__ is Decimal and other.__class__ is Decimal:
            return ((one > other) - (one < other)) in accepted
        order = compare(one, other, frame.env)
        return None if order is None else order in accepted

    return run


@emits(Logic)
def logic(node: Logic) -> Run:
    """Three-valued `and` and `or`: the deciding operand ends it, anything that is no boolean counts as null."""
    operands = [emit(operand) for operand in node.operands]
    deciding = node.op == "or"
    settled = not deciding

    def run(frame: Frame) -> bool | None:
        result: bool | None = settled
        for operand in operands:
            value = operand(frame)
            if value is deciding:
                return bool(deciding)
            if value is not settled:
                result = None
        return result

    return run


@emits(If)
def conditional(node: If) -> Run:
    """`if`: true takes the first branch, false and null the second; anything else is no condition."""
    condition, yes, no = emit(node.condition), emit(node.yes), emit(node.no)

    def run(frame: Frame) -> Any:
        value = condition(frame)
        if value is not None and value.__class__ is not bool:
            frame.env.warn("if: the condition is no boolean")
            return None
        return yes(frame) if value is True else no(frame)

    return run


@emits(Between)
def between(node: Between) -> Run:
    """Both ends included."""
    value, low, high = emit(node.value), emit(node.low), emit(node.high)

    def run(frame: Frame) -> bool | None:
        found = value(frame)
        above = compare(found, low(frame), frame.env)
        below = compare(found, high(frame), frame.env)
        if above == -1 or below == 1:
            return False
        return None if above is None or below is None else True

    return run


@emits(InstanceOf)
def instance_of(node: InstanceOf) -> Run:
    """Whether the value is of the type; null is of no type but Null."""
    value, wanted = emit(node.value), node.type

    def run(frame: Frame) -> bool | None:
        found = resolve(wanted, frame.env)
        if found is None:
            frame.env.warn("instance of: unknown type")
            return None
        return found.is_instance(value(frame))

    return run
