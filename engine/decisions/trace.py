"""Why a decision came out as it did: JSON-able traces kept with the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.decisions.model import Decision
from engine.decisions.table import TableRecord
from engine.feel.codec import to_plain


@dataclass(frozen=True, slots=True)
class Trace:
    """One decision: `tables` holds, per table that ran, its inputs, matched rules (numbers from 1, ids) and result."""

    decision_id: str
    name: str
    tables: list[dict[str, Any]]
    output: Any

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"decision": self.decision_id, "name": self.name, "tables": self.tables, "output": self.output}


def _table(record: TableRecord) -> dict[str, Any]:
    table = record.table
    columns = zip(table.inputs, record.inputs, strict=True)
    return {
        "table": table.id,
        "name": table.name,
        "hit_policy": table.hit + table.aggregation,
        "inputs": [
            {"label": column.label, "expression": column.text, "value": to_plain(value)} for column, value in columns
        ],
        "rules": [{"number": number, "id": table.rules[number - 1].id} for number in record.matched],
        "output": to_plain(record.result),
    }


def trace_of(decision: Decision, records: Sequence[TableRecord], value: Any) -> Trace:
    """The trace of a decision from what its tables did."""
    return Trace(decision.id, decision.name, [_table(record) for record in records], to_plain(value))
