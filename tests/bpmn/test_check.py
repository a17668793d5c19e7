"""Warnings and notes of the deploy gate, and that it never raises."""
# ruff: noqa: E501 (a diagram and what is said of it read best side by side)

import pytest

from engine.bpmn.check import check
from engine.bpmn.findings import CATALOGUE
from tests.bpmn.cases import SIGNAL
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    element,
    end,
    event,
    flow,
    gateway,
    message,
    process,
    properties,
    script,
    start,
    sub,
    timer,
    user,
    z,
)  # fmt: skip

GROUP = z("assignmentDefinition", candidateGroups="tksk") + z("formDefinition", formId="F")
TASK = user("a", GROUP)


def codes(*parts: str, roots: str = "") -> list[tuple[str, str]]:
    found = check({"p.bpmn": process(*parts, roots=roots), "f.form": b'{"id": "F"}'})
    return [(finding.code, finding.element) for finding in found]


def test_nothing_to_say() -> None:
    assert codes(start(), TASK, end(), chain("start", "a", "end")) == []


OVER = event("signal", signalRef="sig")


@pytest.mark.parametrize("wait", [False, True])
def test_a_signal_that_calls_itself(wait: bool) -> None:
    between = [user("w", GROUP), chain("es1", "w", "again")] if wait else [chain("es1", "again")]
    handler = sub("es", start("es1", OVER, isInterrupting="false"), end("again", OVER), *between, event_driven=True)
    found = codes(start(), TASK, end(), handler, chain("start", "a", "end"), roots=SIGNAL)
    assert (("loop_without_wait", "again") in found) is not wait


WARNED = {
    "unreachable": ("b", [start(), TASK, end(), chain("start", "a", "end"), user("b", GROUP), user("c", GROUP),
                          chain("b", "c", "b"), flow("b", "end")]),
    "dead_end": ("a", [start(), TASK, chain("start", "a")]),
    "no_group": ("a", [start(), user("a", z("formDefinition", formId="F")), end(), chain("start", "a", "end")]),
    "no_form": ("a", [start(), user("a", z("assignmentDefinition", assignee="x")), end(), chain("start", "a", "end")]),
    "manual_task": ("m", [start(), element("manualTask", "m"), end(), chain("start", "m", "end")]),
    "no_path_to_end": ("a", [start(), TASK, user("b", GROUP), end(), chain("start", "a", "b", "a")]),
    "no_default": ("g", [start(), gateway("exclusive", "g", name="?"), end(), end("e2"), chain("start", "g"),
                         flow("g", "end", "=x"), flow("g", "e2", "=not(x)")]),
    "gateway_unnamed": ("g", [start(), gateway("exclusive", "g", default="d"), end(), end("e2"), chain("start", "g"),
                              flow("g", "end", "=x"), flow("g", "e2", id="d")]),
    "loop_without_wait": ("m", [start(), gateway("exclusive", "m"), script("s", "n", "=1"),
                                gateway("exclusive", "g", default="d", name="?"), end(), chain("start", "m", "s", "g"),
                                flow("g", "m", "=x"), flow("g", "end", id="d")]),
    "deadlock_join": ("j", [start(), gateway("exclusive", "x", default="d", name="?"), user("a", GROUP), user("b", GROUP),
                            gateway("parallel", "j"), end(), chain("start", "x"), flow("x", "a", "=y"),
                            flow("x", "b", id="d"), chain("a", "j", "end"), chain("b", "j")]),
    "reply_without_timer": ("r", [start(), element("receiveTask", "r", messageRef="m"), end(),
                                  chain("start", "r", "end")]),
    "approval_alone": ("a", [start(), user("a", GROUP + properties(phase="persetujuan")), end(),
                             chain("start", "a", "end")]),
    "link_source": ("l", [start(), TASK, end(), chain("start", "a", "end"), catch("l", event("link", name="L")),
                          chain("l", "end")]),
}  # fmt: skip


@pytest.mark.parametrize("code", WARNED)
def test_warned(code: str) -> None:
    where, parts = WARNED[code]
    assert (code, where) in codes(*parts, roots=message("m", key="=x"))


def test_a_join_behind_its_own_split_is_no_deadlock() -> None:
    parts = [start(), gateway("exclusive", "top"), gateway("parallel", "f"), TASK, user("b", GROUP),
             gateway("parallel", "j"), gateway("exclusive", "again", default="d", name="?"), end(),
             chain("start", "top", "f", "a", "j", "again"), chain("f", "b", "j"), flow("again", "top", "=has_nik"),
             flow("again", "end", id="d")]  # fmt: skip
    assert codes(*parts) == []


@pytest.mark.parametrize(
    "parts",
    [
        [element("receiveTask", "r", messageRef="m"), boundary("t", "r", timer("P1D")), end("late"), chain("t", "late")],
        [gateway("eventBased", "g"), catch("r", event("message", messageRef="m")), catch("t", timer("P1D")),
         chain("g", "r"), chain("g", "t", "end")],
        [sub("p", start("s1"), element("receiveTask", "r", messageRef="m"), end("e1"), chain("s1", "r", "e1")),
         boundary("t", "p", timer("P1D")), chain("t", "end")],
    ],
)  # fmt: skip
def test_a_reply_with_a_timer_somewhere_around(parts: list[str]) -> None:
    found = codes(start(), *parts, end(), roots=message("m", key="=x"))
    assert "reply_without_timer" not in {code for code, _ in found}


def test_a_personal_field_is_no_fact() -> None:
    field = '{"key": "nik", "type": "textfield", "properties": {"fact": "true", "personal": "true"}}'
    form = f'{{"id": "F", "components": [{{"type": "group", "components": [{field}]}}]}}'.encode()
    found = check({"p.bpmn": process(start(), TASK, end(), chain("start", "a", "end")), "f.form": form})
    assert [(finding.code, finding.params["detail"]) for finding in found] == [("personal_fact", "nik")]


def test_every_finding_says_what_to_do() -> None:
    assert all(reason and mend and severity in {"error", "warning", "note"}
               for severity, reason, mend in CATALOGUE.values())  # fmt: skip


@pytest.mark.parametrize("files", [{}, {"a.bpmn": b""}, {"a.dmn": b"\x00"}, {"a.form": b"[]"}, {"a.txt": b"?"}])
def test_it_never_raises(files: dict[str, bytes]) -> None:
    assert isinstance(check(files), list)
