"""The shipped families pass their own check without an error or a warning."""

from engine.bpmn.bundle import bundles
from engine.bpmn.check import check
from engine.casework.definitions import read_folder
from engine.settings import PROJECT

FILES = read_folder(PROJECT / "workflows")


def test_nothing_to_warn_of() -> None:
    found = [one for bundle in bundles(FILES).values() for one in check(bundle, around=FILES)]
    assert [str(one) for one in found if one.severity != "note"] == []
