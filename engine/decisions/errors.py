"""What goes wrong when a decision runs."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import EngineError


class TableError(EngineError):
    """A table has no lawful result. `reason`: several_rules, different_outputs, no_priority or input_not_allowed."""

    code = "table_failed"

    def __init__(self, reason: str, rules: Sequence[int] = (), detail: str = "") -> None:
        where = f" (rules {', '.join(map(str, rules))})" if rules else ""
        super().__init__(f"{reason}{where}{': ' + detail if detail else ''}")
        self.reason = reason
        self.rules = tuple(rules)
        self.detail = detail


class DecisionError(EngineError):
    """A decision has no lawful result. `decision_id`, `name`, `reason` (a code), `rules` (numbers from 1)."""

    code = "decision_failed"

    def __init__(self, decision_id: str, name: str, reason: str, rules: Sequence[int] = (), detail: str = "") -> None:
        where = f", rules {', '.join(map(str, rules))}" if rules else ""
        super().__init__(f"Decision {name} ({decision_id}): {reason}{where}{': ' + detail if detail else ''}")
        self.decision_id = decision_id
        self.name = name
        self.reason = reason
        self.rules = tuple(rules)
        self.detail = detail
