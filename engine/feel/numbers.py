"""FEEL numbers: decimals of 34 digits (IEEE 754 decimal128), half-even."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

CONTEXT = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
# Enough digits for any value that fits the context, so that `quantize` never fails by accident.
WIDE = Context(prec=13000, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
ROUNDINGS = {
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "half up": ROUND_HALF_UP,
    "half down": ROUND_HALF_DOWN,
    "half even": ROUND_HALF_EVEN,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}
MIN_SCALE, MAX_SCALE = -6111, 6176


def number(text: str | int) -> Decimal | None:
    """The FEEL number of a literal or an int; None when it is none or does not fit."""
    try:
        value = CONTEXT.create_decimal(text)
    except (DecimalException, ValueError):
        return None
    return value if value.is_finite() else None


def rounded(value: Decimal) -> Decimal | None:
    """A Python decimal as a FEEL number; None for infinity, NaN and what does not fit."""
    try:
        return CONTEXT.plus(value) if value.is_finite() else None
    except DecimalException:
        return None


def integer(value: object) -> int | None:
    """The int of a whole FEEL number, else None."""
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    return None


def scaled(value: Decimal, scale: int, rounding: str) -> Decimal:
    """`value` rounded to `scale` digits after the point (negative: before it)."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= scale:
        return value
    return CONTEXT.plus(value.quantize(Decimal((0, (1,), -scale)), rounding=rounding, context=WIDE))


def power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """`base ** exponent`, None where it is not a number (0 ** 0 is 1, as in the decimal standard's users)."""
    if base == 0 and exponent == 0:
        return Decimal(1)
    try:
        found = CONTEXT.power(base, exponent)
    except DecimalException:
        return None
    return found if found.is_finite() else None


def text(value: Decimal) -> str:
    """The number as FEEL prints it: no exponent, no trailing zeros after the point."""
    if value == 0:
        return "0"
    plain = format(value, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain
