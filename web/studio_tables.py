"""Decision tables as rows to show: what the analyst drew, in the order drawn."""

from dataclasses import dataclass

from engine.casework.tables import read_tables


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
    """The decision tables of a .dmn file."""
    return [Table(*row) for row in read_tables(body)]
