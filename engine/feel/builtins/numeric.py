"""Built-ins on numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.errors import NullResult
from engine.feel.numbers import CONTEXT, MAX_SCALE, MIN_SCALE, ROUNDINGS, scaled
from engine.feel.temporal import DaysTimeDuration, YearsMonthsDuration


def _scale(scale: Decimal) -> int:
    digits = int(scale)
    if not MIN_SCALE <= digits <= MAX_SCALE:
        raise NullResult("the scale is out of range")
    return digits


@builtin("decimal", "n: number, scale: number")
def decimal(n: Decimal, scale: Decimal) -> Decimal:
    """Rounded half-even to `scale` digits."""
    return scaled(n, _scale(scale), ROUNDINGS["half even"])


@builtin("floor", "n: number, scale: number?")
def floor(n: Decimal, scale: Decimal = Decimal(0)) -> Decimal:
    """Rounded towards minus infinity."""
    return scaled(n, _scale(scale), ROUNDINGS["floor"])


@builtin("ceiling", "n: number, scale: number?")
def ceiling(n: Decimal, scale: Decimal = Decimal(0)) -> Decimal:
    """Rounded towards infinity."""
    return scaled(n, _scale(scale), ROUNDINGS["ceiling"])


@builtin("round up", "n: number, scale: number")
def round_up(n: Decimal, scale: Decimal) -> Decimal:
    """Rounded away from zero."""
    return scaled(n, _scale(scale), ROUNDINGS["up"])


@builtin("round down", "n: number, scale: number")
def round_down(n: Decimal, scale: Decimal) -> Decimal:
    """Rounded towards zero."""
    return scaled(n, _scale(scale), ROUNDINGS["down"])


@builtin("round half up", "n: number, scale: number")
def round_half_up(n: Decimal, scale: Decimal) -> Decimal:
    """Rounded to the nearest, a half away from zero."""
    return scaled(n, _scale(scale), ROUNDINGS["half up"])


@builtin("round half down", "n: number, scale: number")
def round_half_down(n: Decimal, scale: Decimal) -> Decimal:
    """Rounded to the nearest, a half towards zero."""
    return scaled(n, _scale(scale), ROUNDINGS["half down"])


@builtin("abs", "n: number|days and time duration|years and months duration")
def absolute(n: Any) -> Any:
    """Without the sign."""
    if isinstance(n, DaysTimeDuration):
        return DaysTimeDuration(abs(n.nanos))
    if isinstance(n, YearsMonthsDuration):
        return YearsMonthsDuration(abs(n.months))
    return CONTEXT.abs(n)


@builtin("modulo", "dividend: number, divisor: number")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """The remainder with the sign of the divisor."""
    if divisor == 0:
        raise NullResult("division by zero")
    rest = CONTEXT.remainder(dividend, divisor)
    return CONTEXT.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


@builtin("sqrt", "number: number")
def sqrt(number: Decimal) -> Decimal:
    """Square root."""
    if number < 0:
        raise NullResult("negative")
    return CONTEXT.sqrt(number)


@builtin("log", "number: number")
def log(number: Decimal) -> Decimal:
    """Natural logarithm."""
    if number <= 0:
        raise NullResult("not positive")
    return CONTEXT.ln(number)


@builtin("exp", "number: number")
def exp(number: Decimal) -> Decimal:
    """Euler's number to that power."""
    return CONTEXT.exp(number)


@builtin("odd", "number: number")
def odd(number: Decimal) -> bool:
    """Whole and not divisible by two."""
    return _parity(number) == 1


@builtin("even", "number: number")
def even(number: Decimal) -> bool:
    """Whole and divisible by two."""
    return _parity(number) == 0


def _parity(number: Decimal) -> int | None:
    whole = number == number.to_integral_value()
    return int(number) % 2 if whole else None
