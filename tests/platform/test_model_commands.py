"""`pilar check` and `pilar conformance`: they read files, say what is wrong, end with a code for scripts."""

import json
from pathlib import Path

from click.testing import CliRunner

from engine.cli.main import pilar
from engine.settings import PROJECT
from tests.bpmn import diagrams as d


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(pilar, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_the_shipped_processes_have_no_error() -> None:
    assert run("check", str(PROJECT / "workflows")).splitlines()[-1].startswith("0 errors")


def test_one_file_is_checked_among_those_it_calls() -> None:
    found = json.loads(run("check", str(PROJECT / "workflows" / "case" / "case.bpmn"), "--json"))
    assert {one["file"] for one in found} <= {"case/case.bpmn"}
    assert not [one for one in found if one["severity"] == "error"]


def test_a_diagram_that_cannot_run_is_named_with_element_and_mend(tmp_path: Path) -> None:
    broken = tmp_path / "p" / "p.bpmn"
    broken.parent.mkdir()
    broken.write_bytes(
        d.process(d.start(), d.user("Ask", d.z("formDefinition", formId="Nowhere")), d.chain("start", "Ask"))
    )
    shown = run("check", str(broken), code=1)
    assert "Ask" in shown
    assert "form Nowhere is not among the files" in shown
    found = json.loads(run("check", str(broken), "--json", code=1))
    assert "form_missing" in {one["code"] for one in found}


def test_other_files_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("x")
    assert "none of .bpmn" in run("check", str(other), code=1)


def test_a_folder_without_cases_is_an_error(tmp_path: Path) -> None:
    run("conformance", str(tmp_path), code=2)


def test_the_kit_s_report_is_json_when_asked(tmp_path: Path) -> None:
    case = tmp_path / "compliance-level-2" / "0001-one"
    case.mkdir(parents=True)
    (case / "one.dmn").write_text(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="one" namespace="n">'
        '<decision id="d" name="Two"><variable name="Two"/><literalExpression><text>1 + 1</text></literalExpression>'
        "</decision></definitions>"
    )
    (case / "one-test-01.xml").write_text(
        '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        '<modelName>one.dmn</modelName><testCase id="1">'
        '<resultNode name="Two" type="decision"><expected><value xsi:type="xsd:decimal">3</value></expected>'
        "</resultNode></testCase></testCases>"
    )
    report = json.loads(run("conformance", str(tmp_path), "--json", code=1))
    assert report["levels"]["2"] == {"passed": 0, "failed": 1, "total": 1}
    assert report["failures"][0]["reason"].startswith("expected 3, got 2")
