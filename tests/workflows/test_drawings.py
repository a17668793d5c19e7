"""Every shipped diagram is drawn completely and cleanly, so that it looks the same in any BPMN tool."""

from pathlib import Path

import pytest

from tests.workflows import drawing
from tests.workflows.rules import WORKFLOWS

DIAGRAMS = sorted(WORKFLOWS.glob("*/*.bpmn"))
PATCH = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:od="http://www.omg.org/spec/DD/20100524/DI"><process id="p">
<startEvent id="s"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/><endEvent id="undrawn"/>
<sequenceFlow id="over" sourceRef="s" targetRef="e"/><sequenceFlow id="down" sourceRef="a" targetRef="b"/></process>
<di:BPMNDiagram><di:BPMNPlane>
<di:BPMNShape bpmnElement="s"><dc:Bounds x="0" y="22" width="36" height="36"/></di:BPMNShape>
<di:BPMNShape bpmnElement="a"><dc:Bounds x="60" y="0" width="100" height="80"/></di:BPMNShape>
<di:BPMNShape bpmnElement="b"><dc:Bounds x="100" y="60" width="100" height="80"/><di:BPMNLabel>
<dc:Bounds x="210" y="30" width="40" height="20"/></di:BPMNLabel></di:BPMNShape>
<di:BPMNShape bpmnElement="e"><dc:Bounds x="300" y="22" width="36" height="36"/></di:BPMNShape>
<di:BPMNEdge bpmnElement="over"><od:waypoint x="36" y="40"/><od:waypoint x="300" y="40"/></di:BPMNEdge>
<di:BPMNEdge bpmnElement="down"><od:waypoint x="110" y="0"/><od:waypoint x="110" y="140"/></di:BPMNEdge>
</di:BPMNPlane></di:BPMNDiagram></definitions>"""


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_a_diagram_looks_good(path: Path) -> None:
    picture = drawing.read(path)
    assert len(picture.nodes) >= 3
    ugly = [drawing.missing, drawing.overlaps, drawing.trespasses, drawing.crossings, drawing.covered]
    assert [what for look in ugly for what in look(picture)] == []


def test_the_looks_would_find_what_is_ugly(tmp_path: Path) -> None:
    path = tmp_path / "ugly.bpmn"
    path.write_text(PATCH, encoding="utf-8")
    picture = drawing.read(path)
    assert list(drawing.missing(picture)) == ["undrawn is not drawn"]
    del picture.kinds["undrawn"]
    assert list(drawing.overlaps(picture)) == ["a overlaps b"]
    assert list(drawing.trespasses(picture)) == ["over runs through a"]
    assert list(drawing.crossings(picture)) == ["over crosses down"]
    assert list(drawing.covered(picture)) == ["over runs through the label of b"]
