"""Decision tables as rows to show: what the analyst drew, in the order drawn."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.casework.tables import Row, read_tables
from web.i18n import pick
from web.studio_words import POLICIES
from web.words import name


@dataclass(frozen=True, slots=True)
class Table:
    """One decision table: how it chooses its rule, heads of inputs and outputs, the rules' cells as text and what each
    rule says of itself."""

    id: str
    name: str
    policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...]


def tables_of(body: bytes) -> list[Table]:
    """The decision tables of a .dmn file, named in the reader's language."""
    return [
        Table(id_, pick(*called), name(POLICIES, policy), _heads(inputs), _heads(outputs), tuple(map(_rule, rules)))
        for id_, called, policy, inputs, outputs, rules in read_tables(body)
    ]


def _rule(row: Row) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    inputs, outputs, remark = row
    return inputs, outputs, pick(*remark)


def _heads(names: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(pick(*one) for one in names)
