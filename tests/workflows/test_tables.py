"""Every shipped decision table answers every input it may get, and by one rule only where it says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import decisions
from engine.casework.tables import SOURCES, read_tables
from engine.decisions import Finding
from tests.workflows.rules import WORKFLOWS

FILES = sorted(WORKFLOWS.glob("*/*.dmn"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_table_has_gaps_or_rules_that_contradict(path: Path) -> None:
    model = decisions.parse(path.read_bytes())
    found = [told(finding) for finding in decisions.check_model(model)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_remark_on_a_rule_is_in_both_languages(path: Path) -> None:
    for table, *_, rules in read_tables(path.read_bytes()):
        for number, (_inputs, _outputs, (remark, english)) in enumerate(rules, start=1):
            said = SOURCES.sub("", remark).strip()
            assert bool(said) == bool(english), f"{table}, rule {number}: {remark} | {english}"
            assert not said or SOURCES.findall(english) == SOURCES.findall(remark), "sources are the same in English"


def test_every_family_ships_tables() -> None:
    assert {path.parent.name for path in FILES} >= {"case", "pkh", "rehabilitation", "tagana"}


def told(finding: Finding) -> str:
    """A finding as the message of a failed test: the table, what is wrong, and an input that shows it."""
    return " ".join(part for part in _parts(finding) if part)


def _parts(finding: Finding) -> Iterator[str]:
    yield f"{finding.table}: {finding.code}"
    yield f"(rules {', '.join(map(str, finding.rules))})" if finding.rules else ""
    yield finding.detail
    if finding.example:
        yield "for " + ", ".join(f"{column} = {value}" for column, value in finding.example.items())
