"""Names that nothing sets are found; what forms, mappings, results, messages and calls set is left in peace."""
# ruff: noqa: E501 (a diagram and what is said of it read best side by side)

import time
from collections.abc import Iterable

import pytest

from engine.bpmn import operations
from engine.bpmn.check import check
from engine.bpmn.variables import KNOWN
from engine.service_tasks import OPERATIONS
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    element,
    end,
    event,
    flow,
    gateway,
    io,
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
    user,
    z,
)  # fmt: skip

FORM = b"""{"id": "F", "components": [
    {"type": "group", "components": [{"key": "danger", "type": "checkbox", "properties": {"fact": "true"}}]},
    {"key": "story", "type": "textarea"},
    {"key": "members", "type": "dynamiclist", "components": [{"key": "age", "type": "number", "properties": {"fact": "true"}}]}
]}"""
ASK = user("ask", z("formDefinition", formId="F"))


def unset(*parts: str, roots: str = "", known: Iterable[str] = KNOWN, **files: bytes) -> set[tuple[str, str]]:
    """(element, name) of what is read and never set."""
    bundle = {"p.bpmn": process(*parts, roots=roots), "f.form": FORM}
    bundle |= {name.replace("_", "."): data for name, data in files.items()}
    found = check(bundle, known)
    assert [str(one) for one in found if one.severity == "error"] == []
    return {(one.element, one.params["detail"]) for one in found if one.code == "never_set"}


def line(*elements: str) -> list[str]:
    """Start, these, end: one after the other."""
    ids = [each.split('id="')[1].split('"')[0] for each in elements]
    return [start(), *elements, end(), chain("start", *ids, "end")]


READ = script("s", "n", "=x")


def test_a_name_that_nothing_sets() -> None:
    assert unset(*line(READ)) == {("s", "x")}


def test_what_every_case_has_and_what_the_caller_of_the_check_knows() -> None:
    assert unset(*line(script("s", "n", "=case_no + region"))) == set()
    assert unset(*line(READ), known=["x"]) == set()


def test_facts_of_a_form_before_and_behind() -> None:
    reads = script("s", "n", "=danger or count(members) > 0")
    assert unset(*line(ASK, reads)) == set()
    assert unset(*line(reads, ASK)) == {("s", "danger"), ("s", "members")}
    assert unset(*line(ASK, script("s", "n", "=story"), script("t", "n", "=age"))) == {("s", "story"), ("t", "age")}


def test_the_other_branch_may_come_first() -> None:
    parts = [start(), gateway("parallel", "f"), ASK, script("s", "n", "=danger"), end(), chain("start", "f", "ask", "end"),
             chain("f", "s", "end")]  # fmt: skip
    assert unset(*parts) == set()


def test_the_next_round_knows_what_this_one_set() -> None:
    parts = [start(), gateway("exclusive", "top"), script("s", "n", "=n + 1"), gateway("exclusive", "g", default="g-end"),
             end(), chain("start", "top", "s", "g", "end"), flow("g", "top", "=n > 3")]  # fmt: skip
    assert unset(*parts) == set()
    assert unset(*line(script("s", "n", "=n + 1"))) == {("s", "n")}


@pytest.mark.parametrize(
    "expression",
    ["=for x in [1] return x", "=some x in [1] satisfies x > 1", "={x: 1, y: x}.y", "=(function(x) x)(1)", "=[{x: 1}][x > 0]",
     "=today()", "=working days between(today(), today())", "=case_id in (null)"],
)  # fmt: skip
def test_names_of_an_expressions_own(expression: str) -> None:
    assert unset(*line(script("s", "n", expression))) == set()


@pytest.mark.parametrize("expression", ["=if x = null then 1 else x", "=x = true", "=is defined(x)"])
def test_what_may_be_unset_must_be_set_somewhere(expression: str) -> None:
    reads = script("s", "n", expression)
    assert unset(*line(reads)) == {("s", "x")}
    assert unset(*line(reads, script("t", "x", "=1"))) == set()
    assert unset(*line(script("s", "n", "=x = 1"), script("t", "x", "=1"))) == {("s", "x")}


def test_mappings_are_the_elements_own() -> None:
    mapped = service("a", "remind", io({"x": "=case_no", "y": "=x"}, {"z": "=y"}))
    assert unset(*line(mapped, script("s", "n", "=z"))) == set()
    assert unset(*line(mapped, READ)) == {("s", "x")}


def test_results_of_operations() -> None:
    assert unset(*line(service("a", "check-nik"), script("s", "n", "=nik_check"))) == set()
    assert unset(*line(service("a", "check-nik"), READ)) == {("s", "x")}
    assert unset(*line(service("a", "somebody-elses"), READ)) == set()
    assert unset(*line(service("a", "somebody-elses", io(outputs={"y": "=q"})), READ)) == {("s", "x")}


def test_every_operation_says_what_it_sets() -> None:
    assert set(operations.RESULTS) == set(OPERATIONS)


def test_where_it_is_read() -> None:
    asked = user("a", z("taskSchedule", dueDate="=u1") + z("assignmentDefinition", candidateGroups="=u2")
                 + z("priorityDefinition", priority="=u3"))  # fmt: skip
    parts = [*line(asked, catch("c", timer("=u4")), throw("t", event("message", messageRef="m"), properties(correlationKey="=u5"))),
             boundary("b", "a", event("message", messageRef="F")), end("e2"), chain("b", "e2")]  # fmt: skip
    found = unset(*parts, roots=message("m") + message("F", key="=u6"))
    assert found == {("a", "u1"), ("a", "u2"), ("a", "u3"), ("c", "u4"), ("t", "u5"), ("b", "u6")}


def test_multi_instance() -> None:
    many = service("a", "remind", io({"who": "=item", "place": "=loopCounter"}, {"done": "=who"}),
                   multi("=case_no", output="all_done", result="=done"))  # fmt: skip
    assert unset(*line(many, script("s", "n", "=all_done"), script("t", "n", "=done"))) == set()
    assert unset(*line(many, script("s", "n", "=item"))) == {("s", "item")}


def test_a_subprocess_owns_its_mappings_and_shares_the_rest() -> None:
    inside = sub("p", start("s1"), READ, end("e1"), chain("s1", "s", "e1"), zeebe=io({"x": "=1"}))
    assert unset(*line(inside)) == set()
    setting = sub("p", start("s1"), script("i", "x", "=1"), end("e1"), chain("s1", "i", "e1"))
    assert unset(*line(setting, READ)) == set()
    assert unset(*line(READ, setting)) == {("s", "x")}


def test_an_event_subprocess_knows_its_event() -> None:
    handler = sub("h", start("h1", event("message", messageRef="F")), script("s", "n", "=danger and told"), end("h2"),
                  chain("h1", "s", "h2"), event_driven=True)  # fmt: skip
    begun = [*line(script("a", "told", "=true"), user("u")), handler]
    assert unset(*begun, roots=message("F", key="=case_no")) == set()
    assert unset(*begun, roots=message("F", key="=told")) == set()


def test_messages_bring_what_their_form_or_their_sender_says() -> None:
    waits = element("receiveTask", "r", messageRef="m")
    roots = message("m", key="=case_no")
    assert unset(*line(waits, READ), roots=roots) == set()
    sent = process(*line(throw("t", event("message", messageRef="m"), io({"y": "=case_no"}))), id="q", roots=roots)
    assert unset(*line(waits, READ), roots=roots, q_bpmn=sent) == {("s", "x")}
    assert unset(*line(waits, script("s", "n", "=y")), roots=roots, q_bpmn=sent) == set()


def test_a_called_process_begins_with_what_it_is_handed() -> None:
    called = process(*line(script("s", "n", "=x"), script("t", "n", "=region")), id="q")
    calls = element("callActivity", "c", zeebe=z("calledElement", processId="q") + io({"x": "=1"}, {"y": "=n"}))
    bundle = {"p.bpmn": process(*line(calls, script("a", "n", "=y"))), "q.bpmn": called}
    found = {(one.element, one.params["detail"]) for one in check(bundle) if one.code == "never_set"}
    assert found == {("t", "region")}
    alone = {"q.bpmn": called}
    assert [one.element for one in check(alone) if one.code == "never_set"] == ["s"]
    assert [one.element for one in check(alone, around=bundle) if one.code == "never_set"] == ["t"]


def test_what_is_undone_was_done() -> None:
    handler = script("back", "n", "=x", isForCompensation="true")
    drawn = boundary("c-a", "a", event("compensate")) + element("association", "w", sourceRef="c-a", targetRef="back")
    parts = [*line(script("a", "x", "=1"), throw("t", event("compensate"))), handler, drawn]
    assert unset(*parts) == set()
    assert unset(*parts[:-2], handler.replace("=x", "=z"), drawn) == {("back", "z")}


def test_a_decision_reads_its_inputs() -> None:
    table = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
        <decision id="triage" name="Triage"><decisionTable id="t"><input id="i"><inputExpression id="e"><text>x</text>
        </inputExpression></input><output id="o" name="priority"/></decisionTable></decision></definitions>"""
    asked = element("businessRuleTask", "b", zeebe=z("calledDecision", decisionId="triage", resultVariable="y"))
    reads = script("s", "n", "=y")
    assert unset(*line(asked, reads), d_dmn=table) == {("b", "x")}
    assert unset(*line(script("a", "x", "=1"), asked, reads), d_dmn=table) == set()


def test_a_huge_process_is_looked_at_in_time() -> None:
    ids = [f"t{number}" for number in range(4_000)]
    parts = [start(), *(script(id_, id_, "=t3999 + n") for id_ in ids), script("z", "n", "=1"), end(),
             chain("start", *ids, "z", "end")]  # fmt: skip
    begun = time.process_time()
    unset(*parts)
    assert time.process_time() - begun < 15
