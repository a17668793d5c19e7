"""Built-ins that make lists from lists; the given lists never change."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.errors import NullResult
from engine.feel.numbers import integer
from engine.feel.values import Function, compare, equal


def position_in(items: Sequence[Any], position: Decimal) -> int:
    """The Python index of a FEEL position (1 the first, -1 the last); NullResult outside of the list."""
    index = integer(position)
    if index is None or index == 0 or abs(index) > len(items):
        raise NullResult("the position is outside of the list")
    return index - 1 if index > 0 else len(items) + index


@builtin("sublist", "list: list, start position: number, length: number|null?")
def sublist(items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any]:
    """`length` items from `start`."""
    begin = position_in(items, start)
    if length is None:
        return items[begin:]
    size = integer(length)
    if size is None or size < 1 or begin + size > len(items):
        raise NullResult("the length is outside of the list")
    return items[begin : begin + size]


@builtin("append", "list: list, item: any", variadic=True, env=True)
def append(env: Environment, items: list[Any], more: list[Any]) -> list[Any]:
    """The list with items added."""
    env.check_size(len(items) + len(more))
    return [*items, *more]


@builtin("concatenate", "list: list", variadic=True, env=True)
def concatenate(env: Environment, lists: list[list[Any]]) -> list[Any]:
    """The lists in a row."""
    env.check_size(sum(len(each) for each in lists))
    return [item for each in lists for item in each]


@builtin("union", "list: list", variadic=True, env=True)
def union(env: Environment, lists: list[list[Any]]) -> list[Any]:
    """The lists in a row, without repetitions."""
    return distinct_values(env, concatenate(env, lists))


@builtin("insert before", "list: list, position: number, newItem: any", env=True)
def insert_before(env: Environment, items: list[Any], position: Decimal, item: Any) -> list[Any]:
    """The list with an item inserted."""
    index = position_in(items, position)
    env.check_size(len(items) + 1)
    return [*items[:index], item, *items[index:]]


@builtin("remove", "list: list, position: number")
def remove(items: list[Any], position: Decimal) -> list[Any]:
    """The list without one position."""
    index = position_in(items, position)
    return items[:index] + items[index + 1 :]


@builtin("list replace", "list: list, position: number, newItem: any")
def replace_at(items: list[Any], position: Decimal, item: Any) -> list[Any]:
    """The list with one position replaced."""
    index = position_in(items, position)
    return [*items[:index], item, *items[index + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any", env=True)
def replace_where(env: Environment, items: list[Any], match: Function, item: Any) -> list[Any]:
    """The list with every item replaced for which `match(item, newItem)` is true."""
    answers = [match.call(env, [each, item]) for each in items]
    if not all(isinstance(answer, bool) for answer in answers):
        raise NullResult("match answers no boolean")
    return [item if answer else each for each, answer in zip(items, answers, strict=True)]


@builtin("reverse", "list: list")
def reverse(items: list[Any]) -> list[Any]:
    """Last first."""
    return items[::-1]


@builtin("distinct values", "list: list", env=True)
def distinct_values(env: Environment, items: list[Any]) -> list[Any]:
    """Without repetitions, in the order of first appearance."""
    kept: list[Any] = []
    for item in items:
        env.charge(1 + len(kept) // 8)
        if not any(type(one) is type(item) and equal(one, item, env) is True for one in kept):
            kept.append(item)
    return kept


@builtin("flatten", "list: list", env=True)
def flatten(env: Environment, items: list[Any]) -> list[Any]:
    """All items of all nested lists."""
    flat: list[Any] = []
    pending = [iter(items)]
    while pending:
        for item in pending[-1]:
            env.charge()
            if isinstance(item, list):
                pending.append(iter(item))
                break
            flat.append(item)
        else:
            pending.pop()
    env.check_size(len(flat))
    return flat


@builtin("sort", "list: list, precedes: function?", env=True)
def sort(env: Environment, items: list[Any], precedes: Function | None = None) -> list[Any]:
    """In the order of `precedes(a, b)`, ascending when it is left out; equals keep their order."""
    if precedes is not None and len(precedes.params) != 2:
        raise NullResult("precedes needs two parameters")

    def order(left: Any, right: Any) -> int:
        env.charge()
        if precedes is None:
            found = compare(left, right, env)
            if found is None:
                raise NullResult("the items have no common order")
            return found
        if _says(env, precedes, left, right):
            return -1
        return 1 if _says(env, precedes, right, left) else 0

    return sorted(items, key=cmp_to_key(order))


def _says(env: Environment, precedes: Function, left: Any, right: Any) -> bool:
    answer = precedes.call(env, [left, right])
    if not isinstance(answer, bool):
        raise NullResult("precedes answers no boolean")
    return answer
