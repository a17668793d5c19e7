"""Running a decision table: which rules match, and what each hit policy makes of them (DMN 1.5, 8.2.10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any

from engine.decisions.errors import TableError
from engine.decisions.items import conform
from engine.decisions.model import Output, Table
from engine.feel.emit import emit
from engine.feel.frame import Frame
from engine.feel.numbers import CONTEXT
from engine.feel.values import compare, equal, member

Hit = tuple[int, list[Any]]


@dataclass(frozen=True, slots=True)
class TableRecord:
    """What a table did: values of its inputs, numbers of the rules that matched, its result."""

    table: Table
    inputs: list[Any]
    matched: list[int]
    result: Any


class CompiledTable:
    """A table as closures."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.inputs = [emit(each.expression) for each in table.inputs]
        self.allowed = [None if each.allowed is None else emit(each.allowed) for each in table.inputs]
        self.rules = [
            ([emit(test) for test in rule.tests], [emit(out) for out in rule.outputs]) for rule in table.rules
        ]
        self.values = [None if each.allowed is None else emit(each.allowed) for each in table.outputs]
        self.defaults = [None if each.default is None else emit(each.default) for each in table.outputs]
        self.policy: Callable[[list[Hit], Frame], Any] = getattr(self, "_hit_" + table.hit.lower())

    def run(self, frame: Frame) -> Any:
        """The result; TableError where the hit policy leaves none."""
        values = [value(frame) for value in self.inputs]
        self._check_inputs(values, frame)
        matched = self._matched(values, frame)
        hits = [(number, self._outputs(number, frame)) for number in matched]
        result = self.policy(hits, frame) if hits else self._nothing(frame)
        if frame.env.trace is not None:
            frame.env.trace.append(TableRecord(self.table, values, [number + 1 for number in matched], result))
        return result

    def _check_inputs(self, values: Sequence[Any], frame: Frame) -> None:
        for column, value, test in zip(self.table.inputs, values, self.allowed, strict=True):
            if test is None or value is None:
                continue
            items = value if isinstance(value, list) else [value]
            whole = test(Frame({"?": value}, frame.env, frame))
            if whole is not True and not all(test(Frame({"?": item}, frame.env, frame)) is True for item in items):
                raise TableError("input_not_allowed", detail=column.label)

    def _matched(self, values: Sequence[Any], frame: Frame) -> list[int]:
        frames = [Frame({"?": value}, frame.env, frame) for value in values]
        found = []
        for number, (tests, _) in enumerate(self.rules):
            frame.env.charge(1 + len(tests))
            if all(test(inner) is True for test, inner in zip(tests, frames, strict=False)):
                found.append(number)
                if self.table.hit == "F":
                    break
        return found

    def _outputs(self, number: int, frame: Frame) -> list[Any]:
        columns = zip(self.table.outputs, self.rules[number][1], strict=False)
        return [self._typed(column, out(frame), frame) for column, out in columns]

    @staticmethod
    def _typed(column: Output, value: Any, frame: Frame) -> Any:
        if column.type is None:
            return value
        return conform(value, column.type.resolved, frame.env, column.name or column.type.name)

    def _shaped(self, outputs: Sequence[Any]) -> Any:
        """One output is itself, several are a context by name."""
        if len(self.table.outputs) == 1:
            return outputs[0]
        return {column.name: value for column, value in zip(self.table.outputs, outputs, strict=False)}

    def _nothing(self, frame: Frame) -> Any:
        """No rule matched: the defaults, else nothing."""
        if any(self.defaults):
            columns = zip(self.table.outputs, self.defaults, strict=True)
            return self._shaped([self._typed(column, out(frame), frame) if out else None for column, out in columns])
        if self.table.hit in {"R", "O"} or (self.table.hit == "C" and not self.table.aggregation):
            return []
        return Decimal(0) if self.table.aggregation == "#" else None

    def _numbers(self, hits: Sequence[Hit]) -> list[int]:
        return [number + 1 for number, _ in hits]

    def _hit_u(self, hits: list[Hit], frame: Frame) -> Any:
        if len(hits) > 1:
            raise TableError("several_rules", self._numbers(hits))
        return self._shaped(hits[0][1])

    def _hit_a(self, hits: list[Hit], frame: Frame) -> Any:
        if any(equal(hit[1], hits[0][1], frame.env) is not True for hit in hits[1:]):
            raise TableError("different_outputs", self._numbers(hits))
        return self._shaped(hits[0][1])

    def _hit_f(self, hits: list[Hit], frame: Frame) -> Any:
        return self._shaped(hits[0][1])

    def _hit_p(self, hits: list[Hit], frame: Frame) -> Any:
        return self._shaped(self._ordered(hits, frame)[0][1])

    def _hit_r(self, hits: list[Hit], frame: Frame) -> Any:
        return [self._shaped(hit[1]) for hit in hits]

    def _hit_o(self, hits: list[Hit], frame: Frame) -> Any:
        return [self._shaped(hit[1]) for hit in self._ordered(hits, frame)]

    def _ordered(self, hits: list[Hit], frame: Frame) -> list[Hit]:
        """By the place of the outputs among the output values, column by column."""
        columns = [None if values is None else values(frame) for values in self.values]
        if not any(columns):
            raise TableError("no_priority")
        return sorted(hits, key=lambda hit: [self._place(*pair, frame) for pair in zip(columns, hit[1], strict=False)])

    @staticmethod
    def _place(allowed: Any, value: Any, frame: Frame) -> int:
        if not isinstance(allowed, list):
            return 0
        places = (place for place, each in enumerate(allowed) if member(value, each, frame.env) is True)
        return next(places, len(allowed))

    def _hit_c(self, hits: list[Hit], frame: Frame) -> Any:
        if not self.table.aggregation:
            return [self._shaped(hit[1]) for hit in hits]
        columns = list(zip(*(hit[1] for hit in hits), strict=True))
        if self.table.aggregation == "#":
            return Decimal(len(hits))
        return self._shaped([self._aggregated(list(column), frame) for column in columns])

    def _aggregated(self, values: list[Any], frame: Frame) -> Any:
        if self.table.aggregation == "+":
            return self._sum(values)
        wanted = -1 if self.table.aggregation == "<" else 1
        best = values[0]
        for value in values[1:]:
            order = compare(value, best, frame.env)
            if order is None:
                raise TableError("not_comparable")
            best = value if order == wanted else best
        return best

    @staticmethod
    def _sum(values: list[Any]) -> Any:
        if not all(isinstance(value, Decimal) for value in values):
            raise TableError("not_numbers")
        return reduce(CONTEXT.add, values)
