"""The way an instance has walked, read from its history: for diagrams, steppers and the history in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.bpmn.definition import Definition
from engine.queries.tables import TableWords
from engine.store.history import History


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, for the history in words. `name`/`name_en`: the element it happened at, if any."""

    at: datetime
    kind: str
    name: str
    name_en: str
    by: str
    task_id: int | None
    element_id: str


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
    """Ids of elements done and flows taken, by process; what was decided in the step that opened each element."""

    done: dict[str, set[str]] = field(default_factory=dict)
    flows: dict[str, set[str]] = field(default_factory=dict)
    decided: dict[str, tuple[Decided, ...]] = field(default_factory=dict)


def read_walk(
    compiled: Definition,
    words: TableWords,
    history: Iterable[tuple[History, str | None]],
    instance_id: int,
    may_know: Callable[[Mapping[str, Any]], bool],
) -> tuple[Walk, list[Event]]:
    """The walk of one instance, and every event of the history given. `may_know`: of which decisions to tell."""
    walk, events = Walk(), []
    names = _names(compiled)
    for row, by in history:
        if row.instance_id == instance_id:
            _follow(walk, row.detail.get("steps") or (), words, may_know)
        name, name_en = names.get(row.element_id, ("", ""))
        events.append(Event(row.at, row.kind, name, name_en, by or "", row.task_id, row.element_id))
    return walk, events


def read_way(compiled: Definition, process_id: str, walk: Walk, here: str) -> list[Place]:
    """The user tasks of a process that were done, the one where the case stands, and those that always come."""
    done = walk.done.get(process_id, set())
    return [
        Place(element.id, element.name, element.name_en, "here" if element.id == here else "done")
        for element in compiled.elements(process_id)
        if element.type == "userTask" and (element.id == here or element.id in done)
    ]


def _names(compiled: Definition) -> dict[str, tuple[str, str]]:
    return {
        element.id: (element.name, element.name_en)
        for process_id in compiled.processes
        for element in compiled.elements(process_id)
    }


def _follow(walk: Walk, steps: Iterable[Any], words: TableWords, may_know: Callable[[Mapping[str, Any]], bool]) -> None:
    decided: list[Decided] = []
    for kind, element_id, process_id, detail in steps:
        if kind == "taken":
            walk.flows.setdefault(process_id, set()).add(element_id)
        elif kind == "completed":
            walk.done.setdefault(process_id, set()).add(element_id)
        elif kind == "decided":
            decided += _decisions(filter(may_know, detail.get("traces") or ()), words)
        elif kind == "entered" and decided:
            walk.decided[element_id] = tuple(decided)


def _decisions(traces: Iterable[Mapping[str, Any]], words: TableWords) -> Iterable[Decided]:
    """The tables of one evaluation that had a rule; the trace is that of engine.decisions."""
    for trace in traces:
        decision_id = str(trace.get("decision") or "")
        names = words.names.get(decision_id, (str(trace.get("name") or decision_id),) * 2)
        for table in trace.get("tables") or ():
            if rules := tuple(int(rule["number"]) for rule in table.get("rules") or ()):
                yield Decided(*names, rules)
