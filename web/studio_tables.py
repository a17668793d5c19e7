"""Decision tables as rows to show: what the analyst drew, in the order drawn."""

from dataclasses import dataclass

from engine.casework.tables import read_tables
from web.i18n import pick


@dataclass(frozen=True, slots=True)
class Table:
    """One decision table: heads of inputs and outputs, and the rules' cells as text."""

    id: str
    name: str
    policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...]


def tables_of(body: bytes) -> list[Table]:
    """The decision tables of a .dmn file, named in the reader's language."""
    return [
        Table(
            id_, pick(*name), policy, tuple(pick(*one) for one in inputs), tuple(pick(*one) for one in outputs), rules
        )
        for id_, name, policy, inputs, outputs, rules in read_tables(body)
    ]
