"""A small family that an agency's report begins, with the shipped form of that report."""

from engine.settings import PROJECT
from tests.bpmn import diagrams as d

STARTS = d.process(
    d.start(body='<bpmn:messageEventDefinition messageRef="m"/>'),
    d.user("FirstReport", d.z("assignmentDefinition", candidateGroups="tagana")),
    d.end(),
    d.flow("start", "FirstReport"),
    d.flow("FirstReport", "end"),
    id="t",
    roots='<bpmn:message id="m" name="laporan_bpbd"/>',
)
ARRIVED = {
    "t/t.bpmn": STARTS,
    "t/laporan_bpbd.form": (PROJECT / "workflows/tagana/laporan_bpbd.form").read_bytes(),
}
