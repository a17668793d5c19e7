"""bpmnlint beside the own check: what it adds, and that strangers' files do it no harm."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.casework import bpmnlint
from engine.cli.models import check
from tests.bpmn.diagrams import chain, element, end, flow, process, start, user
from tests.bpmn.hostile import HOSTILE

pytestmark = pytest.mark.skipif(not bpmnlint.is_there(), reason="bpmnlint is not installed")
DOUBLED = process(start(), user("a"), end(), chain("start", "a", "end"), flow("a", "end", id="twice"))
WAYS = "<bpmn:incoming>start-g</bpmn:incoming><bpmn:outgoing>g-end</bpmn:outgoing>"  # bpmnlint counts these
IDLE = process(start(), element("exclusiveGateway", "g", WAYS), end(), chain("start", "g", "end"))


def rules(diagram: bytes) -> set[tuple[str, str]]:
    return {(one.params["rule"], one.element) for one in bpmnlint.lint({"p.bpmn": diagram})}


def test_what_it_adds() -> None:
    assert ("no-duplicate-sequence-flows", "twice") in rules(DOUBLED)
    assert ("superfluous-gateway", "g") in rules(IDLE)
    assert "no-duplicate-sequence-flows" not in {rule for rule, _ in rules(IDLE)}


def test_its_findings_are_notes_with_a_mend() -> None:
    assert {(one.code, one.severity) for one in bpmnlint.lint({"p.bpmn": DOUBLED})} == {("bpmnlint", "note")}
    assert all(one.mend for one in bpmnlint.lint({"p.bpmn": DOUBLED}))


@pytest.mark.parametrize(
    "name", ["entities within entities", "an external entity", "zeros", "broken UTF-8", "XInclude"]
)
def test_hostile_files(name: str) -> None:
    assert all(one.code == "bpmnlint" for one in bpmnlint.lint(HOSTILE[name]()))


def test_of_no_diagrams_nothing_is_said() -> None:
    assert bpmnlint.lint({"f.form": b"{}"}) == []


def test_it_is_asked_on_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "family"
    folder.mkdir()
    (folder / "p.bpmn").write_bytes(IDLE)
    told = CliRunner().invoke(check, [str(tmp_path), "--bpmnlint"]).output
    assert "superfluous-gateway" in told
    assert "bpmnlint" not in CliRunner().invoke(check, [str(tmp_path)]).output
