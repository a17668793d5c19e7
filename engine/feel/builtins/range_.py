"""Built-ins that relate points and ranges (DMN 1.5, Table 78: Allen's algebra), and `range`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.emit import emit
from engine.feel.environment import Environment
from engine.feel.errors import FeelSyntaxError, NullResult
from engine.feel.frame import Frame
from engine.feel.nodes import Call, Literal, Name, Node
from engine.feel.parser import parse
from engine.feel.values import Range, compare


class Order:
    """Comparisons that must have an answer: an end that is null or of another kind makes the result null."""

    def __init__(self, env: Environment) -> None:
        self.env = env

    def of(self, left: Any, right: Any) -> int:
        """-1, 0 or 1."""
        found = compare(left, right, self.env)
        if found is None:
            raise NullResult("the points have no order")
        return found

    def less(self, left: Any, right: Any) -> bool:
        """Whether left is before right."""
        return self.of(left, right) < 0

    def same(self, left: Any, right: Any) -> bool:
        """Whether they are the same point."""
        return self.of(left, right) == 0

    def starts_within(self, start: Any, included: bool, outer: Range) -> bool:
        """Whether a start is not before the outer range's start."""
        found = self.of(start, outer.start)
        return found > 0 or (found == 0 and (outer.start_included or not included))

    def ends_within(self, end: Any, included: bool, outer: Range) -> bool:
        """Whether an end is not after the outer range's end."""
        found = self.of(end, outer.end)
        return found < 0 or (found == 0 and (outer.end_included or not included))

    def holds(self, outer: Range, point: Any) -> bool:
        """Whether the point lies in the range."""
        return self.starts_within(point, True, outer) and self.ends_within(point, True, outer)


Relation = Callable[[Order, Any, Any], bool]


def relation(name: str, *signatures: str) -> Callable[[Relation], Relation]:
    """Declare a relation with its signatures."""

    def register(run: Relation) -> Relation:
        def call(env: Environment, left: Any, right: Any) -> bool:
            return run(Order(env), left, right)

        for params in signatures:
            builtin(name, params, env=True)(call)
        return run

    return register


_RANGES = "range1: range, range2: range"
_POINT_RANGE = "point: any, range: range"
_RANGE_POINT = "range: range, point: any"


@relation("before", _RANGES, _POINT_RANGE, _RANGE_POINT, "point1: any, point2: any")
def before(order: Order, left: Any, right: Any) -> bool:
    """Everything of the left lies before everything of the right."""
    end, end_in = (left.end, left.end_included) if isinstance(left, Range) else (left, True)
    start, start_in = (right.start, right.start_included) if isinstance(right, Range) else (right, True)
    found = order.of(end, start)
    return found < 0 or (found == 0 and not (end_in and start_in))


@relation("after", _RANGES, _POINT_RANGE, _RANGE_POINT, "point1: any, point2: any")
def after(order: Order, left: Any, right: Any) -> bool:
    """Everything of the left lies after everything of the right."""
    return before(order, right, left)


@relation("meets", _RANGES)
def meets(order: Order, left: Range, right: Range) -> bool:
    """The left ends in the very point where the right starts."""
    return left.end_included and right.start_included and order.same(left.end, right.start)


@relation("met by", _RANGES)
def met_by(order: Order, left: Range, right: Range) -> bool:
    """The right meets the left."""
    return meets(order, right, left)


@relation("overlaps", _RANGES)
def overlaps(order: Order, left: Range, right: Range) -> bool:
    """They share a point."""
    return not before(order, left, right) and not before(order, right, left)


def _starts_earlier(order: Order, left: Range, right: Range) -> bool:
    found = order.of(left.start, right.start)
    return found < 0 or (found == 0 and left.start_included and not right.start_included)


@relation("overlaps before", _RANGES)
def overlaps_before(order: Order, left: Range, right: Range) -> bool:
    """The left starts before the right and ends inside of it."""
    reaches = not before(order, left, right)
    within = order.ends_within(left.end, left.end_included, right)
    return _starts_earlier(order, left, right) and reaches and within


@relation("overlaps after", _RANGES)
def overlaps_after(order: Order, left: Range, right: Range) -> bool:
    """The left starts inside of the right and does not end before it."""
    return overlaps_before(order, right, left)


@relation("finishes", _RANGES)
def finishes(order: Order, left: Range, right: Range) -> bool:
    """They end together and the left starts inside."""
    together = left.end_included == right.end_included and order.same(left.end, right.end)
    return together and order.starts_within(left.start, left.start_included, right)


@relation("finishes", _POINT_RANGE)
def finishes_point(order: Order, point: Any, outer: Range) -> bool:
    """The point is the range's included end."""
    return outer.end_included and order.same(point, outer.end)


@relation("finished by", _RANGES)
def finished_by(order: Order, left: Range, right: Range) -> bool:
    """The right finishes the left."""
    return finishes(order, right, left)


@relation("finished by", _RANGE_POINT)
def finished_by_point(order: Order, outer: Range, point: Any) -> bool:
    """The point finishes the range."""
    return finishes_point(order, point, outer)


@relation("includes", _RANGES, _RANGE_POINT)
def includes(order: Order, outer: Range, inner: Any) -> bool:
    """The right lies in the left."""
    if not isinstance(inner, Range):
        return order.holds(outer, inner)
    starts = order.starts_within(inner.start, inner.start_included, outer)
    return starts and order.ends_within(inner.end, inner.end_included, outer)


@relation("during", _RANGES, _POINT_RANGE)
def during(order: Order, inner: Any, outer: Range) -> bool:
    """The left lies in the right."""
    return includes(order, outer, inner)


@relation("starts", _RANGES)
def starts(order: Order, left: Range, right: Range) -> bool:
    """They start together and the left ends inside."""
    together = left.start_included == right.start_included and order.same(left.start, right.start)
    return together and order.ends_within(left.end, left.end_included, right)


@relation("starts", _POINT_RANGE)
def starts_point(order: Order, point: Any, outer: Range) -> bool:
    """The point is the range's included start."""
    return outer.start_included and order.same(point, outer.start)


@relation("started by", _RANGES)
def started_by(order: Order, left: Range, right: Range) -> bool:
    """The right starts the left."""
    return starts(order, right, left)


@relation("started by", _RANGE_POINT)
def started_by_point(order: Order, outer: Range, point: Any) -> bool:
    """The point starts the range."""
    return starts_point(order, point, outer)


@relation("coincides", _RANGES, "point1: any, point2: any")
def coincides(order: Order, left: Any, right: Any) -> bool:
    """They are the same."""
    if not isinstance(left, Range):
        return order.same(left, right)
    included = (left.start_included, left.end_included) == (right.start_included, right.end_included)
    return included and order.same(left.start, right.start) and order.same(left.end, right.end)


_CONSTRUCTORS = frozenset(("date", "time", "date and time", "duration"))


@builtin("range", "from: string", env=True)
def range_of(env: Environment, text: str) -> Range:
    """The range of a text such as `[1..10)`, whose ends are literals; one of them may be missing."""
    body = text.strip()
    if len(body) < 4 or body[0] not in "[](" or body[-1] not in "[])" or ".." not in body:
        raise NullResult("this text is no range")
    low, _, high = (part.strip() for part in body[1:-1].partition(".."))
    first, last = body[0] == "[", body[-1] == "]"
    start, end = _endpoint(low, env), _endpoint(high, env)
    if (start is None and (first or end is None)) or (end is None and last):
        raise NullResult("an end that is missing cannot be included")
    if start is not None and end is not None and (type(start) is not type(end) or Order(env).of(start, end) > 0):
        raise NullResult("the ends have no order")
    if start is None:
        return Range.of("<=" if last else "<", end)
    return Range.of(">=" if first else ">", start) if end is None else Range(start, end, first, last)


def _endpoint(text: str, env: Environment) -> Any:
    """The value of an end, which must be a literal or a date, time or duration made of one."""
    if not text:
        return None
    try:
        node = parse(text)
    except FeelSyntaxError:
        raise NullResult("this text is no range") from None
    if not _is_literal(node):
        raise NullResult("an end is no literal")
    return emit(node)(Frame({}, env))


def _is_literal(node: Node) -> bool:
    if isinstance(node, Call) and isinstance(node.function, Name):
        return node.function.name in _CONSTRUCTORS and all(isinstance(arg, Literal) for arg in node.args)
    return isinstance(node, Literal)
