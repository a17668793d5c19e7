"""Built-ins that ask lists: counting, extremes, sums, statistics, membership."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import Any

from engine.feel.builtins.registry import builtin, over_list
from engine.feel.environment import Environment
from engine.feel.errors import NullResult
from engine.feel.numbers import CONTEXT
from engine.feel.values import compare, equal


def numbers_of(items: list[Any]) -> list[Decimal]:
    """The items, which must all be numbers."""
    if not all(isinstance(item, Decimal) for item in items):
        raise NullResult("not all are numbers")
    return items


@builtin("count", "list: list")
def count(items: list[Any]) -> Decimal:
    """Number of items."""
    return Decimal(len(items))


def _extreme(env: Environment, items: list[Any], wanted: int) -> Any:
    if not items:
        return None
    best = items[0]
    if compare(best, best, env) is None:
        raise NullResult("the items have no order")
    for item in items[1:]:
        order = compare(item, best, env)
        if order is None:
            raise NullResult("the items have no common order")
        best = item if order == wanted else best
    env.charge(len(items))
    return best


@over_list("min", env=True)
def minimum(env: Environment, items: list[Any]) -> Any:
    """The least item."""
    return _extreme(env, items, -1)


@over_list("max", env=True)
def maximum(env: Environment, items: list[Any]) -> Any:
    """The greatest item."""
    return _extreme(env, items, 1)


@over_list("sum")
def total(items: list[Any]) -> Decimal | None:
    """Sum of numbers; null when there is none."""
    return reduce(CONTEXT.add, numbers_of(items)) if items else None


@over_list("product")
def product(items: list[Any]) -> Decimal | None:
    """Product of numbers; null when there is none."""
    return reduce(CONTEXT.multiply, numbers_of(items)) if items else None


@over_list("mean")
def mean(items: list[Any]) -> Decimal | None:
    """Arithmetic mean."""
    return CONTEXT.divide(reduce(CONTEXT.add, numbers_of(items)), Decimal(len(items))) if items else None


@over_list("median")
def median(items: list[Any]) -> Decimal | None:
    """The middle one, or the mean of the two in the middle."""
    if not items:
        return None
    ordered = sorted(numbers_of(items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return CONTEXT.divide(CONTEXT.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@over_list("stddev")
def stddev(items: list[Any]) -> Decimal:
    """Standard deviation of a sample."""
    if len(items) < 2:
        raise NullResult("fewer than two numbers")
    average = CONTEXT.divide(reduce(CONTEXT.add, numbers_of(items)), Decimal(len(items)))
    squares = [CONTEXT.power(CONTEXT.subtract(item, average), 2) for item in items]
    return CONTEXT.sqrt(CONTEXT.divide(reduce(CONTEXT.add, squares), Decimal(len(items) - 1)))


@over_list("mode")
def mode(items: list[Any]) -> list[Decimal]:
    """The most frequent numbers, ascending."""
    counts: dict[Decimal, int] = {}
    for item in numbers_of(items):
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)


@builtin("list contains", "list: list, element: any", env=True)
def list_contains(env: Environment, items: list[Any], element: Any) -> bool:
    """Whether an item equals the element (null too)."""
    env.charge(len(items))
    return any(equal(item, element, env) is True for item in items if type(item) is type(element))


@builtin("index of", "list: list, match: any", env=True)
def index_of(env: Environment, items: list[Any], match: Any) -> list[Decimal]:
    """Positions of the items that equal `match`."""
    env.charge(len(items))
    return [
        Decimal(position)
        for position, item in enumerate(items, 1)
        if type(item) is type(match) and equal(item, match, env) is True
    ]
