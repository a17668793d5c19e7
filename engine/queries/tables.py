"""What decision tables and their columns are called, read from the files of a published version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy.orm import Session

from engine.bpmn.xml import read_xml
from engine.store.definitions import Definition, files_of

_kept: dict[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class TableWords:
    """`names`: decision id -> (name, English name); `columns`: (table id, output name) -> label."""

    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)


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
    names: dict[str, tuple[str, str]] = {}
    columns: dict[tuple[str, str], str] = {}
    for sha256 in tables.values():
        found = _read(sha256)
        names |= found.names
        columns |= found.columns
    return TableWords(names, columns)


@lru_cache(maxsize=256)
def _read(sha256: str) -> TableWords:
    names: dict[str, tuple[str, str]] = {}
    columns: dict[tuple[str, str], str] = {}
    for decision in read_xml(_kept[sha256]).iter("{*}decision"):
        name = decision.get("name", "")
        english = next(
            (one.get("value", "") for one in decision.iter("{*}property") if one.get("name") == "label:en"), ""
        )
        names[decision.get("id", "")] = (name, english or name)
        for table in decision.iter("{*}decisionTable"):
            for output in table.iter("{*}output"):
                columns[table.get("id", ""), output.get("name", "")] = output.get("label", "")
    return TableWords(names, columns)
