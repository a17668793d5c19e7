"""Why a case went the way it went: each decision with what it looked at, each choice with condition and values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bpmn.definition import Definition
from engine.casework import definitions
from engine.errors import NotFound
from engine.store.cases import Case
from engine.store.history import History


@dataclass(frozen=True, slots=True)
class Place:
    """An element of a diagram."""

    process_id: str
    element_id: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision table that was asked. `rules`: the numbers of those that matched, from 1; none: the default."""

    at: datetime
    place: Place
    decision: str
    hit_policy: str
    inputs: Mapping[str, Any]
    rules: tuple[int, ...]
    output: Any


@dataclass(frozen=True, slots=True)
class Chosen:
    """A way that was chosen. Without a condition it is the default; `values` are of what the conditions asked."""

    at: datetime
    place: Place
    flow: str
    to: Place
    condition: str
    values: Mapping[str, Any]


def explain(session: Session, case_no: str) -> list[Asked | Chosen]:
    """What decided about a case, oldest first; facts and codes only. Raises NotFound.

    The caller has seen to it that who asks may know.
    """
    case_id = session.scalar(select(Case.id).where(Case.case_no == case_no))
    if case_id is None:
        raise NotFound(f"No case {case_no}.")
    rows = session.scalars(select(History).where(History.case_id == case_id).order_by(History.id))
    return [found for row in rows if row.definition_id is not None for found in _of_row(session, row)]


def _of_row(session: Session, row: History) -> Iterator[Asked | Chosen]:
    steps = row.detail.get("steps") or ()
    if not any(kind in {"decided", "taken"} for kind, *_ in steps) or row.definition_id is None:
        return
    places = _Places(definitions.compiled(session, row.definition_id))
    for kind, element_id, process_id, detail in steps:
        if kind == "decided":
            yield from _asked(row.at, places.of(process_id, element_id), detail)
        elif kind == "taken" and ("condition" in detail or detail.get("default")):
            source, name = places.definition.source_of(process_id, element_id)
            to = places.of(process_id, str(detail.get("to", "")))
            condition, values = str(detail.get("condition", "")), detail.get("values") or {}
            yield Chosen(row.at, places.of(process_id, source), name or element_id, to, condition, values)


def _asked(at: datetime, place: Place, detail: Mapping[str, Any]) -> Iterator[Asked]:
    for trace in detail.get("traces") or ():
        for table in trace.get("tables") or ():
            yield Asked(
                at,
                place,
                str(table.get("name") or trace.get("name") or trace.get("decision") or ""),
                str(table.get("hit_policy", "")),
                {str(one["label"] or one["expression"]): one["value"] for one in table.get("inputs", ())},
                tuple(int(rule["number"]) for rule in table.get("rules") or ()),
                table.get("output"),
            )


class _Places:
    """The elements of a version by process and id."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self._known: dict[str, dict[str, Place]] = {}

    def of(self, process_id: str, element_id: str) -> Place:
        """The element; one that the version does not have is known by its id."""
        if process_id not in self._known:
            self._known[process_id] = {
                one.id: Place(process_id, one.id, one.name, one.name_en)
                for one in (self.definition.elements(process_id) if process_id in self.definition.processes else ())
            }
        return self._known[process_id].get(element_id, Place(process_id, element_id, "", ""))
