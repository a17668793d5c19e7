"""Each element and variant: a small diagram, deeds, and the order of events.

Straight, reloaded at every step, and so that each state is told by what differs from an earlier one.
"""

from typing import Any

import pytest

from engine.bpmn import deltas
from engine.bpmn.check import check
from engine.bpmn.findings import ERROR
from tests.bpmn import diagrams, modelling
from tests.bpmn.cases import ERRORS, ESCALATIONS, MESSAGE, SIGNAL, Case
from tests.bpmn.diagrams import boundary, chain, element, end, event, process, start, sub, user
from tests.bpmn.elements import EVENTS, KINDS, REFUSED, RUNS, keys_of
from tests.bpmn.matrix import MATRIX, files_of
from tests.bpmn.walk import Walk, begin


def play(walk: Walk, deeds: list[Any]) -> None:
    for deed in deeds:
        do(walk, deed)


def do(walk: Walk, deed: Any) -> None:
    """An element's wait comes to its end (its id, or its id and variables), or whatever a function does."""
    if callable(deed):
        deed(walk)
    elif isinstance(deed, str):
        walk.do(deed)
    else:
        walk.do(deed[0], **deed[1])


@pytest.mark.parametrize("saved", ["", "whole", "differing"], ids=["straight", "reloaded", "reloaded by difference"])
@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.name)
def test_case(case: Case, saved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if saved == "differing":
        monkeypatch.setattr(deltas, "WORTH_IT", 0)
    walk = begin(files_of(case), case.given, reload=bool(saved), message=case.message, event=case.event)
    play(walk, case.deeds)
    assert " ".join(walk.trace) == case.trace
    assert walk.ended == case.ended
    assert walk.incidents == case.incidents
    if case.variables is not None:
        assert walk.variables == case.variables
    if walk.ended:
        assert walk.open() == []
        assert walk.instance.active_elements() == []


def test_the_names_of_cases_tell_them_apart() -> None:
    assert len({case.name for case in MATRIX}) == len(MATRIX)


@pytest.fixture(scope="module")
def walked() -> set[str]:
    """What the diagrams of all cases hold."""
    return {key for case in MATRIX for key in keys_of(files_of(case))}


@pytest.mark.parametrize("key", sorted(RUNS))
def test_what_is_said_to_run_is_in_the_matrix(walked: set[str], key: str) -> None:
    assert key in walked


def test_nothing_is_in_the_matrix_that_is_not_said_to_run(walked: set[str]) -> None:
    assert walked <= RUNS


# -- what is refused ------------------------------------------------------------------------------------------------

DEFINITIONS = {
    "none": "", "message": event("message", messageRef="msg"), "timer": diagrams.timer("P1D"),
    "conditional": diagrams.conditional("=x"), "signal": event("signal", signalRef="sig"),
    "error": event("error", errorRef="E1"), "escalation": event("escalation", escalationRef="S1"),
    "compensation": event("compensate"), "link": event("link", name="L"), "terminate": event("terminate"),
    "cancel": event("cancel"),
}  # fmt: skip
ROOTS = MESSAGE + SIGNAL + ERRORS + ESCALATIONS
LINE = start() + user("a") + end() + chain("start", "a", "end")


def probe(place: str, kind: str) -> bytes:
    """A diagram with one event of a kind in a place, and nothing else that could be wrong."""
    body = DEFINITIONS[kind]
    tag, _, where = place.partition("@")
    if tag == "startEvent" and where == "process":
        parts = element(tag, "e", body) + user("a") + end() + chain("e", "a", "end")
    elif tag == "startEvent":
        inside = (element(tag, "e", body), user("u"), chain("e", "u"))
        flows = "" if where == "event" else chain("a", "s")
        parts = LINE + sub("s", *inside, event_driven=where == "event") + flows
    elif tag == "boundaryEvent":
        parts = LINE + boundary("e", "a", body) + (end("e2") + chain("e", "e2") if kind != "compensation" else "")
        parts += user("h", isForCompensation="true") + element("association", "as", sourceRef="e", targetRef="h")
    elif tag == "endEvent":
        parts = start() + user("a") + element(tag, "e", body) + chain("start", "a", "e")
    else:
        parts = start() + user("a") + element(tag, "e", body) + end() + chain("start", "a", "e", "end")
    return process(parts, roots=ROOTS)


def refusals(files: dict[str, bytes]) -> set[str]:
    return {found.code for found in check(files) if found.severity == ERROR}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", EVENTS)
def test_events_that_do_not_run_are_refused(place: str, kind: str) -> None:
    tag, _, where = place.partition("@")
    key = f"{tag}/{kind}" + (f"@{where}" if where else "")
    found = refusals({"p.bpmn": probe(place, kind)})
    if key in RUNS:
        assert found <= {"link_target"}, "a link needs its other half"
    else:
        assert found & {"unsupported_event", "sub_start", "event_sub_start"}


@pytest.mark.parametrize("name", REFUSED)
def test_elements_that_do_not_run_are_refused(name: str) -> None:
    parts = {
        "standardLoopCharacteristics": user("a", body="<bpmn:standardLoopCharacteristics/>"),
        "several event definitions in one event": diagrams.catch("a", DEFINITIONS["timer"] + DEFINITIONS["signal"]),
        "scripts in a programming language": element("scriptTask", "a", "<bpmn:script>1</bpmn:script>"),
    }
    found = refusals(
        {
            "p.bpmn": process(
                start(), parts.get(name, element(name, "a")), end(), chain("start", "a", "end"), roots=ROOTS
            )
        }
    )
    assert found & {"unsupported_element", "unsupported_attribute", "script_language"}


def test_the_modelling_page_is_up_to_date() -> None:
    assert modelling.PAGE.read_text(encoding="utf-8") == modelling.page(), "run `make docs`"
