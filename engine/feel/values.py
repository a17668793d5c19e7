"""FEEL values: what they are, ranges and functions, equality and order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.feel.environment import Environment
from engine.feel.show import show
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, Value, YearsMonthsDuration

TYPE_NAMES: dict[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysTimeDuration: "days and time duration",
    YearsMonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
    type(None): "Null",
}
TEMPORAL = (Date, Time, DateTime)


class Range(Value):
    """An interval, or one side of a comparison: `op` is None for `[a..b]`, else `<`, `<=`, `>`, `>=`, `=`, `!=`."""

    __slots__ = ("end", "end_included", "op", "start", "start_included")

    def __init__(
        self, start: Any, end: Any, start_included: bool = True, end_included: bool = True, op: str | None = None
    ) -> None:
        self.start, self.end, self.op = start, end, op
        self.start_included, self.end_included = start_included, end_included

    @classmethod
    def of(cls, op: str, endpoint: Any) -> Range:
        """The range of a unary comparison such as `< 10`."""
        if op in {"<", "<="}:
            return cls(None, endpoint, False, op == "<=", op)
        if op in {">", ">="}:
            return cls(endpoint, None, op == ">=", False, op)
        return cls(endpoint, endpoint, op == "=", op == "=", op)

    def key(self) -> tuple[Any, ...]:
        """Ends, their inclusion, and the operator it was written with."""
        return (self.start, self.end, self.start_included, self.end_included, self.op)

    def contains(self, value: Any, env: Environment) -> bool | None:
        """Three-valued membership."""
        if value is None or (self.op is None and (self.start is None or self.end is None)):
            return None
        if self.op in {"=", "!="}:
            same = equal(value, self.start, env)
            return same if self.op == "=" or same is None else not same
        above = self._side(value, self.start, self.start_included, 1, env)
        below = self._side(value, self.end, self.end_included, -1, env)
        if above is False or below is False:
            return False
        return None if above is None or below is None else True

    def _side(self, value: Any, bound: Any, included: bool, sign: int, env: Environment) -> bool | None:
        if bound is None:
            return True if self.op is not None and (sign == 1) == (self.op in {"<", "<="}) else None
        order = compare(value, bound, env)
        return None if order is None else order == sign or (included and order == 0)

    def __str__(self) -> str:
        if self.op is not None:
            return f"({self.op} {show(self.start if self.start is not None else self.end)})"
        opening, closing = "[" if self.start_included else "(", "]" if self.end_included else ")"
        return f"{opening}{show(self.start)}..{show(self.end)}{closing}"


class Function(ABC):
    """A FEEL function value. `params`: parameter names in order."""

    __slots__ = ("name", "params")

    def __init__(self, name: str, params: Sequence[str]) -> None:
        self.name, self.params = name, tuple(params)

    def __str__(self) -> str:
        return f"function({', '.join(self.params)})"

    @abstractmethod
    def call(self, env: Environment, args: Sequence[Any]) -> Any:
        """The result for arguments by position; null (and a warning) when they do not fit."""

    def call_named(self, env: Environment, args: Mapping[str, Any]) -> Any:
        """The result for arguments by name."""
        if set(args) != set(self.params):
            env.warn(f"{self.name}: wrong parameter names")
            return None
        return self.call(env, [args[name] for name in self.params])


def type_name(value: Any) -> str:
    """The FEEL name of a value's type."""
    name = TYPE_NAMES.get(value.__class__)
    if name is None:
        name = "range" if isinstance(value, Range) else "function" if isinstance(value, Function) else "unknown"
    return name


def mismatch(env: Environment, what: str, *values: Any) -> None:
    """Null, because the types do not go together."""
    env.warn(f"{what}: {', '.join(type_name(value) for value in values)} do not go together")


def equal(left: Any, right: Any, env: Environment) -> bool | None:
    """FEEL `=`: null equals only null; different kinds give null."""
    if left is None or right is None:
        return left is right
    kind = left.__class__
    if kind is not right.__class__:
        return _equal_kinds(left, right, env)
    if kind in {Decimal, str, bool}:
        return bool(left == right)
    if kind is list or kind is dict:
        return _equal_deep(left, right, env)
    if kind in {Time, DateTime}:
        return _equal_clock(left, right)
    if kind is Range:
        return _equal_ranges(left, right, env)
    return bool(left == right)


def _equal_kinds(left: Any, right: Any, env: Environment) -> bool | None:
    """Values of two classes: never equal when both are functions, else null."""
    if isinstance(left, Function) and isinstance(right, Function):
        return False
    mismatch(env, "=", left, right)
    return None


def _equal_deep(left: Any, right: Any, env: Environment) -> bool:
    env.charge(1 + len(left))
    if len(left) != len(right):
        return False
    if isinstance(left, dict):
        return all(name in right and equal(value, right[name], env) is True for name, value in left.items())
    return all(equal(one, other, env) is True for one, other in zip(left, right, strict=True))


def _equal_ranges(left: Range, right: Range, env: Environment) -> bool:
    same = (left.start_included, left.end_included, left.op) == (right.start_included, right.end_included, right.op)
    return same and equal(left.start, right.start, env) is True and equal(left.end, right.end, env) is True


def _equal_clock(left: Any, right: Any) -> bool:
    """Whole seconds, as FEEL's `second` is an integer; a local value never equals one with a zone."""
    one, other = clock_key(left, None), clock_key(right, None)
    return one[0] == other[0] and one[1] == other[1]


def clock_key(value: Any, local_zone: str | None) -> tuple[bool, int]:
    """(has a zone, seconds on the common line) of a time or a date and time."""
    if isinstance(value, DateTime):
        return value.time.has_zone, value.instant(local_zone) // 1_000_000_000
    return value.has_zone, value.seconds - (value.offset_on(0) or 0)


def at_midnight(value: Any) -> Any:
    """A date as the date and time of its midnight in UTC (10.3.2.9.4); others unchanged."""
    return DateTime(value, Time(0, 0, 0)) if isinstance(value, Date) else value


def compare(left: Any, right: Any, env: Environment) -> int | None:
    """-1, 0 or 1; None (recorded) when the two have no order. Local moments are read in the environment's zone."""
    kind = left.__class__
    if kind is right.__class__:
        if kind is Decimal or kind is str:
            return _sign(left, right)
        if kind is Date:
            return _sign(left.key(), right.key())
        if kind is DaysTimeDuration:
            return _sign(left.nanos, right.nanos)
        if kind is YearsMonthsDuration:
            return _sign(left.months, right.months)
    if isinstance(left, Date | DateTime) and isinstance(right, Date | DateTime):
        return _compare_moments(left, right, env)
    if kind is Time and isinstance(right, Time):
        return _sign(clock_key(left, None)[1], clock_key(right, None)[1])
    if left is not None and right is not None:
        mismatch(env, "order", left, right)
    return None


def _compare_moments(left: Date | DateTime, right: Date | DateTime, env: Environment) -> int:
    """A date is its midnight in the environment's zone."""
    zone = env.timezone.key
    if isinstance(left, Date) or isinstance(right, Date):
        left = DateTime(left, Time(0)) if isinstance(left, Date) else left
        right = DateTime(right, Time(0)) if isinstance(right, Date) else right
    if left.time.has_zone == right.time.has_zone:
        return _sign(clock_key(left, None)[1], clock_key(right, None)[1])
    return _sign(clock_key(left, zone)[1], clock_key(right, zone)[1])


def _sign(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def member(value: Any, test: Any, env: Environment) -> bool | None:
    """FEEL `value in test` for an evaluated test: a range, a list of values and ranges, or one value."""
    if isinstance(test, Range) and not isinstance(value, Range):
        return test.contains(value, env)
    if isinstance(test, list):
        return _member_of_list(value, test, env)
    return equal(value, test, env)


def _member_of_list(value: Any, tests: list[Any], env: Environment) -> bool:
    env.charge(1 + len(tests))
    if isinstance(value, list) and equal(value, tests, env):
        return True
    for test in tests:
        if isinstance(test, Range) and not isinstance(value, Range):
            if test.contains(value, env) is True:
                return True
        elif type(test) is type(value) and equal(value, test, env) is True:
            return True
    return False


def as_list(value: Any) -> list[Any]:
    """The list itself, or the value as a list of one (null is a list of one null only by the caller's wish)."""
    return value if isinstance(value, list) else [value]
