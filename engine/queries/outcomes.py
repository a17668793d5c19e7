"""What the tables of a process came to for a case, for whoever works or decides on it: the newest answer of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.queries.decided import Decided, Input, Known, Names, decided_in, name_of, outputs_of, plain
from engine.queries.tables import Figure
from engine.store.history import History

_ASKS = "businessRuleTask"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in a result, such as the members of a family who count: heads, and a value under each in every row."""

    label: str
    label_en: str
    heads: Sequence[Names]
    rows: Sequence[Sequence[Input]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one business rule task came to.

    `figures` and `listings`: the result as its decision wants it told. `decided`: its own table, if it is one.
    `parts`: the tables asked on the way, grouped by table in the order in which they were first asked.
    `is_told`: the decision itself says how its result reads.
    """

    element_id: str
    decision: str
    at: datetime
    name: str
    name_en: str
    figures: Sequence[Input]
    listings: Sequence[Listing]
    decided: Decided | None
    parts: Sequence[Sequence[Decided]]
    is_told: bool


def read_outcomes(
    known: Known, history: Iterable[History], process_id: str, instance_id: int | None = None
) -> list[Outcome]:
    """The outcomes in one process, the newest last, each decision once. What the reader may not know is left out."""
    if known.compiled is None or process_id not in known.compiled.processes:
        return []
    found: dict[str, tuple[datetime, list[Mapping[str, Any]]]] = {}
    for row in history:
        if instance_id in (None, row.instance_id):
            for kind, element_id, process, detail in row.detail.get("steps") or ():
                if process != process_id or known.type_of(process, element_id) != _ASKS:
                    continue
                if kind == "entered":
                    found.pop(element_id, None)
                elif kind == "decided":
                    found.setdefault(element_id, (row.at, []))[1].append(detail)
    told = (one for key, (at, details) in found.items() for one in _outcomes((process_id, key), at, details, known))
    # A decision that was asked at two elements is told as it was answered last.
    return list({one.decision: one for one in told}.values())


def outcomes_in(row: History, known: Known) -> tuple[list[Outcome], list[Decided]]:
    """What the tables came to in one step: at business rule tasks, and elsewhere (deadlines of tasks, timers)."""
    asked: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    elsewhere: list[Decided] = []
    for kind, element_id, process_id, detail in row.detail.get("steps") or ():
        if kind == "decided" and known.type_of(process_id, element_id) == _ASKS:
            asked.setdefault((process_id, element_id), []).append(detail)
        elif kind == "decided":
            elsewhere += decided_in(detail, known)
    return [one for place, details in asked.items() for one in _outcomes(place, row.at, details, known)], elsewhere


def _outcomes(
    place: tuple[str, str], at: datetime, details: Sequence[Mapping[str, Any]], known: Known
) -> Iterator[Outcome]:
    """The task's own decision, with those asked on the way to it; then those that its mappings asked after it."""
    wanted = known.elements[place].decision
    own = next((number for number, one in enumerate(details) if one.get("decision") == wanted), len(details) - 1)
    groups = [details[: own + 1], *([each] for each in details[own + 1 :])]
    found = (_outcome(place[1], at, group, known) for group in groups)
    yield from (one for one in found if one is not None)


def _outcome(element_id: str, at: datetime, details: Sequence[Mapping[str, Any]], known: Known) -> Outcome | None:
    """One decision: the last of `details`; the others were asked on the way to it."""
    own = plain(details[-1])
    decision_id = str(own.get("decision") or "")
    traces = list(own.get("traces") or ())
    if not all(known.reader.may_know(trace, known.secret) for trace in traces):
        return None
    name, name_en = name_of(decision_id, traces[-1] if traces else {}, known)
    tables = [one for detail in details for one in decided_in(detail, known)]
    decided = next((one for one in reversed(tables) if one.decision == decision_id), None)
    words, value = known.words.figures.get(decision_id, ()), own.get("value")
    return Outcome(
        element_id=element_id,
        decision=decision_id,
        at=at,
        name=name,
        name_en=name_en,
        figures=list(_figures(words, value, known) if words else outputs_of(decision_id, value, known)),
        listings=list(_listings(words, value, known)),
        decided=decided,
        parts=_grouped(one for one in tables if one is not decided),
        is_told=bool(words),
    )


def _grouped(tables: Iterable[Decided]) -> list[list[Decided]]:
    found: dict[str, list[Decided]] = {}
    for one in tables:
        found.setdefault(one.decision, []).append(one)
    return list(found.values())


def _figures(words: Sequence[Figure], value: Any, known: Known) -> Iterator[Input]:
    """The single values that the decision names."""
    lists = {word.path[0] for word in words if len(word.path) > 1}
    for word in words:
        if len(word.path) == 1 and word.path[0] not in lists:
            yield _input(word, value, known)


def _listings(words: Sequence[Figure], value: Any, known: Known) -> Iterator[Listing]:
    """The lists that the decision names, with the columns that it names."""
    for head in words:
        columns = [word for word in words if len(word.path) == 2 and word.path[0] == head.path[0]]
        items = value.get(head.path[0]) if isinstance(value, Mapping) else None
        if len(head.path) == 1 and columns and isinstance(items, list):
            heads = [(word.label, word.label_en) for word in columns]
            rows = [[_input(word, item, known) for word in columns] for item in items]
            yield Listing(head.label, head.label_en, heads, rows)


def _input(word: Figure, value: Any, known: Known) -> Input:
    key = word.path[-1]
    found = value.get(key) if isinstance(value, Mapping) else None
    return Input(word.label, word.label_en, found, known.spoken.answers.get(key, {}), word.format)
