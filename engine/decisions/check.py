"""Checking decision tables before they run: overlaps and gaps with a counter-example, and what cannot be right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.decisions import model as m
from engine.decisions.decision_model import DecisionModel
from engine.decisions.domains import OTHER_TEXT, Column, columns_of, environment, is_clear
from engine.feel.emit import emit
from engine.feel.frame import Frame
from engine.feel.show import show
from engine.feel.values import member

MAX_FINDINGS = 20
MAX_GAPS = 5
MAX_STEPS = 200_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. `code` is stable; `rules` count from 1; `example` is an input by column, in FEEL.

    Codes: `overlap`, `different_outputs`, `masked_rule`, `duplicate_rule`, `gap`, `output_not_allowed`,
    `mixed_types`, `no_output_values`, `wrong_width`, `too_complex`.
    """

    code: str
    severity: str
    table: str
    rules: tuple[int, ...] = ()
    example: dict[str, str] = field(default_factory=dict)
    detail: str = ""


def check_model(model: DecisionModel) -> list[Finding]:
    """The findings of every table of a model."""
    return [finding for table in model.tables() for finding in check_table(table)]


def check_table(table: m.Table) -> list[Finding]:
    """The findings of one table, errors before warnings."""
    if any(len(rule.tests) != len(table.inputs) or len(rule.outputs) != len(table.outputs) for rule in table.rules):
        return [Finding("wrong_width", "error", table.id)]
    columns = columns_of(table)
    found = [Finding("mixed_types", "error", table.id, detail=column.label) for column in columns if column.mixed]
    found += _output_findings(table)
    found += _overlaps(table, columns)
    found += _masked(table, columns)
    found += _gaps(table, columns)
    order = {"error": 0, "warning": 1}
    return sorted(found, key=lambda finding: order[finding.severity])[:MAX_FINDINGS]


def _shown(value: Any) -> str:
    return OTHER_TEXT if value == OTHER_TEXT else show(value)


def _example(columns: Sequence[Column], places: Sequence[int]) -> dict[str, str]:
    return {column.label: _shown(column.values[place]) for column, place in zip(columns, places, strict=True)}


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _common(columns: Sequence[Column], one: int, other: int) -> list[int] | None:
    """A place in each column that both rules take; None when there is none or a cell cannot be read."""
    places = []
    for column in columns:
        left, right = column.cells[one], column.cells[other]
        if left is None or right is None or not left & right:
            return None
        places.append(_lowest(left & right))
    return places


def _overlaps(table: m.Table, columns: Sequence[Column]) -> Iterator[Finding]:
    """Pairs of rules that match the same input, where the hit policy forbids it."""
    if table.hit not in {"U", "A"}:
        return
    for one, first in enumerate(table.rules):
        for other in range(one + 1, len(table.rules)):
            second = table.rules[other]
            places = _common(columns, one, other)
            if places is None:
                continue
            same = first.output_texts == second.output_texts
            if table.hit == "A" and same:
                continue
            duplicate = first.texts == second.texts
            code = "different_outputs" if table.hit == "A" else "duplicate_rule" if duplicate else "overlap"
            yield Finding(code, "error", table.id, (one + 1, other + 1), _example(columns, places))


def _masked(table: m.Table, columns: Sequence[Column]) -> Iterator[Finding]:
    """Rules of a First table that an earlier rule covers whole."""
    if table.hit != "F":
        return
    for later in range(1, len(table.rules)):
        for earlier in range(later):
            if all(_covers(column, earlier, later) for column in columns):
                yield Finding("masked_rule", "warning", table.id, (earlier + 1, later + 1))
                break


def _covers(column: Column, earlier: int, later: int) -> bool:
    outer, inner = column.cells[earlier], column.cells[later]
    everything = (1 << len(column.values)) - 1
    if outer is None:
        return False
    return outer == everything if inner is None else inner & ~outer == 0


def _gaps(table: m.Table, columns: Sequence[Column]) -> list[Finding]:
    """Inputs that no rule matches, in tables that must answer. Cells that cannot be read count as matching."""
    if table.hit in {"C", "R", "O"} or any(column.default for column in table.outputs):
        return []
    search = _GapSearch(columns)
    search.look(0, (1 << len(table.rules)) - 1, [])
    if search.steps > MAX_STEPS:
        return [Finding("too_complex", "warning", table.id)]
    return [Finding("gap", "warning", table.id, (), _example(columns, places)) for places in search.gaps]


class _GapSearch:
    """Goes through the columns from left to right with the rules that still match."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.rules_at = [self._by_value(column) for column in columns]
        self.gaps: list[list[int]] = []
        self.covered: set[tuple[int, int]] = set()
        self.steps = 0

    @staticmethod
    def _by_value(column: Column) -> list[int]:
        """For each value the bits of the rules that take it."""
        return [
            sum(1 << rule for rule, bits in enumerate(column.cells) if bits is None or bits >> place & 1)
            for place in range(len(column.values))
        ]

    def look(self, depth: int, rules: int, places: list[int]) -> None:
        """Find inputs, given places for the columns before `depth`, that none of `rules` match."""
        self.steps += 1
        if self.steps > MAX_STEPS or len(self.gaps) >= MAX_GAPS or (depth, rules) in self.covered:
            return
        if not rules:
            self.gaps.append(places + [0] * (len(self.columns) - depth))
            return
        known = len(self.gaps)
        if depth < len(self.columns):
            seen: set[int] = set()
            before = -1
            for place, matching in enumerate(self.rules_at[depth]):
                left = rules & matching
                # One example for each way on; where no rule is left, one for each stretch of values.
                wanted = left not in seen if left else before != 0
                before = left
                if wanted:
                    seen.add(left)
                    self.look(depth + 1, left, [*places, place])
        if len(self.gaps) == known:
            self.covered.add((depth, rules))


def _output_findings(table: m.Table) -> Iterator[Finding]:
    """Outputs outside of their column's values; a priority that has no order."""
    env = environment()
    if table.hit in {"P", "O"} and not any(column.allowed for column in table.outputs):
        yield Finding("no_output_values", "error", table.id)
    for index, column in enumerate(table.outputs):
        values = (
            None if column.allowed is None or not is_clear(column.allowed) else emit(column.allowed)(Frame({}, env))
        )
        if not isinstance(values, list):
            continue
        for number, rule in enumerate(table.rules, 1):
            cell = rule.outputs[index]
            if not is_clear(cell):
                continue
            value = emit(cell)(Frame({}, env))
            if not any(member(value, allowed, env) is True for allowed in values):
                yield Finding("output_not_allowed", "error", table.id, (number,), detail=_shown(value))
