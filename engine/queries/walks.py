"""The way an instance has walked, read from its history: for diagrams, steppers and the history in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.bpmn.definition import Definition
from engine.queries.decided import Known, name_of
from engine.store.history import History

ElementNames = Mapping[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, for the history in words. `name`/`name_en`: the element it happened at, if any.

    `missed`: how many times a timer was due again before anybody heard it.
    """

    at: datetime
    kind: str
    name: str
    name_en: str
    by: str
    task_id: int | None
    element_id: str
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision table that was asked: the rules that matched, counted from 1."""

    name: str
    name_en: str
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One user task of the diagram, for the way in words. `state`: done, here or ahead."""

    element_id: str
    name: str
    name_en: str
    state: str


@dataclass(slots=True)
class Walk:
    """Ids of elements done and flows taken, by process; what was decided before each (process, element) opened."""

    done: dict[str, set[str]] = field(default_factory=dict)
    flows: dict[str, set[str]] = field(default_factory=dict)
    decided: dict[tuple[str, str], tuple[Decided, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """A row of the history with who did it; if it is about a user task, with its name, process and properties."""

    row: History
    by: str
    task: tuple[str, str] | None = None
    process_id: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_decision(self) -> bool:
        """Whether a second pair of eyes decided here."""
        return str(self.properties.get("fourEyes", "")).lower() == "true"

    @property
    def phase(self) -> str:
        """The phase that the task belongs to."""
        return str(self.properties.get("phase") or "")


def read_walk(known: Known, history: Iterable[Told], instance_id: int) -> tuple[Walk, list[Event]]:
    """The walk of one instance, and every event of the history given, as far as the reader may know."""
    walk, events = Walk(), []

    def tells(place: tuple[str, str], trace: Mapping[str, Any]) -> bool:
        # Deadlines are tables too, and nobody's reason.
        return known.type_of(*place) == "businessRuleTask" and known.reader.may_know(trace, known.secret)

    for told in history:
        row = told.row
        steps = row.detail.get("steps") or ()
        if row.instance_id == instance_id:
            _follow(walk, steps, known, tells)
        name, name_en = told.task or name_at(row, steps, known.names)
        missed = missed_in(row, steps)
        events.append(Event(row.at, row.kind, name, name_en, told.by, row.task_id, row.element_id, missed))
    return walk, events


def name_at(row: History, steps: Iterable[Any], names: ElementNames) -> tuple[str, str]:
    """The name of the element that a row is about, in whichever process the step touched it."""
    processes = [process_id for _, element_id, process_id, _ in steps if element_id == row.element_id]
    return names.get((processes[0] if processes else row.process_id, row.element_id), ("", ""))


def missed_in(row: History, steps: Iterable[Any]) -> int:
    """How many firings of the timer that the row is about were due meanwhile: they count, but fire once."""
    found = (detail for kind, element_id, _, detail in steps if kind == "caught" and element_id == row.element_id)
    return max((int(detail.get("missed") or 0) for detail in found), default=0)


def read_way(compiled: Definition, process_id: str, walk: Walk, here: str) -> list[Place]:
    """The user tasks of a process that were done, the one where the case stands, and those that always come."""
    done = walk.done.get(process_id, set())
    return [
        Place(element.id, element.name, element.name_en, "here" if element.id == here else "done")
        for element in compiled.elements(process_id)
        if element.type == "userTask" and (element.id == here or element.id in done)
    ]


def _follow(
    walk: Walk,
    steps: Iterable[Any],
    known: Known,
    tells: Callable[[tuple[str, str], Mapping[str, Any]], bool],
) -> None:
    decided: list[Decided] = []
    for kind, element_id, process_id, detail in steps:
        place = (process_id, element_id)
        if kind == "taken":
            walk.flows.setdefault(process_id, set()).add(element_id)
        elif kind == "completed":
            walk.done.setdefault(process_id, set()).add(element_id)
        elif kind == "decided" and place in known.elements and detail.get("decision") == known.elements[place].decision:
            decided += _decisions((trace for trace in _own(detail) if tells(place, trace)), known)
        elif kind == "entered" and decided:
            walk.decided[place] = tuple(decided)


def _own(detail: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The traces of the decision that was asked for, without those of what it rests on."""
    return [trace for trace in detail.get("traces") or () if trace.get("decision") == detail.get("decision")]


def _decisions(traces: Iterable[Mapping[str, Any]], known: Known) -> Iterable[Decided]:
    """The tables of one evaluation that had a rule; the trace is that of engine.decisions."""
    for trace in traces:
        names = name_of(str(trace.get("decision") or ""), trace, known)
        for table in trace.get("tables") or ():
            if rules := tuple(int(rule["number"]) for rule in table.get("rules") or ()):
                yield Decided(*names, rules)
