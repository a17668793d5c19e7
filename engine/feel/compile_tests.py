"""Closures for `in` and for table cells: comparisons and intervals against the input `?`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel.emit import emit, emits
from engine.feel.environment import Environment
from engine.feel.frame import Frame, Run
from engine.feel.nodes import (
    Between,
    Comparison,
    In,
    InstanceOf,
    Logic,
    Name,
    Node,
    Quantified,
    RangeLiteral,
    UnaryComparison,
    UnaryTests,
)
from engine.feel.values import Range, compare, equal, member
from engine.feel.walk import walk

Test = Callable[[Any, Frame], bool | None]
_BOOLEAN_SHAPES = (Comparison, Logic, Between, In, InstanceOf, Quantified)
_ACCEPTED = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (1, 0)}


@emits(UnaryComparison)
def unary_comparison(node: UnaryComparison) -> Run:
    """Outside a test, `< 10` is a range."""
    endpoint, op = emit(node.endpoint), node.op
    return lambda frame: Range.of(op, endpoint(frame))


@emits(In)
def membership(node: In) -> Run:
    """`value in tests`: true when any holds."""
    value, tests = emit(node.value), [to_test(test) for test in node.tests]

    def run(frame: Frame) -> bool | None:
        found = value(frame)
        return _any(tests, found, Frame({"?": found}, frame.env, frame))

    return run


@emits(UnaryTests)
def unary_tests(node: UnaryTests) -> Run:
    """A table cell; `-` is always true."""
    tests, negated = [to_test(test) for test in node.tests], node.negated
    if not tests:
        return lambda frame: True

    def run(frame: Frame) -> bool | None:
        result = _any(tests, frame.variables["?"], frame)
        return result if not negated or result is None else not result

    return run


def _any(tests: list[Test], value: Any, frame: Frame) -> bool | None:
    result: bool | None = False
    for test in tests:
        found = test(value, frame)
        if found is True:
            return True
        if found is None:
            result = None
    return result


def to_test(node: Node) -> Test:
    """The test that a node makes of a value (DMN 1.5, 7.3.3 and 10.3.2.5)."""
    if isinstance(node, UnaryComparison):
        return _comparison(node.op, emit(node.endpoint))
    run = emit(node)
    if any(isinstance(part, Name) and part.name == "?" for part in walk(node)):
        return lambda value, frame: _asked(run(frame), value, frame.env)
    if isinstance(node, _BOOLEAN_SHAPES):
        return lambda value, frame: _boolean(run(frame))
    if isinstance(node, RangeLiteral):
        return lambda value, frame: _in_range(value, run(frame), frame.env)
    return lambda value, frame: _plain(value, run(frame), frame.env)


def _comparison(op: str, endpoint: Run) -> Test:
    if op in {"=", "!="}:

        def test_equal(value: Any, frame: Frame) -> bool | None:
            same = equal(value, endpoint(frame), frame.env)
            return same if op == "=" or same is None else not same

        return test_equal
    accepted = _ACCEPTED[op]

    def test_order(value: Any, frame: Frame) -> bool | None:
        order = compare(value, endpoint(frame), frame.env)
        return None if order is None else order in accepted

    return test_order


def _boolean(result: Any) -> bool | None:
    return result if isinstance(result, bool) else None


def _asked(result: Any, value: Any, env: Environment) -> bool | None:
    """An expression that names `?` answers itself; if it answers no boolean, the input must be in its value."""
    if isinstance(result, bool) or result is None:
        return result
    return member(value, result, env)


def _in_range(value: Any, test: Any, env: Environment) -> bool | None:
    """An interval that does not exist holds nothing for sure."""
    return None if test is None else member(value, test, env)


def _plain(value: Any, test: Any, env: Environment) -> bool | None:
    """An expression without `?`: the value must equal or be in it; a boolean decides for other kinds of input."""
    if isinstance(test, bool) and value is not None and not isinstance(value, bool | list):
        return test
    return member(value, test, env)
