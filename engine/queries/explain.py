"""Why a case went the way it went: each decision with what it looked at, each choice with condition and values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.bpmn.definition import Definition
from engine.casework import definitions, reading
from engine.casework.reading import Reading
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
    type: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision that was asked. `rules`: the numbers of those that matched, from 1; none: the default.

    A decision that is no table has no hit policy and no rules; its inputs are the variables it read.
    """

    at: datetime
    place: Place
    decision: str
    hit_policy: str
    inputs: Mapping[str, Any]
    rules: tuple[int, ...]
    output: Any


@dataclass(frozen=True, slots=True)
class Chosen:
    """A way that was chosen, or an event that came. `condition`: what held; "" where no condition did: the default,
    or the event that came first. `values` are of what the conditions asked.
    """

    at: datetime
    place: Place
    flow: str
    to: Place
    condition: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moved:
    """The case was moved to another version (or back): from then on that one decides."""

    at: datetime
    place: Place
    old: int | None
    new: int | None
    reason: str


Reason = Asked | Chosen | Moved
_MOVES = {"instance.migrated", "instance.migration_taken_back"}


def explain(session: Session, case_no: str) -> list[Reason]:
    """What decided about a case, oldest first; facts and codes only. Raises NotFound.

    The caller has seen to it that who asks may know.
    """
    case_id = session.scalar(select(Case.id).where(Case.case_no == case_no))
    if case_id is None:
        raise NotFound(f"No case {case_no}.")
    return of_case(session, SYSTEM, case_id)


def of_case(session: Session, actor: Actor, case_id: int) -> list[Reason]:
    """What decided about a case, oldest first: of what the actor may know. That the case may be read is checked.

    A decision or condition that looked at what is for few roles is left out as a whole.
    """
    reader = reading.of(session, actor)
    rows = session.scalars(select(History).where(History.case_id == case_id).order_by(History.id)).all()
    versions = {row.definition_id for row in rows if row.definition_id is not None}
    tellers = {number: _Teller(session, number, reader) for number in versions}
    return [found for row in rows if row.definition_id is not None for found in tellers[row.definition_id].told(row)]


class _Teller:
    """Tells the reasons in rows of one version."""

    def __init__(self, session: Session, definition_id: int, reader: Reading) -> None:
        self._definition = definitions.compiled(session, definition_id)
        self._places = _Places(self._definition)
        self._reader = reader
        self._secret = reading.secret_facts(session, definition_id, reader)

    def told(self, row: History) -> Iterator[Reason]:
        """What one row tells."""
        if row.kind in _MOVES:
            detail = row.detail
            place = self._places.of(row.process_id, row.process_id)
            yield Moved(row.at, place, detail.get("from"), detail.get("to"), str(detail.get("reason", "")))
        for kind, element_id, process_id, detail in row.detail.get("steps") or ():
            if kind == "decided":
                yield from self._asked(row.at, self._places.of(process_id, element_id), detail)
            elif kind == "taken":
                yield from self._chosen(row.at, process_id, element_id, detail)
            elif kind == "caught" and "condition" in detail:
                place = self._places.of(process_id, element_id)
                yield from self._if_known(Chosen(row.at, place, "", place, detail["condition"], detail["values"]))

    def _chosen(self, at: datetime, process_id: str, flow_id: str, detail: Mapping[str, Any]) -> Iterator[Chosen]:
        source, name = self._definition.source_of(process_id, flow_id)
        place = self._places.of(process_id, source)
        if "condition" in detail or detail.get("default") or place.type == "eventBasedGateway":
            to = self._places.of(process_id, str(detail.get("to", "")))
            condition, values = str(detail.get("condition", "")), detail.get("values") or {}
            yield from self._if_known(Chosen(at, place, name[0] or flow_id, to, condition, values))

    def _if_known(self, chosen: Chosen) -> Iterator[Chosen]:
        looked = [{"expression": name, "value": value} for name, value in chosen.values.items()]
        if self._reader.may_know({"tables": [{"inputs": looked}]}, self._secret):
            yield chosen

    def _asked(self, at: datetime, place: Place, detail: Mapping[str, Any]) -> Iterator[Asked]:
        for trace in detail.get("traces") or ():
            tables = trace.get("tables") or ()
            values = {} if tables else detail.get("values") or {}
            looked = [{"expression": name, "value": value} for name, value in values.items()]
            if not self._reader.may_know({**trace, "tables": [*tables, {"inputs": looked}]}, self._secret):
                continue
            name = str(trace.get("name") or trace.get("decision") or "")
            if not tables:
                yield Asked(at, place, name, "", values, (), trace.get("output"))
            for table in tables:
                yield _table(at, place, name, table)


def _table(at: datetime, place: Place, name: str, table: Mapping[str, Any]) -> Asked:
    return Asked(
        at,
        place,
        str(table.get("name") or name),
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
                one.id: Place(process_id, one.id, one.name, one.name_en, one.type)
                for one in (self.definition.elements(process_id) if process_id in self.definition.processes else ())
            }
        return self._known[process_id].get(element_id, Place(process_id, element_id, "", ""))
