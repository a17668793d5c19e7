"""What decision tables, their columns, rules and results are called, read from the files of a published version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn.xml import read_xml
from engine.casework.tables import SOURCES, english_of, remarks_of
from engine.store.definitions import Definition, files_of

_kept: dict[str, bytes] = {}
_RESULT = "result:"

Names = tuple[str, str]
"""A name and its English; the same text twice where there is no English."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of a result that is a context, as its decision wants it told. `path`: the keys that lead to it."""

    path: tuple[str, ...]
    label: str
    label_en: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class TableWords:
    """What each decision is called by its id, and its heads: `columns` by output name, `inputs` by place from 0.

    `remarks`: what a rule says of itself, by number from 1. `figures`: how the result of a decision is told.
    """

    names: Mapping[str, Names] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], Names] = field(default_factory=dict)
    inputs: Mapping[tuple[str, int], Names] = field(default_factory=dict)
    remarks: Mapping[tuple[str, int], Names] = field(default_factory=dict)
    figures: Mapping[str, tuple[Figure, ...]] = field(default_factory=dict)


def words_of(session: Session, definition_id: int) -> TableWords:
    """The words of every table in the version's bundle. One statement the first time, none later."""
    row = session.get(Definition, definition_id)
    if row is None:
        return TableWords()
    tables = {name: sha256 for name, sha256 in row.manifest.items() if name.endswith(".dmn")}
    missing = {name: sha256 for name, sha256 in tables.items() if sha256 not in _kept}
    if missing:
        for name, body in files_of(session, missing).items():
            _kept[missing[name]] = body
    return _joined(tuple(tables.values()))


@lru_cache(maxsize=64)
def _joined(files: tuple[str, ...]) -> TableWords:
    found = TableWords({}, {}, {}, {}, {})
    for sha256 in files:
        part = read_words(_kept[sha256])
        found = TableWords(
            {**found.names, **part.names},
            {**found.columns, **part.columns},
            {**found.inputs, **part.inputs},
            {**found.remarks, **part.remarks},
            {**found.figures, **part.figures},
        )
    return found


def read_words(body: bytes) -> TableWords:
    """The words of every table in a .dmn file."""
    names: dict[str, Names] = {}
    columns: dict[tuple[str, str], Names] = {}
    inputs: dict[tuple[str, int], Names] = {}
    remarks: dict[tuple[str, int], Names] = {}
    figures: dict[str, tuple[Figure, ...]] = {}
    for decision in read_xml(body).iter("{*}decision"):
        decision_id = decision.get("id", "")  # the name under which the trace keeps its table
        names[decision_id] = _named(decision, "name")
        figures[decision_id] = tuple(_figures(decision))
        for table in decision.iter("{*}decisionTable"):
            for output in table.iterfind("{*}output"):
                columns[decision_id, output.get("name", "")] = _named(output, "label")
            for place, one in enumerate(table.iterfind("{*}input")):
                inputs[decision_id, place] = _named(one, "label")
            for number, remark in enumerate(remarks_of(table), start=1):
                remarks[decision_id, number] = _without_sources(*remark)
    return TableWords(names, columns, inputs, remarks, figures)


def _named(element: Any, attribute: str) -> Names:
    name = element.get(attribute, "")
    return name, english_of(element) or name


def _figures(decision: Any) -> Iterable[Figure]:
    """The decision's properties `result:path`, in their order, each with `:en` and `:format` if it has them."""
    found = {
        one.get("name", ""): one.get("value", "")
        for one in decision.iterfind("{*}extensionElements/{*}properties/{*}property")
        if one.get("name", "").startswith(_RESULT)
    }
    for name, label in found.items():
        if not name.endswith((":en", ":format")):
            path = tuple(name.removeprefix(_RESULT).split("."))
            yield Figure(path, label, found.get(f"{name}:en") or label, found.get(f"{name}:format", ""))


def _without_sources(remark: str, english: str) -> Names:
    # Sources, such as [PKH4], are for who looks after the table, not for who decides by it.
    said, said_en = (SOURCES.sub("", text).strip() for text in (remark, english))
    return said, said_en or said
