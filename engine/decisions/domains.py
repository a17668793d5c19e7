"""What a table's column can hold, as a few representative values: one for each stretch in which no cell changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cmp_to_key
from typing import Any
from zoneinfo import ZoneInfo

from engine.decisions.items import ItemType
from engine.decisions.model import Broken, Input, Table, Typed
from engine.feel import nodes as n
from engine.feel.emit import emit
from engine.feel.environment import Environment
from engine.feel.frame import Frame, Run
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.types import BASE_TYPES, Type
from engine.feel.values import compare
from engine.feel.walk import walk

_CONSTRUCTORS = frozenset(("date", "time", "date and time", "duration"))
_TRANSPARENT = (
    n.UnaryTests, n.UnaryComparison, n.RangeLiteral, n.Literal, n.Name, n.Call, n.Comparison, n.Logic, n.Between,
    n.In, n.ListLiteral, n.Negation,
)  # fmt: skip
ORDERED = (Decimal, Date, DateTime, Time, DaysTimeDuration, YearsMonthsDuration)
OTHER_TEXT = "…"


@dataclass(slots=True)
class Column:
    """`values`: representatives. `cells[rule]`: bits of the values that rule takes, or None when nobody can say."""

    label: str
    values: list[Any]
    cells: list[int | None]
    mixed: bool = False


def environment() -> Environment:
    """An environment for constants: no variables, no functions, a fixed moment."""
    env = Environment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
    env.begin()
    return env


def columns_of(table: Table) -> list[Column]:
    """The columns of a table with their representatives."""
    return [_column(table, index) for index in range(len(table.inputs))]


def _column(table: Table, index: int) -> Column:
    head, env = table.inputs[index], environment()
    tests = [rule.tests[index] for rule in table.rules]
    allowed = _allowed(head)
    clear = [is_clear(test) for test in tests]
    known = [node for node, fine in zip(tests, clear, strict=True) if fine] + [
        each for each in allowed if is_clear(each)
    ]
    constants = [value for node in known for value in _constants(node, env)]
    kinds = {type(value) for value in constants if value is not None}
    if len(kinds) > 1:
        return Column(head.label, [None], [None] * len(tests), mixed=True)
    values = _representatives(constants, next(iter(kinds), None), _base(head))
    fitting = [value for value in values if all(_says(emit(test), value, env) for test in allowed if is_clear(test))]
    cells = [_bits(emit(test), fitting, env) if fine else None for test, fine in zip(tests, clear, strict=True)]
    return Column(head.label, fitting, cells)


def is_clear(node: n.Node) -> bool:
    """Whether a cell compares its input with constants and does nothing else."""
    for part in walk(node):
        if isinstance(part, Broken) or not isinstance(part, _TRANSPARENT):
            return False
        if isinstance(part, n.Name) and part.name not in _CONSTRUCTORS | {"?", "not"}:
            return False
        if isinstance(part, n.Call) and not isinstance(part.function, n.Name):
            return False
    return True


def _allowed(head: Input) -> list[n.Node]:
    """The tests of the column's input values and of its item definition."""
    found = [] if head.allowed is None else [head.allowed]
    wanted = head.expression.type.resolved if isinstance(head.expression, Typed) else None
    while isinstance(wanted, ItemType):
        if wanted.allowed is not None:
            found.append(wanted.allowed.node)
        wanted = wanted.base
    return found


def _base(head: Input) -> Type | None:
    wanted = head.expression.type.resolved if isinstance(head.expression, Typed) else None
    while isinstance(wanted, ItemType):
        wanted = wanted.base
    return wanted if isinstance(wanted, Type) else None


def _constants(node: n.Node, env: Environment) -> Iterable[Any]:
    """Values of the constants in a cell."""
    inside: set[int] = set()
    for part in walk(node):
        made = isinstance(part, n.Call) and isinstance(part.function, n.Name) and part.function.name in _CONSTRUCTORS
        if (made or isinstance(part, n.Negation)) and id(part) not in inside:
            inside |= {id(each) for each in walk(part)}
            yield emit(part)(Frame({}, env))
        elif isinstance(part, n.Literal) and id(part) not in inside:
            yield part.value


def _representatives(constants: Sequence[Any], kind: type | None, base: Type | None) -> list[Any]:
    nulls = [None] if any(value is None for value in constants) else []
    if kind is bool or base is BASE_TYPES["boolean"]:
        return [True, False, *nulls]
    if kind is str:
        return [*dict.fromkeys(value for value in constants if value is not None), OTHER_TEXT, *nulls]
    if kind not in ORDERED:
        return [_anything(base), *nulls]
    env = environment()
    known: list[Any] = []
    for value in sorted(
        (each for each in constants if each is not None), key=cmp_to_key(lambda a, b: compare(a, b, env) or 0)
    ):
        if not known or compare(known[-1], value, env) != 0:
            known.append(value)
    return [*_spread(known), *nulls]


def _anything(base: Type | None) -> Any:
    """Some value for a column in which no cell says anything."""
    if base is BASE_TYPES["number"]:
        return Decimal(0)
    return Date(2026, 1, 1) if base is BASE_TYPES["date"] else OTHER_TEXT


def _spread(known: Sequence[Any]) -> list[Any]:
    """Each constant, and a value before, between and after."""
    points = [_shifted(known[0], -1)]
    for position, value in enumerate(known):
        points.append(value)
        following = known[position + 1] if position + 1 < len(known) else None
        points.append(_shifted(value, 1) if following is None else _between(value, following))
    return [point for point in points if point is not None]


_LINES: dict[type, tuple[Any, Any]] = {
    Date: (lambda value: value.days, lambda line, like: Date.of_days(line)),
    DaysTimeDuration: (lambda value: value.nanos, lambda line, like: DaysTimeDuration(line)),
    YearsMonthsDuration: (lambda value: value.months, lambda line, like: YearsMonthsDuration(line)),
    Time: (lambda value: value.seconds, lambda line, like: Time(line, 0, like.offset, like.zone)),
    DateTime: (
        lambda value: value.local,
        lambda line, like: DateTime.of_local(line, 0, like.time.offset, like.time.zone),
    ),
}


def _shifted(value: Any, step: int) -> Any:
    """A value beyond the last constant; None when there is none."""
    if isinstance(value, Decimal):
        return value + step
    to_line, of_line = _LINES[type(value)]
    size = 86400 * 1_000_000_000 if isinstance(value, DaysTimeDuration) else 1
    try:
        return of_line(to_line(value) + step * size, value)
    except ValueError:
        return None


def _between(low: Any, high: Any) -> Any:
    """A value between two constants, a whole one if there is one; None when nothing lies between."""
    if isinstance(low, Decimal):
        whole = (low + 1).to_integral_value(rounding="ROUND_FLOOR")
        return whole if whole < high else (low + high) / 2
    to_line, of_line = _LINES[type(low)]
    middle = (to_line(low) + to_line(high)) // 2
    return of_line(middle, low) if to_line(low) < middle else None


def _says(run: Run, value: Any, env: Environment) -> bool:
    env.begin()
    return run(Frame({"?": value}, env)) is True


def _bits(run: Run, values: Sequence[Any], env: Environment) -> int:
    return sum(1 << place for place, value in enumerate(values) if _says(run, value, env))
