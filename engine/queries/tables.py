"""What decision tables and their columns are called, read from the files of a published version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn.xml import read_xml
from engine.casework.tables import english_of
from engine.store.definitions import Definition, files_of

_kept: dict[str, bytes] = {}

Names = tuple[str, str]
"""A name and its English; the same text twice where there is no English."""


@dataclass(frozen=True, slots=True)
class TableWords:
    """What each decision is called by its id, and its heads: `columns` by output name, `inputs` by place from 0."""

    names: Mapping[str, Names] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], Names] = field(default_factory=dict)
    inputs: Mapping[tuple[str, int], Names] = field(default_factory=dict)


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
    return _joined(_read(sha256) for sha256 in tables.values())


def _joined(parts: Iterable[TableWords]) -> TableWords:
    names: dict[str, Names] = {}
    columns: dict[tuple[str, str], Names] = {}
    inputs: dict[tuple[str, int], Names] = {}
    for part in parts:
        names |= part.names
        columns |= part.columns
        inputs |= part.inputs
    return TableWords(names, columns, inputs)


@lru_cache(maxsize=256)
def _read(sha256: str) -> TableWords:
    return read_words(_kept[sha256])


def read_words(body: bytes) -> TableWords:
    """The words of every table in a .dmn file."""
    names: dict[str, Names] = {}
    columns: dict[tuple[str, str], Names] = {}
    inputs: dict[tuple[str, int], Names] = {}
    for decision in read_xml(body).iter("{*}decision"):
        names[decision.get("id", "")] = _named(decision, "name")
        for table in decision.iter("{*}decisionTable"):
            table_id = decision.get("id", "")  # the name under which the trace keeps it
            for output in table.iterfind("{*}output"):
                columns[table_id, output.get("name", "")] = _named(output, "label")
            for place, one in enumerate(table.iterfind("{*}input")):
                inputs[table_id, place] = _named(one, "label")
    return TableWords(names, columns, inputs)


def _named(element: Any, attribute: str) -> Names:
    name = element.get(attribute, "")
    return name, english_of(element) or name
