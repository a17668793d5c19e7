"""What cannot run is refused with file, element and reason; hostile XML is refused before anything is built."""
# ruff: noqa: E501 (a diagram and why it is refused read best side by side)

import pytest

from engine.bpmn import Definition
from engine.bpmn.check import check
from engine.errors import InvalidDefinition
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
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
    z,
)  # fmt: skip

LINE = chain("start", "a", "end")


def refused(*parts: str, roots: str = "", **files: bytes) -> set[str]:
    """The codes of the errors that make these parts undeployable."""
    bundle = {"p.bpmn": process(*parts, roots=roots)} | {name.replace("_", "."): data for name, data in files.items()}
    codes = {finding.code for finding in check(bundle) if finding.severity == "error"}
    if codes:
        with pytest.raises(InvalidDefinition):
            Definition.compile(bundle)
    else:
        Definition.compile(bundle)
    return codes


REFUSED = {
    "no start": ({"no_start"}, [user("a"), end(), chain("a", "end")]),
    "two starts": ({"many_starts"}, [start(), start("s2"), user("a"), end(), LINE, flow("s2", "a")]),
    "conditional start": ({"unsupported_event", "missing"}, [start("start", event("conditional")), user("a"), end(), LINE]),
    "complex gateway": ({"unsupported_element", "flow_end_missing"},
                        [start(), gateway("complex", "a"), end(), LINE]),
    "ad-hoc": ({"unsupported_element", "flow_end_missing"}, [start(), element("adHocSubProcess", "a"), end(), LINE]),
    "transaction": ({"unsupported_element", "flow_end_missing"}, [start(), element("transaction", "a"), end(), LINE]),
    "unknown element": ({"unsupported_element"}, [start(), user("a"), end(), LINE, element("marvel", "m")]),
    "python script": ({"script_language", "missing"},
                      [start(), element("scriptTask", "a", "<bpmn:script>x = 1</bpmn:script>", scriptFormat="python"),
                       end(), LINE]),
    "script without a result": ({"missing"},
                                [start(), element("scriptTask", "a", zeebe=z("script", expression="=1")), end(), LINE]),
    "broken expression": ({"bad_expression"}, [start(), script("a", "x", "=1 +"), end(), LINE]),
    "condition without =": ({"not_an_expression"},
                            [start(), gateway("exclusive", "a", default="d"), end(), end("e2"), chain("start", "a"),
                             flow("a", "end", "x > 1"), flow("a", "e2", id="d")]),
    "no condition": ({"condition_missing"},
                     [start(), gateway("exclusive", "a"), end(), end("e2"), chain("start", "a", "end"),
                      flow("a", "e2", "=x")]),
    "condition on default": ({"condition_on_default"},
                             [start(), gateway("exclusive", "a", default="d"), end(), end("e2"), chain("start", "a"),
                              flow("a", "end", "=x", id="d"), flow("a", "e2", "=y")]),
    "foreign default": ({"default_missing"}, [start(), user("a", default="gone"), end(), LINE]),
    "condition on a parallel way": ({"condition_not_allowed"},
                                    [start(), gateway("parallel", "a"), end(), chain("start", "a"),
                                     flow("a", "end", "=x")]),
    "service without operation": ({"missing"}, [start(), element("serviceTask", "a"), end(), LINE]),
    "form": ({"form_missing"}, [start(), user("a", z("formDefinition", formId="Gone")), end(), LINE]),
    "called process": ({"process_missing"},
                       [start(), element("callActivity", "a", zeebe=z("calledElement", processId="gone")), end(), LINE]),
    "message": ({"message_missing"}, [start(), element("receiveTask", "a"), end(), LINE]),
    "correlation": ({"correlation_missing"}, [start(), element("receiveTask", "a", messageRef="m"), end(), LINE]),
    "timer": ({"bad_timer"}, [start(), catch("a", timer("3 days")), end(), LINE]),
    "empty timer": ({"missing"}, [start(), catch("a", "<bpmn:timerEventDefinition/>"), end(), LINE]),
    "repeating catch": ({"unsupported_event"}, [start(), catch("a", timer("R/P1D", "timeCycle")), end(), LINE]),
    "plain catch": ({"unsupported_event"}, [start(), catch("a", ""), end(), LINE]),
    "conditional event": ({"missing"}, [start(), catch("a", event("conditional")), end(), LINE]),
    "cancel end": ({"unsupported_event"}, [start(), user("a"), end("end", event("cancel")), LINE]),
    "error end without code": ({"code_missing"}, [start(), user("a"), end("end", event("error")), LINE]),
    "boundary nowhere": ({"boundary_host"}, [start(), user("a"), end(), LINE, boundary("b", "gone", timer("P1D"))]),
    "boundary on a gateway": ({"boundary_host"},
                              [start(), gateway("exclusive", "a"), end(), LINE, boundary("b", "a", timer("P1D"))]),
    "subprocess without start": ({"sub_start"}, [start(), sub("a", user("u")), end(), LINE]),
    "event subprocess with a plain start": ({"event_sub_start"},
                                            [start(), user("a"), end(), LINE, sub("es", start("s1"), event_driven=True)]),
    "event subprocess with flows": ({"event_sub_flow"},
                                    [start(), user("a"), LINE, end(), flow("a", "es"),
                                     sub("es", start("s1", event("error")), event_driven=True)]),
    "flow out of a subprocess": ({"flow_crosses"},
                                 [start(), sub("a", start("s1"), user("u"), chain("s1", "u")), end(), LINE,
                                  flow("u", "end")]),
    "flow to nothing": ({"flow_end_missing"}, [start(), user("a"), end(), LINE, flow("a", "gone")]),
    "end with a way out": ({"end_outgoing"}, [start(), user("a"), end(), LINE, flow("end", "a")]),
    "start with a way in": ({"start_incoming"}, [start(), user("a"), end(), LINE, flow("a", "start")]),
    "standard loop": ({"unsupported_attribute"},
                      [start(), user("a", body="<bpmn:standardLoopCharacteristics/>"), end(), LINE]),
    "multi-instance without a collection": ({"missing"}, [start(), user("a", body=multi("")), end(), LINE]),
    "event gateway to a task": ({"event_gateway_targets"},
                                [start(), gateway("eventBased", "g"), user("a"), end(), chain("start", "g", "a", "end")]),
    "two event definitions": ({"unsupported_attribute"},
                              [start(), catch("a", timer("P1D") + timer("P2D")), end(), LINE]),
    "link to nowhere": ({"link_target"}, [start(), throw("a", event("link", name="L")), chain("start", "a")]),
    "compensation without a handler": ({"compensation_handler"},
                                       [start(), user("a"), end(), LINE, boundary("c", "a", event("compensate"))]),
    "compensation of nothing": ({"bad_value"},
                                [start(), user("a"), throw("t", event("compensate", activityRef="gone")), end(),
                                 chain("start", "a", "t", "end")]),
    "duplicate id": ({"duplicate_id"}, [start(), user("a"), user("a"), end(), LINE]),
    "form by key": ({"unsupported_attribute"},
                    [start(), user("a", z("formDefinition", formKey="x")), end(), LINE]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    codes, parts = REFUSED[name]
    assert refused(*parts, roots=message("m")) == codes


def test_the_sentence_names_file_element_and_reason() -> None:
    with pytest.raises(InvalidDefinition) as caught:
        Definition.compile({"case.bpmn": process(start(), service("a", "", name="Kirim surat"), end(), LINE)})
    assert caught.value.problems == (
        "case.bpmn: a (Kirim surat): the operation (taskDefinition type) is missing",
    )  # fmt: skip


HOSTILE = {
    "xml_doctype": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
    "xml_malformed": b"<bpmn:definitions",
    "xml_too_large": b"<x>" + b" " * (8 * 1024 * 1024) + b"</x>",
    "xml_too_deep": b"<x>" * 100 + b"</x>" * 100,
    "xml_too_many_nodes": b"<x>" + b"<y/>" * 200_001 + b"</x>",
    "not_bpmn": b"<definitions/>",
    "no_process": definitions(),
    "too_many_elements": process(start(), *(end(f"e{n}") for n in range(6_001))),
    "missing_id": definitions('<bpmn:process id="p" isExecutable="true"><bpmn:startEvent/></bpmn:process>'),
}


@pytest.mark.parametrize("code", HOSTILE)
def test_hostile_files(code: str) -> None:
    assert code in {finding.code for finding in check({"x.bpmn": HOSTILE[code]})}
    with pytest.raises(InvalidDefinition):
        Definition.compile({"x.bpmn": HOSTILE[code]})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"\x00" * 100,
        '<?xml version="1.0" encoding="UTF-16"?><x/>'.encode("utf-16"),
        b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 1000 + b'"><!ENTITY b "' + b"&a;" * 1000 + b'">]><r>&b;</r>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
        b'<!DOCTYPE r SYSTEM "http://example.org/x.dtd"><r/>',
    ],
)
def test_broken_files_raise_only_invalid_definition(data: bytes) -> None:
    with pytest.raises(InvalidDefinition):
        Definition.compile({"x.bpmn": data})


def test_bad_companions() -> None:
    diagram = process(start(), user("a"), end(), LINE)
    codes = {finding.code for finding in check({"p.bpmn": diagram, "f.form": b"{", "d.dmn": b"<x/>"})}
    assert {"bad_form_file", "bad_decision_file"} <= codes
    twice = {finding.code for finding in check({"p.bpmn": diagram, "q.bpmn": diagram})}
    assert "duplicate_process" in twice


def test_a_called_process_needs_a_plain_start() -> None:
    called = process(
        start("start", event("message", messageRef="m")), user("a"), end(), LINE, id="q", roots=message("m")
    )
    calling = element("callActivity", "a", zeebe=z("calledElement", processId="q"))
    found = check({"p.bpmn": process(start(), calling, end(), LINE), "q.bpmn": called})
    assert ("called_start", "a") in {(finding.code, finding.element) for finding in found}


def test_a_message_starts_one_process_only() -> None:
    begun = [start("start", event("message", messageRef="m")), user("a"), end(), LINE]
    files = {"p.bpmn": process(*begun, roots=message("m")), "q.bpmn": process(*begun, id="q", roots=message("m"))}
    assert "duplicate_message_start" in {finding.code for finding in check(files)}


def test_a_form_that_is_there_is_accepted() -> None:
    diagram = process(start(), user("a", z("formDefinition", formId="F")), end(), LINE)
    definition = Definition.compile({"p.bpmn": diagram, "f.form": b'{"id": "F"}'})
    assert definition.forms == {"F"}


def test_the_cache_knows_the_same_files() -> None:
    files = {"p.bpmn": process(start(), user("a"), end(), LINE)}
    assert Definition.compile(files) is Definition.compile(dict(files))
    assert Definition.compile(files).hash != Definition.compile({"q.bpmn": files["p.bpmn"]}).hash
