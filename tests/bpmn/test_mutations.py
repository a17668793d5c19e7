"""Shipped diagrams and tables, and those of the matrix, broken at random: refused or told, never a traceback.

PILAR_MUTATIONS says how many times; a run of the suite tries a few.
"""

import os
from itertools import cycle, islice

import pytest

from engine.bpmn import Definition
from engine.bpmn.bundle import bundles
from engine.bpmn.check import check
from engine.bpmn.findings import ERROR
from engine.casework.definitions import read_folder
from engine.errors import InvalidDefinition
from engine.settings import PROJECT
from tests.bpmn.matrix import MATRIX, files_of
from tests.bpmn.mutations import mutate

TIMES = int(os.environ.get("PILAR_MUTATIONS", "120"))
PORTION = 24


def targets() -> list[tuple[dict[str, bytes], str]]:
    """Files with the one among them that is broken; shipped ones and small ones in turns."""
    shipped = bundles(read_folder(PROJECT / "workflows"))
    large = [(files, name) for family, files in shipped.items() for name in files if name.startswith(f"{family}/")]
    small = [(files_of(case), "p.bpmn") for case in MATRIX]
    return [pair for pairs in zip(cycle(small), _xml(large), strict=False) for pair in pairs] + small


def _xml(some: list[tuple[dict[str, bytes], str]]) -> list[tuple[dict[str, bytes], str]]:
    return [(files, name) for files, name in some if not name.endswith(".form")]


@pytest.mark.parametrize("portion", range(max(1, TIMES // PORTION)))
def test_broken_files_are_refused_in_words(portion: int) -> None:
    begin = portion * PORTION
    for seed, (files, name) in enumerate(islice(cycle(targets()), begin, begin + PORTION), start=begin):
        broken = {**files, name: mutate(files[name], seed)}
        if any(one.severity == ERROR for one in check(broken)):
            with pytest.raises(InvalidDefinition):
                Definition.compile(broken)
        else:
            Definition.compile(broken)
