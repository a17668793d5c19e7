"""What one reader may know of a case's answers and decisions: some questions and categories are for few roles."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import permissions
from engine.actors import Actor
from engine.casework import definitions
from engine.casework.rules import office_rules

CATEGORIES = "pmks_codes"
_NAMES = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's groups, and the kinds of PPKS that the reader must not learn of. `groups` None: reads everything."""

    groups: frozenset[str] | None
    secret_codes: frozenset[str]

    def categories(self, codes: Iterable[str]) -> list[str]:
        """The kinds of PPKS that may be shown."""
        return [code for code in codes if code not in self.secret_codes]

    def answers(self, form: forms.Form, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers that may be shown."""
        kept = dict(answers) if self.groups is None else forms.readable(form, answers, self.groups)
        if isinstance(kept.get(CATEGORIES), list):
            kept[CATEGORIES] = self.categories(kept[CATEGORIES])
        return kept

    def withheld(self, form: forms.Form) -> frozenset[str]:
        """The keys of questions that the reader may not see answered."""
        return frozenset() if self.groups is None else forms.withheld_keys(form, self.groups)

    def may_know(self, trace: Mapping[str, Any], secret_facts: frozenset[str]) -> bool:
        """Whether a decision may be told: its rules and results speak of what it looked at."""
        tables = list(trace.get("tables") or ())
        looked = [one for table in tables for one in table.get("inputs") or ()]
        if any(one["value"] not in (None, []) and uses(one, secret_facts) for one in looked):
            return False
        values = [one["value"] for one in looked] + [table.get("output") for table in tables] + [trace.get("output")]
        return not any(self._speaks_of_secrets(value) for value in values)

    def may_know_facts(self, values: Mapping[str, Any], secret_facts: frozenset[str]) -> bool:
        """Whether the facts that decided a gateway's way may be told."""
        asked = (name for name, value in values.items() if value not in (None, []))
        return secret_facts.isdisjoint(asked) and not self._speaks_of_secrets(values)

    def _speaks_of_secrets(self, value: Any) -> bool:
        if isinstance(value, str):
            return value in self.secret_codes
        if isinstance(value, Mapping):
            return any(self._speaks_of_secrets(item) for item in value.values())
        return isinstance(value, list) and any(self._speaks_of_secrets(item) for item in value)


def uses(column: Mapping[str, Any], facts: frozenset[str]) -> bool:
    """Whether a column of a decision table looked at one of these facts."""
    return not facts.isdisjoint(_NAMES.findall(str(column.get("expression") or "")))


def of(session: Session, actor: Actor) -> Reading:
    """What the actor may know; the system knows everything."""
    if actor.id is None:
        return Reading(None, frozenset())
    if permissions.reads_secret_categories(actor):
        return Reading(actor.groups, frozenset())
    return Reading(actor.groups, permissions.secret_categories(office_rules(session).find("secret_pmks_codes")))


def secret_facts(session: Session, definition_id: int, reading: Reading) -> frozenset[str]:
    """The names of the facts of a version's forms that the reader may not see."""
    if reading.groups is None:
        return frozenset()
    found: set[str] = set()
    for form in definitions.forms_of(session, definition_id):
        found |= reading.withheld(form)
    return frozenset(found)
