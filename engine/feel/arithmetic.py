"""FEEL's `+ - * / **` over numbers, texts, moments and durations (DMN 1.5, 10.3.2.10)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from engine.feel.environment import Environment
from engine.feel.numbers import CONTEXT, power
from engine.feel.temporal import NANOS, Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.values import at_midnight, mismatch

Operation = Callable[[Any, Any, Environment], Any]
_DAY = 86400 * NANOS


def _null(op: str, left: Any, right: Any, env: Environment) -> None:
    if left is None or right is None:
        env.warn(f"{op}: null operand")
    else:
        mismatch(env, op, left, right)


def _guarded(op: str, numeric: Callable[[Decimal, Decimal], Decimal | None], other: Operation) -> Operation:
    """The operation: numbers first as the common case, then the rest; what does not fit is null."""

    def operation(left: Any, right: Any, env: Environment) -> Any:
        try:
            if left.__class__ is Decimal and right.__class__ is Decimal:
                return numeric(left, right)
            if left is None or right is None:
                return _null(op, left, right, env)
            return other(left, right, env)
        except (DecimalException, ValueError, OverflowError):
            env.warn(f"{op}: the result does not exist")
            return None

    return operation


def _add(left: Any, right: Any, env: Environment) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        env.grow(len(left) + len(right))
        return left + right
    if isinstance(left, YearsMonthsDuration | DaysTimeDuration):
        left, right = right, left
    if isinstance(right, DaysTimeDuration):
        return _shift(left, right.nanos, env)
    if isinstance(right, YearsMonthsDuration):
        return _shift_months(left, right.months, env)
    return _null("+", left, right, env)


def _subtract(left: Any, right: Any, env: Environment) -> Any:
    if isinstance(right, DaysTimeDuration):
        return _shift(left, -right.nanos, env)
    if isinstance(right, YearsMonthsDuration):
        return _shift_months(left, -right.months, env)
    if isinstance(left, Time) and isinstance(right, Time) and left.has_zone == right.has_zone:
        span = (left.seconds - (left.offset_on(0) or 0)) - (right.seconds - (right.offset_on(0) or 0))
        return DaysTimeDuration(span * NANOS + left.nanos - right.nanos)
    if isinstance(left, Date) and isinstance(right, Date):
        return DaysTimeDuration((left.days - right.days) * _DAY)
    if isinstance(left, Date | DateTime) and isinstance(right, Date | DateTime):
        one, other = at_midnight(left), at_midnight(right)
        if one.time.has_zone == other.time.has_zone:
            return DaysTimeDuration(one.instant() - other.instant())
    return _null("-", left, right, env)


def _shift(value: Any, nanos: int, env: Environment) -> Any:
    """A moment or a duration, later by real time. A date stays a date: its midnight moved."""
    if isinstance(value, DaysTimeDuration):
        return DaysTimeDuration(value.nanos + nanos)
    if isinstance(value, Date):
        return Date.of_days(value.days + nanos // _DAY)
    if isinstance(value, Time | DateTime):
        return value.plus_nanos(nanos)
    return mismatch(env, "+", value, DaysTimeDuration(0))


def _shift_months(value: Any, months: int, env: Environment) -> Any:
    if isinstance(value, YearsMonthsDuration):
        return YearsMonthsDuration(value.months + months)
    if isinstance(value, Date | DateTime):
        return value.plus_months(months)
    return mismatch(env, "+", value, YearsMonthsDuration(0))


def _multiply(left: Any, right: Any, env: Environment) -> Any:
    if isinstance(left, Decimal):
        left, right = right, left
    if isinstance(right, Decimal):
        if isinstance(left, DaysTimeDuration):
            return DaysTimeDuration(int(CONTEXT.multiply(Decimal(left.nanos), right)))
        if isinstance(left, YearsMonthsDuration):
            return YearsMonthsDuration(int(CONTEXT.multiply(Decimal(left.months), right)))
    return _null("*", left, right, env)


def _divide(left: Any, right: Any, env: Environment) -> Any:
    if isinstance(left, DaysTimeDuration):
        if isinstance(right, Decimal):
            return DaysTimeDuration(int(CONTEXT.divide(Decimal(left.nanos), right)))
        if isinstance(right, DaysTimeDuration):
            return CONTEXT.divide(Decimal(left.nanos), Decimal(right.nanos))
    if isinstance(left, YearsMonthsDuration):
        if isinstance(right, Decimal):
            return YearsMonthsDuration(int(CONTEXT.divide(Decimal(left.months), right)))
        if isinstance(right, YearsMonthsDuration):
            return CONTEXT.divide(Decimal(left.months), Decimal(right.months))
    return _null("/", left, right, env)


def _power(left: Any, right: Any, env: Environment) -> Any:
    return _null("**", left, right, env)


def negate(value: Any, env: Environment) -> Any:
    """Arithmetic minus of a number or a duration."""
    if isinstance(value, Decimal):
        return CONTEXT.minus(value)
    if isinstance(value, DaysTimeDuration):
        return DaysTimeDuration(-value.nanos)
    if isinstance(value, YearsMonthsDuration):
        return YearsMonthsDuration(-value.months)
    if value is not None:
        mismatch(env, "-", value)
    return None


OPERATIONS: dict[str, Operation] = {
    "+": _guarded("+", CONTEXT.add, _add),
    "-": _guarded("-", CONTEXT.subtract, _subtract),
    "*": _guarded("*", CONTEXT.multiply, _multiply),
    "/": _guarded("/", CONTEXT.divide, _divide),
    "**": _guarded("**", power, _power),
}
