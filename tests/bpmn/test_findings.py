"""Everything the check may say: for each code a diagram of which it is said, and the same one mended, of which it is not.

Each case is (the file or files with the fault, the element that is named, the file or files without it).
"""
# ruff: noqa: E501 (a diagram and its mended twin read best side by side)

from collections.abc import Mapping
from typing import Any

import pytest

from engine.bpmn import Definition, soundness
from engine.bpmn.check import check
from engine.bpmn.findings import CATALOGUE, ERROR, Finding
from engine.errors import InvalidDefinition
from tests.bpmn.cases import ERRORS, MESSAGE, SIGNAL, TABLE
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    definitions,
    element,
    end,
    event,
    flow,
    gateway,
    message,
    multi,
    process,
    properties,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    undo,
    user,
    z,
)  # fmt: skip

Files = bytes | Mapping[str, bytes]
PEOPLE = z("assignmentDefinition", candidateGroups="tksk")
FORM = {"f.form": b'{"id": "F", "components": [{"key": "fact", "properties": {"fact": "true"}}]}'}
TASK = z("formDefinition", formId="F") + PEOPLE
LINE = chain("start", "a", "end")
ROOTS = MESSAGE + SIGNAL + ERRORS


def line(middle: str, *more: str, roots: str = ROOTS, **files: bytes) -> Mapping[str, bytes]:
    """A process of one element, `a`, and whatever else."""
    return {"p.bpmn": process(start(), middle, end(), LINE, *more, roots=roots), **FORM, **files}


def parts(*some: str, roots: str = ROOTS) -> Mapping[str, bytes]:
    return {"p.bpmn": process(*some, roots=roots), **FORM}


def task(id: str = "a", zeebe: str = "", body: str = "", **attributes: str) -> str:
    return user(id, TASK + zeebe, body, **attributes)


GOOD = line(task())
CALL = element("callActivity", "a", zeebe=z("calledElement", processId="q"))
CALLED = {"q.bpmn": process(start("b"), task("u"), end("e"), chain("b", "u", "e"), id="q")}
SPLIT = start() + gateway("exclusive", "x", name="?", default="d") + chain("start", "x")
TIMED = boundary("t", "a", timer("P1D")) + end("late") + chain("t", "late")
RECEIVE = element("receiveTask", "a", messageRef="msg")
DEFAULT = gateway("exclusive", "a", name="?", default="d")
TWO_ENDS = end() + end("e2") + chain("start", "a")


def decided(join: str, split: str) -> Mapping[str, bytes]:
    """A choice or a parallel split, and a join of some kind."""
    conditions = (
        (flow("x", "l", "=has_nik"), flow("x", "r", id="d"))
        if split == "exclusive"
        else (chain("x", "l"), chain("x", "r"))
    )
    attributes = {"name": "?", "default": "d"} if split == "exclusive" else {}
    return parts(start(), gateway(split, "x", **attributes), task("l"), task("r"), gateway(join, "j"), task("after"), end(),
                 chain("start", "x"), *conditions, chain("l", "j", "after", "end"), chain("r", "j"))  # fmt: skip


FINDINGS: dict[str, tuple[Files, str, Files]] = {
    # files
    "xml_malformed": (b"<bpmn:definitions", "", GOOD),
    "xml_too_large": (b"<x>" + b" " * (8 * 1024 * 1024) + b"</x>", "", GOOD),
    "xml_doctype": (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "", GOOD),
    "xml_too_deep": (b"<x>" * 100 + b"</x>" * 100, "", GOOD),
    "xml_too_many_nodes": (b"<x>" + b"<y/>" * 200_001 + b"</x>", "", GOOD),
    "not_bpmn": (b"<definitions/>", "", GOOD),
    "no_process": (definitions(), "", GOOD),
    "not_executable": (definitions('<bpmn:process id="z" isExecutable="false"/>'), "z", GOOD),
    "too_many_elements": (process(start(), *(end(f"e{n}") for n in range(6_001))), "p", GOOD),
    "too_many_flows": (process(start(), end(), *(flow("start", "end", id=f"f{n}") for n in range(12_001))), "p", GOOD),
    "duplicate_id": (parts(start(), task(), task(), end(), LINE), "a", GOOD),
    "missing_id": (parts(start(), task(), end(), LINE, "<bpmn:endEvent/>"), "", GOOD),
    "bad_id": (parts(start(), task("a#"), end(), chain("start", "a#", "end")), "a#", GOOD),
    "duplicate_process": ({**GOOD, "q.bpmn": GOOD["p.bpmn"]}, "p", {**GOOD, **CALLED}),
    "bad_decision_file": ({**GOOD, "t.dmn": b"<x/>"}, "", {**GOOD, **TABLE}),
    "bad_form_file": ({**GOOD, "g.form": b"{"}, "", GOOD),
    "duplicate_decision": ({**GOOD, **TABLE, "u.dmn": TABLE["t.dmn"]}, "triage", {**GOOD, **TABLE}),
    # what is not supported
    "unsupported_element": (line(element("complexGateway", "a")), "a", GOOD),
    "unsupported_event": (line(catch("a", "")), "a", line(catch("a", timer("P1D")))),
    "unsupported_attribute": (line(RECEIVE.replace("<bpmn:receiveTask", '<bpmn:receiveTask instantiate="true"'), TIMED), "a", line(RECEIVE, TIMED)),
    "script_language": (line(element("scriptTask", "a", "<bpmn:script>x</bpmn:script>")), "a", line(script("a", "x", "=1"))),
    "manual_task": (line(element("manualTask", "a")), "a", GOOD),
    "no_effect": (line(task(body="<bpmn:potentialOwner/>")), "a", GOOD),
    "foreign_extension": (line(task().replace(" id=", ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:assignee="x" id=', 1)), "a", GOOD),
    "data_ignored": (line(task(), element("dataStoreReference", "store")), "store", GOOD),
    # structure
    "no_start": (parts(task(), end(), chain("a", "end")), "p", GOOD),
    "many_starts": (line(task(), start("s2"), flow("s2", "a")), "p", line(task(), start("s2", event("message", messageRef="msg")), flow("s2", "a"))),
    "sub_start": (line(sub("a", task("u"))), "a", line(sub("a", start("s1"), task("u"), end("e1"), chain("s1", "u", "e1")))),
    "event_sub_start": (line(task(), sub("es", start("s1"), event_driven=True)), "es",
                        line(task(), sub("es", start("s1", event("error")), end("e1"), chain("s1", "e1"), event_driven=True))),
    "event_sub_flow": (line(task(), flow("a", "es"), sub("es", start("s1", event("error")), event_driven=True)), "es",
                       line(task(), sub("es", start("s1", event("error")), event_driven=True))),
    "start_incoming": (line(task(), flow("a", "start")), "start", GOOD),
    "end_outgoing": (line(task(), flow("end", "a")), "end", GOOD),
    "boundary_incoming": (line(task(), TIMED, flow("a", "t")), "t", line(task(), TIMED)),
    "boundary_host": (line(task(), TIMED.replace('attachedToRef="a"', 'attachedToRef="gone"')), "t", line(task(), TIMED)),
    "flow_end_missing": (line(task(), flow("a", "gone")), "a-gone", GOOD),
    "flow_crosses": (line(sub("a", start("s1"), task("u"), chain("s1", "u")), flow("u", "end")), "u-end",
                     line(sub("a", start("s1"), task("u"), chain("s1", "u")))),
    "no_incoming": (line(task(), task("b"), flow("b", "end")), "b", line(task(), task("b"), flow("b", "end"), flow("a", "b"))),
    "unreachable": (line(task(), task("b"), task("c"), chain("b", "c", "b")), "b", line(task(), task("b"), flow("b", "end"), flow("a", "b"))),
    "dead_end": (parts(start(), task(), chain("start", "a")), "a", GOOD),
    "deadlock_join": (decided("parallel", "exclusive"), "j", decided("exclusive", "exclusive")),
    "double_token": (decided("exclusive", "parallel"), "after", decided("parallel", "parallel")),
    "never_reached": (parts(start(), task(), gateway("parallel", "j"), task("b"), task("c"), end(), chain("start", "a", "j", "b", "end"),
                            chain("c", "j"), chain("b", "c")), "b", GOOD),
    "soundness_unknown": (GOOD, "p", GOOD),
    "implicit_split": (line(task(), end("e2"), flow("a", "e2")), "a", GOOD),
    "no_path_to_end": (parts(start(), task(), task("b"), end(), chain("start", "a", "b", "a")), "a", GOOD),
    "loop_without_wait": (parts(start(), gateway("exclusive", "m"), script("s", "n", "=1"), gateway("exclusive", "g", default="d", name="?"),
                                end(), chain("start", "m", "s", "g"), flow("g", "m", "=has_nik"), flow("g", "end", id="d")), "m",
                          parts(start(), gateway("exclusive", "m"), task("s"), gateway("exclusive", "g", default="d", name="?"),
                                end(), chain("start", "m", "s", "g"), flow("g", "m", "=has_nik"), flow("g", "end", id="d"))),
    # gateways and flows
    "condition_missing": (parts(start(), gateway("exclusive", "a", name="?"), TWO_ENDS, flow("a", "end", "=has_nik"), flow("a", "e2")), "a",
                          parts(start(), DEFAULT, TWO_ENDS, flow("a", "end", "=has_nik"), flow("a", "e2", id="d"))),
    "condition_on_default": (parts(start(), DEFAULT, TWO_ENDS, flow("a", "end", "=has_nik"), flow("a", "e2", "=has_nik", id="d")), "a",
                             parts(start(), DEFAULT, TWO_ENDS, flow("a", "end", "=has_nik"), flow("a", "e2", id="d"))),
    "condition_not_allowed": (parts(start(), gateway("parallel", "a"), TWO_ENDS, flow("a", "end", "=has_nik"), flow("a", "e2")), "a",
                              parts(start(), gateway("parallel", "a"), TWO_ENDS, flow("a", "end"), flow("a", "e2"))),
    "no_default": (parts(start(), gateway("exclusive", "a", name="?"), TWO_ENDS, flow("a", "end", "=has_nik"), flow("a", "e2", "=not(has_nik)")), "a",
                   parts(start(), DEFAULT, TWO_ENDS, flow("a", "end", "=has_nik"), flow("a", "e2", id="d"))),
    "default_missing": (line(task(default="gone")), "a", line(task(default="a-end"))),
    "event_gateway_targets": (parts(start(), gateway("eventBased", "g"), task(), end(), chain("start", "g", "a", "end")), "g",
                              parts(start(), gateway("eventBased", "g"), catch("a", timer("P1D")), end(), chain("start", "g", "a", "end"))),
    "event_gateway_incoming": (parts(start(), gateway("eventBased", "g"), catch("a", timer("P1D")), task("b"), end(), chain("start", "g", "a", "end"), flow("b", "a")), "a",
                               parts(start(), gateway("eventBased", "g"), catch("a", timer("P1D")), end(), chain("start", "g", "a", "end"))),
    # expressions
    "not_an_expression": (parts(start(), DEFAULT, TWO_ENDS, flow("a", "end", "x > 1"), flow("a", "e2", id="d")), "a",
                          parts(start(), DEFAULT, TWO_ENDS, flow("a", "end", "=has_nik"), flow("a", "e2", id="d"))),
    "bad_expression": (line(script("a", "x", "=1 +")), "a", line(script("a", "x", "=1 + 1"))),
    "missing": (line(element("serviceTask", "a")), "a", line(service("a", "check-nik"))),
    "bad_value": (line(task(), throw("t", event("compensate", activityRef="gone"))), "t",
                  line(task(), undo("a", "ua"), throw("t", event("compensate", activityRef="a")), flow("a", "t"))),
    "bad_timer": (line(catch("a", timer("soon"))), "a", line(catch("a", timer("P1D")))),
    "never_set": (line(script("a", "x", "=nobody + 1")), "a", line(script("a", "x", "=client_age + 1"))),
    # references
    "form_missing": (line(user("a", z("formDefinition", formId="Gone") + PEOPLE)), "a", GOOD),
    "decision_missing": (line(element("businessRuleTask", "a", zeebe=z("calledDecision", decisionId="triage", resultVariable="p"))), "a",
                         {**line(element("businessRuleTask", "a", zeebe=z("calledDecision", decisionId="triage", resultVariable="p"))), **TABLE}),
    "process_missing": (line(CALL), "a", {**line(CALL), **CALLED}),
    "call_cycle": ({**line(CALL), "q.bpmn": process(start("b"), CALL.replace('"q"', '"p"').replace('"a"', '"u"'), end("e"), chain("b", "u", "e"), id="q")}, "a",
                   {**line(CALL), **CALLED}),
    "operation_missing": (line(service("a", "fly-to-the-moon")), "a", line(service("a", "check-nik"))),
    "duplicate_message_start": ({"p.bpmn": process(start("s", event("message", messageRef="msg")), task(), end(), chain("s", "a", "end"), roots=ROOTS), **FORM,
                                 "q.bpmn": process(start("s", event("message", messageRef="msg")), task("u"), end(), chain("s", "u", "end"), id="q", roots=ROOTS)}, "s", GOOD),
    "called_start": ({**line(CALL), "q.bpmn": process(start("b", timer("R/P1D", "timeCycle")), task("u"), chain("b", "u"), id="q")}, "a", {**line(CALL), **CALLED}),
    "message_missing": (line(element("receiveTask", "a"), TIMED), "a", line(RECEIVE, TIMED)),
    "signal_missing": (line(catch("a", event("signal"))), "a", line(catch("a", event("signal", signalRef="sig")))),
    "correlation_missing": (line(RECEIVE, TIMED, roots=message("msg")), "a", line(RECEIVE, TIMED)),
    "link_target": (parts(start(), throw("a", event("link", name="L")), chain("start", "a")), "a",
                    parts(start(), throw("a", event("link", name="L")), catch("l", event("link", name="L")), end(), chain("start", "a"), chain("l", "end"))),
    "link_source": (line(task(), catch("l", event("link", name="L")), flow("l", "end")), "l", GOOD),
    "compensation_handler": (line(task(), boundary("c", "a", event("compensate"))), "c", line(task(), undo("a", "ua"))),
    "code_missing": (parts(start(), task(), end("end", event("error")), LINE), "end", parts(start(), task(), end("end", event("error", errorRef="E1")), LINE)),
    # people
    "no_group": (line(user("a", z("formDefinition", formId="F"))), "a", GOOD),
    "group_missing": (line(user("a", TASK.replace("tksk", "tksk, wizard"))), "a", line(user("a", TASK.replace("tksk", "tksk, kabid:rehsos")))),
    "lane_without_group": (line(user("a", z("formDefinition", formId="F")), '<bpmn:laneSet><bpmn:lane id="l" name="TKSK"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'), "a",
                           line(task(), '<bpmn:laneSet><bpmn:lane id="l" name="TKSK"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>')),
    "approval_alone": (line(task(zeebe=properties(phase="persetujuan"))), "a", line(task(zeebe=properties(phase="persetujuan", fourEyes="true")))),
    "personal_fact": ({**GOOD, "g.form": b'{"id": "G", "components": [{"key": "nik", "properties": {"fact": "true", "personal": "true"}}]}'}, "G",
                      {**GOOD, "g.form": b'{"id": "G", "components": [{"key": "nik", "properties": {"personal": "true"}}]}'}),
    "no_form": (line(user("a", PEOPLE)), "a", GOOD),
    "reply_without_timer": (line(RECEIVE), "a", line(RECEIVE, TIMED)),
    "gateway_unnamed": (parts(start(), gateway("exclusive", "a", default="d"), TWO_ENDS, flow("a", "end", "=has_nik"), flow("a", "e2", id="d")), "a",
                        parts(start(), DEFAULT, TWO_ENDS, flow("a", "end", "=has_nik"), flow("a", "e2", id="d"))),
}  # fmt: skip


def found_in(files: Files) -> list[Finding]:
    return check({"p.bpmn": files} if isinstance(files, bytes) else files)


def test_every_code_of_the_catalogue_is_here() -> None:
    assert set(FINDINGS) == set(CATALOGUE) - {"bpmnlint"}, "tests/casework/test_bpmnlint.py has that one"


@pytest.mark.parametrize("code", FINDINGS)
def test_it_is_said(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files, where, _ = FINDINGS[code]
    if code == "soundness_unknown":
        monkeypatch.setattr(soundness, "MOST_MARKINGS", 1)
    said = [found for found in found_in(files) if found.code == code]
    assert where in {found.element for found in said}
    assert all(found.reason and found.mend and found.severity == CATALOGUE[code][0] for found in said)


@pytest.mark.parametrize("code", FINDINGS)
def test_it_is_not_said_when_mended(code: str) -> None:
    assert code not in {found.code for found in found_in(FINDINGS[code][2])}


@pytest.mark.parametrize("code", [code for code, (severity, *_) in CATALOGUE.items() if severity == ERROR])
def test_errors_cannot_be_deployed(code: str) -> None:
    files: Any = FINDINGS[code][0]
    with pytest.raises(InvalidDefinition):
        Definition.compile({"p.bpmn": files} if isinstance(files, bytes) else files)


@pytest.mark.parametrize(
    "files", [GOOD, decided("parallel", "parallel"), decided("exclusive", "exclusive"), line(RECEIVE, TIMED)]
)
def test_of_good_diagrams_nothing_is_said(files: Files) -> None:
    assert [str(found) for found in found_in(files)] == []


@pytest.mark.parametrize(
    ("code", "path"), [("deadlock_join", ["start", "x", "l"]), ("double_token", ["start", "x", "l", "r", "j"])]
)
def test_the_counter_example_is_a_way_through_the_diagram(code: str, path: list[str]) -> None:
    (said,) = [found for found in found_in(FINDINGS[code][0]) if found.code == code]
    assert said.params["path"].split()[: len(path)] == path
    assert " → " in said.reason


LOST = {
    "who does it": task(body="<bpmn:humanPerformer/>"),
    "an instantiating gateway": gateway("eventBased", "a", instantiate="true"),
    "a parallel event gateway": gateway("eventBased", "a", eventGatewayType="Parallel"),
    "several tokens": task(completionQuantity="3"),
    "a definition elsewhere": catch("a", "<bpmn:eventDefinitionRef>t</bpmn:eventDefinitionRef>"),
    "a foreign element": '<x:robot xmlns:x="urn:robots" id="r"/>' + task(),
    "a foreign extension": task(zeebe='<x:robot xmlns:x="urn:robots"/>'),
    "a zeebe extension that is unknown": task(zeebe=z("magic", power="9")),
    "a zeebe extension of an event definition": catch("a", f"<bpmn:timerEventDefinition><bpmn:extensionElements>{z('magic')}</bpmn:extensionElements><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"),
    "a number of instances": task(body=multi("=[1]").replace("</bpmn:multi", "<bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multi")),
    "other behaviour of many": task(body=multi("=[1]").replace("isSequential", 'behavior="One" isSequential')),
    "a data store": task() + element("dataStoreReference", "s"),
    "data going in": task(body="<bpmn:dataInputAssociation/>"),
    "an unbound task": element("serviceTask", "a"),
    "a camunda 7 expression": '<bpmn:serviceTask xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="a" camunda:expression="${x}"/>',
    "compensation that is not waited for": throw("a", event("compensate", waitForCompletion="0")),
    "a service of the web": service("a", "check-nik").replace("<bpmn:serviceTask", '<bpmn:serviceTask operationRef="o"'),
    "two times": catch("a", "<bpmn:timerEventDefinition><bpmn:timeDate>2026-01-01</bpmn:timeDate><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"),
    "a choreography": element("choreographyTask", "a"),
    "a whole unknown element": element("teleport", "a"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOST)
def test_nothing_from_the_wild_is_dropped_silently(name: str) -> None:
    assert found_in(line(LOST[name])) != []


def test_what_stands_beside_the_processes() -> None:
    beside = definitions(
        '<bpmn:globalTask id="g"/><bpmn:process id="p">', start(), task(), end(), LINE, "</bpmn:process>"
    )
    assert ("no_effect", "g") in {(one.code, one.element) for one in found_in({"p.bpmn": beside, **FORM})}


def test_booleans_may_be_numbers() -> None:
    late = boundary("t", "a", timer("P1D")).replace('cancelActivity="true"', 'cancelActivity=" 0 "')
    files = {"p.bpmn": process(start(), task(), late, end(), end("e"), LINE, flow("t", "e")), **FORM}
    assert Definition.compile(files).specs["p"].elements["t"].interrupting is False
    off = {"p.bpmn": definitions('<bpmn:process id="z" isExecutable="0"/>')}
    assert {"not_executable", "no_process"} <= {one.code for one in found_in(off)}


def test_several_pools_are_several_processes() -> None:
    two = definitions(
        '<bpmn:collaboration id="c"><bpmn:participant id="p1" processRef="p"/><bpmn:participant id="p2"/>'
        '<bpmn:messageFlow id="m" sourceRef="a" targetRef="p2"/></bpmn:collaboration>',
        f'<bpmn:process id="p">{start()}{task()}{end()}{LINE}</bpmn:process>',
        f'<bpmn:process id="q">{start("b")}{task("u")}{end("e")}{chain("b", "u", "e")}</bpmn:process>',
    )
    assert Definition.compile({"p.bpmn": two, **FORM}).processes == ("p", "q")
