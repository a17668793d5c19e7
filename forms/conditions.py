"""Which fields are asked and which must be answered: FEEL over the answers so far and the case's facts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from engine import feel
from engine.feel import Expression
from forms.model import Component, Form

_ROUNDS = 6


@dataclass(frozen=True)
class Situation:
    """What a form is checked against: the moment, the case's facts, the office's lists.

    `test_regions` lets NIK and KK of the invented province 99 pass. `options` names the values allowed in lists
    that the office provides (property `options`, or "villages"); a list that is not named is not checked.
    """

    now: datetime
    timezone: ZoneInfo
    facts: Mapping[str, object] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    options: Mapping[str, frozenset[str]] = field(default_factory=dict)
    test_regions: bool = False

    @property
    def today(self) -> date:
        """The date at the office."""
        return self.now.astimezone(self.timezone).date()

    def evaluate(self, expression: Expression, variables: Mapping[str, object]) -> object:
        """The value of a condition over the facts and `variables` (which win)."""
        known = {name: feel.from_python(value) for name, value in {**self.facts, **variables}.items()}
        environment = feel.Environment(now=self.now, timezone=self.timezone, functions=self.functions)
        return expression.evaluate(known, environment)


@dataclass(frozen=True)
class Visibility:
    """Paths ("key", "list-0-sub", "#id") of what is hidden and of what must be answered."""

    hidden: frozenset[str]
    required: frozenset[str]


def settle(form: Form, values: Mapping[str, object], situation: Situation) -> Visibility:
    """Decide what is hidden and required. A hidden answer counts as null for the other conditions."""
    hidden: frozenset[str] = frozenset()
    for _ in range(_ROUNDS):
        seen = _without(values, hidden)
        now_hidden = frozenset(_hidden(form.components, seen, seen, situation, "", False))
        if now_hidden == hidden:
            break
        hidden = now_hidden
    seen = _without(values, hidden)
    return Visibility(hidden, frozenset(_required(form.components, seen, seen, situation, "", hidden)))


def nothing_hidden() -> Visibility:
    """For a first, lenient reading: everything may be answered, nothing must."""
    return Visibility(frozenset(), frozenset())


def _scopes(
    component: Component, values: Mapping[str, object], prefix: str
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The rows of a list, each with the prefix of its paths."""
    rows = values.get(component.key)
    for index, row in enumerate(rows if isinstance(rows, Sequence) else ()):
        yield f"{prefix}{component.key}-{index}-", row


def _hidden(
    components: tuple[Component, ...],
    values: Mapping[str, object],
    scope: Mapping[str, object],
    situation: Situation,
    prefix: str,
    parent_hidden: bool,
) -> Iterator[str]:
    for component in components:
        is_hidden = parent_hidden or (component.hide is not None and situation.evaluate(component.hide, scope) is True)
        if is_hidden:
            yield prefix + component.name
        if component.type == "group":
            yield from _hidden(component.children, values, scope, situation, prefix, is_hidden)
        elif component.type == "dynamiclist":
            for row_prefix, row in _scopes(component, values, prefix):
                yield from _hidden(component.children, row, {**scope, **row}, situation, row_prefix, is_hidden)


def _required(
    components: tuple[Component, ...],
    values: Mapping[str, object],
    scope: Mapping[str, object],
    situation: Situation,
    prefix: str,
    hidden: frozenset[str],
) -> Iterator[str]:
    for component in components:
        if prefix + component.name in hidden:
            continue
        if component.type == "group":
            yield from _required(component.children, values, scope, situation, prefix, hidden)
            continue
        if component.limits.required or (
            component.require is not None and situation.evaluate(component.require, scope) is True
        ):
            yield prefix + component.name
        if component.type == "dynamiclist":
            for row_prefix, row in _scopes(component, values, prefix):
                yield from _required(component.children, row, {**scope, **row}, situation, row_prefix, hidden)


def _without(values: Mapping[str, object], hidden: frozenset[str], prefix: str = "") -> dict[str, object]:
    """The values with hidden ones as null, rows included."""
    kept: dict[str, object] = {}
    for key, value in values.items():
        if prefix + key in hidden:
            kept[key] = None
        elif isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            kept[key] = [_without(row, hidden, f"{prefix}{key}-{index}-") for index, row in enumerate(value)]
        else:
            kept[key] = value
    return kept
