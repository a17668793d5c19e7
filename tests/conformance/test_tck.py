"""Every case of the DMN standard's test kit, where its folder is at hand."""

import os
from pathlib import Path

import pytest

from engine.decisions.conformance import Report, run
from engine.settings import PROJECT
from tests.decisions.models import data, decision, literal, model

# What the published kit asks of level 3 (the rest would be listed in docs/conformance.md).
LEVEL_3 = 0.99


def _folder() -> Path:
    named = os.environ.get("PILAR_DMN_TCK")
    return Path(named) if named else PROJECT.parent / "shared" / "conformance" / "dmn-tck"


@pytest.fixture(scope="module")
def report() -> Report:
    folder = _folder()
    if not folder.is_dir():
        pytest.skip("The DMN test kit is not here; PILAR_DMN_TCK may name its folder.")
    return run(folder)


def _share(report: Report, level: str) -> float:
    passed, total = report.levels()[level]
    return passed / total


def test_level_2_is_whole(report: Report) -> None:
    assert [each for each in report.failures() if each.level == "2"] == []
    assert _share(report, "2") == 1


def test_level_3_is_nearly_whole(report: Report) -> None:
    assert _share(report, "3") >= LEVEL_3, report.failures()


def test_inputs_and_results_of_imported_models(tmp_path: Path) -> None:
    """The kit's format names the namespace of what belongs to an imported model."""
    library = model(data("rate", type_ref="number") + decision("twice", literal("rate * 2"), ["#rate"]), "lib")
    imported = '<import name="lib" namespace="urn:test:lib" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    uses = model(imported + data("rate") + decision("d", literal("rate + lib.twice"), ["#rate", "urn:test:lib#twice"]))
    tests = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
      <modelName>a.dmn</modelName><testCase id="1">
      <inputNode name="rate"><value xsi:type="xsd:decimal">1</value></inputNode>
      <inputNode name="rate" namespace="urn:test:lib"><value xsi:type="xsd:decimal">7</value></inputNode>
      <resultNode name="d"><expected><value xsi:type="xsd:decimal">15</value></expected></resultNode>
      </testCase><testCase id="2">
      <inputNode name="rate"><value xsi:type="xsd:decimal">4</value></inputNode>
      <resultNode name="twice" namespace="urn:test:lib"><expected><value xsi:type="xsd:decimal">8</value></expected>
      </resultNode></testCase></testCases>"""
    folder = tmp_path / "compliance-level-3" / "0001-import"
    folder.mkdir(parents=True)
    for name, body in {"a.dmn": uses, "b.dmn": library, "0001-import-test-01.xml": tests.encode()}.items():
        (folder / name).write_bytes(body)
    found = run(tmp_path)
    assert [each.reason for each in found.outcomes] == ["", ""]
    assert found.levels() == {"3": (2, 2)}
