"""Call activities, message starts, and what crosses the border of an instance."""
# ruff: noqa: E501 (a diagram and what comes of it read best side by side)

import pytest

from engine.bpmn import Definition, Instance, ProcessNotFound, ThrownMessage, ThrownSignal
from engine.errors import InvalidDefinition
from tests.bpmn.diagrams import (
    boundary,
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
    script,
    service,
    start,
    throw,
    user,
    z,
)  # fmt: skip
from tests.bpmn.walk import RUNTIME, begin

CHILD = process(
    start(), script("twice", "twice", "=given * 2"), user("work"), end(), chain("start", "twice", "work", "end"),
    id="child",
)  # fmt: skip


def call(id: str = "c", zeebe: str = "", body: str = "", process_id: str = "child", **called: str) -> str:
    return element("callActivity", id, body, z("calledElement", processId=process_id, **called) + zeebe)


def parent(*parts: str, roots: str = "") -> dict[str, bytes]:
    return {
        "p.bpmn": process(start(), *parts, end(), chain("start", "c", "end"), roots=roots),
        "c.bpmn": CHILD,
    }


@pytest.mark.parametrize("reload", [False, True])
def test_mapped_inputs_in_mapped_outputs_back(reload: bool) -> None:
    walk = begin(parent(call(zeebe=io({"given": "=x"}, {"result": "=twice + answer"}))), {"x": 4, "hidden": 1},
                 reload=reload)  # fmt: skip
    assert walk.open() == ["work"]
    assert walk.waits[walk.find("work")].process_id == "child"
    assert walk.instance.active_elements() == ["c", "work"]
    walk.do("work", answer=1)
    assert walk.ended == "completed"
    assert walk.variables == {"x": 4, "hidden": 1, "result": 9}
    assert " ".join(walk.trace) == ">start <start >c >start <start >twice <twice >work <work >end <end <c >end <end"
    processes = [step.process_id for advance in walk.advances for step in advance.steps if step.element_id == "twice"]
    assert processes == ["child", "child"]


def test_the_called_process_sees_nothing_else() -> None:
    walk = begin(parent(call(zeebe=io({"other": "=x"}))), {"x": 4, "given": 3})
    assert walk.waits
    walk.do("work")
    assert walk.ended == "completed"
    assert walk.variables == {"x": 4, "given": 3}


def test_all_variables_back_only_when_asked() -> None:
    walk = begin(parent(call(zeebe=io({"given": "=x"}), propagateAllChildVariables="true")), {"x": 1})
    walk.do("work", answer=5)
    assert walk.variables == {"x": 1, "given": 1, "twice": 2, "answer": 5}


def test_the_process_may_be_an_expression() -> None:
    files = parent(call(process_id="=which", zeebe=io({"given": "=1"})))
    assert begin(files, {"which": "child"}).open() == ["work"]
    assert begin(files, {"which": "gone"}).incidents == [("c", "process_missing")]


def test_instances_of_a_call() -> None:
    loop = multi("=list", "item", output="out", result="=twice")
    walk = begin(parent(call(zeebe=io({"given": "=item"}, {"twice": "=twice"}), body=loop)), {"list": [1, 2, 3]})
    for _ in range(3):
        walk.do("work")
    assert walk.ended == "completed"
    assert walk.variables == {"list": [1, 2, 3], "out": [2, 4, 6]}


def test_an_error_of_the_called_process() -> None:
    roots = element("error", "E1", name="e", errorCode="E1")
    child = process(start(), user("u"), end("bad", event("error", errorRef="E1"), io({"why": '="full"'})),
                    chain("start", "u", "bad"), id="child", roots=roots)  # fmt: skip
    files = {
        "p.bpmn": process(start(), call(), boundary("b", "c", event("error", errorRef="E1"), io(outputs={"told": "=why"})),
                          end(), end("failed"), chain("start", "c", "end"), flow("b", "failed"), roots=roots),
        "c.bpmn": child,
    }  # fmt: skip
    walk = begin(files).do("u")
    assert walk.trace[-7:] == [">bad", "<bad", "^bad", "!b", "xc", ">failed", "<failed"]
    assert walk.ended == "completed"
    assert walk.variables == {"told": "full"}


def test_a_process_that_calls_itself_for_ever_is_an_incident() -> None:
    itself = call(process_id="=which", zeebe=io({"which": "=which"}))
    walk = begin(process(start(), itself, end(), chain("start", "c", "end")), {"which": "p"})
    assert walk.incidents == [("c", "too_deep")]


def test_message_start() -> None:
    diagram = process(start(), start("by-letter", event("message", messageRef="m")), user("a"), end(),
                      chain("start", "a", "end"), flow("by-letter", "a"), roots=message("m", "letter"))  # fmt: skip
    definition = Definition.compile({"p.bpmn": diagram})
    assert definition.message_starts == {"letter": "p"}
    walk = begin(diagram, {"x": 1}, message="letter")
    assert walk.trace[:2] == [">by-letter", "<by-letter"]
    assert begin(diagram).trace[:2] == [">start", "<start"]
    with pytest.raises(ProcessNotFound):
        Instance.start(definition, "p", {}, RUNTIME, message="unknown")
    with pytest.raises(ProcessNotFound):
        Instance.start(definition, "gone", {}, RUNTIME)


def test_messages_and_signals_leave_the_instance() -> None:
    roots = message("m", "referral", key="=case_no") + element("signal", "s", name="over")
    diagram = process(start(), throw("t", event("message", messageRef="m"), io({"x": "=case_no"})),
                      element("sendTask", "send", messageRef="m"), throw("u", event("signal", signalRef="s")),
                      end("end", event("message", messageRef="m")), chain("start", "t", "send", "u", "end"),
                      roots=roots)  # fmt: skip
    walk = begin(diagram, {"case_no": "K7"})
    assert walk.advances[0].thrown == [
        ThrownMessage("t", "referral", "K7", {"x": "K7"}),
        ThrownMessage("send", "referral", "K7", {}),
        ThrownMessage("end", "referral", "K7", {}),
    ]
    assert walk.advances[0].signals == [ThrownSignal("u", "over", {})]


def test_a_send_task_with_an_operation_is_a_job() -> None:
    diagram = process(start(), element("sendTask", "s", zeebe=z("taskDefinition", type="mail")), end(),
                      chain("start", "s", "end"))  # fmt: skip
    walk = begin(diagram)
    assert walk.instance.waits()[0].operation == "mail"
    assert walk.definition.operations == {"mail"}
    assert walk.do("s").ended == "completed"


def test_cancel_with_everything_waiting() -> None:
    diagram = process(start(), gateway("parallel", "f"), user("a"), service("b"), call("c", io({"given": "=1"})), end(),
                      chain("start", "f", "a", "end"), chain("f", "b", "end"), chain("f", "c", "end"))  # fmt: skip
    walk = begin({"p.bpmn": diagram, "c.bpmn": CHILD})
    assert walk.open() == ["a", "b", "work"]
    walk.note(walk.instance.cancel(RUNTIME))
    assert walk.ended == "cancelled"
    assert walk.open() == []
    assert set(walk.advances[-1].closed.values()) == {"cancelled"}
    again = walk.instance.cancel(RUNTIME)
    assert again.ended is None
    assert again.steps == []


def test_the_bundle_must_be_complete() -> None:
    with pytest.raises(InvalidDefinition, match="process child is not among the files"):
        Definition.compile({"p.bpmn": parent(call())["p.bpmn"]})
