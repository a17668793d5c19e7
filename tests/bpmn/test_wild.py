"""Files as other tools export them: told what is wrong, nothing in them dropped without a word."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from engine.bpmn.check import check
from engine.bpmn.definition import read_bundle
from engine.bpmn.findings import ERROR
from engine.cli.main import pilar
from tests.bpmn.diagrams import chain, end, process, start, user

WILD = Path(__file__).parents[1] / "data" / "wild"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
# what the check refuses in each: (code, element)
REFUSED: dict[str, set[tuple[str, str]]] = {
    "adonis_utf16.bpmn": set(),
    "bizagi.bpmn": {
        ("flow_end_missing", "q2"),
        ("flow_end_missing", "q3"),
        ("signal_missing", "Id_e"),
        ("unsupported_attribute", "Id_t"),
        ("unsupported_element", "Id_g"),
        ("unsupported_event", "Id_m"),
    },
    "bonita.bpmn": {
        ("event_gateway_targets", "g"),
        ("message_missing", "r"),
        ("missing", "u"),
        ("no_incoming", "g"),
        ("no_incoming", "r"),
        ("not_an_expression", "u"),
        ("unsupported_attribute", "g"),
        ("unsupported_attribute", "r"),
        ("unsupported_attribute", "u"),
    },
    "bpmn_1.bpmn": {("not_bpmn", "")},
    "bpmn_io.bpmn": {
        ("boundary_host", "CB"),
        ("no_incoming", "T2"),
        ("unsupported_element", "AH"),
        ("unsupported_element", "TX"),
        ("unsupported_event", "CB"),
    },
    "camunda_7.bpmn": {
        ("message_missing", "M"),
        ("missing", "C"),
        ("missing", "P"),
        ("missing", "R"),
        ("missing", "X"),
        ("not_an_expression", "G"),
        ("script_language", "X"),
    },
    "choreography.bpmn": {("no_process", "")},
    "conversation.bpmn": {("no_process", "")},
    "flowable.bpmn20.xml": {("bad_timer", "t"), ("missing", "a"), ("missing", "h")},
    "jbpm.bpmn2": {("missing", "_R"), ("not_an_expression", "_G")},
    "no_start_event.bpmn": {("no_start", "p")},
    "parallel_multiple.bpmn": {("message_missing", "s"), ("unsupported_attribute", "s")},
    "prefixed_references.bpmn": {("missing", "w")},
    "signavio.bpmn": {("no_process", "")},
    "signavio_executable.bpmn": {("message_missing", "sid-s")},
    "subprocess_without_start.bpmn": {("sub_start", "sp")},
    "xpdl.bpmn": {("not_bpmn", "")},
}
# pictures and notes: they mean nothing to a token
PICTURES = {"laneSet", "lane", "textAnnotation", "association", "group", "documentation", "messageFlow", "participant",
            "conversation"}  # fmt: skip
READ_WHERE_REFERRED_TO = {"message", "itemDefinition", "category", "collaboration"}


def files(name: str) -> dict[str, bytes]:
    """The file under the name that the check knows diagrams by."""
    return {"p.bpmn": (WILD / name).read_bytes()}


def test_every_file_is_here() -> None:
    assert {path.name for path in WILD.iterdir()} == set(REFUSED)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    found = {(one.code, one.element) for one in check(files(name)) if one.severity == ERROR}
    assert found == REFUSED[name]


def unsaid(element: etree._Element, said: set[str]) -> Iterator[str]:
    """Ids of what runs not and is not told; what is refused is refused with all that it holds."""
    for child in element.iterchildren():
        tag, id_ = etree.QName(child).localname, child.get("id")
        if not str(child.tag).startswith(BPMN) or tag in PICTURES | {"extensionElements"}:
            continue
        if id_ is None or element.get("id") in said:
            yield from unsaid(child, said) if tag in {"process", "subProcess"} else ()
        elif id_ not in said and tag not in READ_WHERE_REFERRED_TO:
            yield id_
        if tag in {"process", "subProcess", "collaboration"}:
            yield from unsaid(child, said)


@pytest.mark.parametrize("name", [name for name, found in REFUSED.items() if ("not_bpmn", "") not in found])
def test_nothing_is_dropped_without_a_word(name: str) -> None:
    told = {one.element for one in check(files(name))}
    kept = {
        id_
        for found in read_bundle(files(name)).processes.values()
        for container in found.walk()
        for id_ in [container.id, *container.nodes, *container.flows]
    }
    root = etree.fromstring((WILD / name).read_bytes())
    assert list(unsaid(root, told | kept)) == []


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "nested too deep"),
        ("[]", "no id, or components that are none"),
        ('{"id": "f", "components": [null]}', "no id, or components that are none"),
        ('{"id": "f", "components": 7}', "no id, or components that are none"),
    ],
)
def test_a_form_that_is_none_is_told_in_words(body: str, detail: str) -> None:
    (found,) = check({"f.form": body.encode()})
    assert (found.code, found.params["detail"]) == ("bad_form_file", detail)


def said(*words: str) -> list[dict[str, str]]:
    result = CliRunner().invoke(pilar, ["check", *words, "--json"])
    assert result.exit_code in {0, 1}, result.output
    found: list[dict[str, str]] = json.loads(result.stdout)
    return found


def test_the_command_reads_what_other_tools_call_a_diagram(tmp_path: Path) -> None:
    for name in ("jbpm.bpmn2", "flowable.bpmn20.xml"):
        assert {one["file"] for one in said(str(WILD / name))} == {f"wild/{name}"}
    (tmp_path / "notes.xml").write_text("<notes/>")
    assert "holds none of" in CliRunner().invoke(pilar, ["check", str(tmp_path)]).output
    assert len({one["file"] for one in said(str(WILD))}) > 12


def test_a_neighbour_with_the_same_process_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_bytes(process(user("u"), end(), chain("u", "end")))
    (tmp_path / "b.bpmn").write_bytes(process(start(), user("u"), end(), chain("start", "u", "end")))
    assert "no_start" in {one["code"] for one in said(str(tmp_path / "a.bpmn"))}
    assert "duplicate_process" not in {one["code"] for one in said(str(tmp_path / "b.bpmn"))}
    assert "duplicate_process" in {one["code"] for one in said(str(tmp_path))}
