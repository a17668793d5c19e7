"""Built-ins on booleans: `not`, `all`, `any`, `is`."""

from __future__ import annotations

from typing import Any

from engine.feel.builtins.registry import builtin, over_list
from engine.feel.environment import Environment
from engine.feel.errors import NullResult
from engine.feel.temporal import Value
from engine.feel.values import equal


@builtin("not", "negand: boolean|null")
def negate(negand: bool | None) -> bool | None:
    """Logical negation; null stays null."""
    return None if negand is None else not negand


@over_list("all")
def all_true(items: list[Any]) -> bool | None:
    """False if any item is, else null unless all are true."""
    return _settle(items, deciding=False)


@over_list("any")
def any_true(items: list[Any]) -> bool | None:
    """True if any item is, else null unless all are false."""
    return _settle(items, deciding=True)


def _settle(items: list[Any], deciding: bool) -> bool | None:
    if any(item is deciding for item in items):
        return deciding
    if all(item is not deciding and isinstance(item, bool) for item in items):
        return not deciding
    if any(item is not None and not isinstance(item, bool) for item in items):
        raise NullResult("not all are booleans")
    return None


@builtin("is", "value1: any?, value2: any?", env=True)
def same(env: Environment, value1: Any = None, value2: Any = None) -> bool:
    """The same value in the same form: moments must agree in offset and zone too."""
    if isinstance(value1, Value) or isinstance(value2, Value):
        return bool(value1 == value2)
    return type(value1) is type(value2) and equal(value1, value2, env) is True
