"""What SpiffWorkflow does silently or wrongly by itself: one test for each row of the list that Pilar was built against.

Each name is the row's construct. The matrix and the other tests go deeper; here stands that none of the traps is left.
"""
# ruff: noqa: E501 (a diagram and what comes of it read best side by side)

import time
from dataclasses import replace
from datetime import timedelta

from engine.bpmn import Definition, Instance
from engine.bpmn.check import check
from tests.bpmn.cases import CALLED, ERRORS, ESCALATIONS, MESSAGE, SIGNAL, TABLE
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
    multi,
    process,
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
from tests.bpmn.walk import PATIENT, RUNTIME, begin

OVER = event("signal", signalRef="sig")


def trace(diagram: bytes, variables: dict[str, object] | None = None) -> str:
    return " ".join(begin(diagram, variables, reload=True).trace)


def test_signal_end_event() -> None:
    diagram = process(start(), end("e", OVER), chain("start", "e"), roots=SIGNAL)
    walk = begin(diagram)
    assert [signal.name for signal in walk.advances[-1].signals] == ["over"]


def test_compensation_throw_and_end() -> None:
    for last in (throw("t", event("compensate")) + end() + chain("t", "end"), end("t", event("compensate"))):
        walk = begin(process(start(), user("a"), undo("a", "ua"), last, chain("start", "a", "t")), reload=True)
        assert walk.do("a").open() == ["ua"]
        assert walk.do("ua").ended == "completed"


def test_link_events() -> None:
    diagram = process(start(), throw("l1", event("link", name="L")), catch("l2", event("link", name="L")), end(),
                      chain("start", "l1"), chain("l2", "end"))  # fmt: skip
    assert trace(diagram).endswith(">l2 <l2 >end <end")


def test_event_subprocess_is_interrupting_reads_its_flag() -> None:
    for flag, left in (("true", []), ("false", ["a"])):
        inside = sub("es", start("es1", event("message", messageRef="msg"), isInterrupting=flag), end("e1"),
                     chain("es1", "e1"), event_driven=True)  # fmt: skip
        walk = begin(process(inside, start(), user("a"), chain("start", "a"), roots=MESSAGE), {"case_no": "K"}).do(
            "es1"
        )
        assert [id_ for id_ in walk.open() if id_ == "a"] == left


def test_event_subprocess_with_a_timer_lets_the_process_finish() -> None:
    inside = sub("es", start("es1", timer("P1D")), end("e1"), chain("es1", "e1"), event_driven=True)
    assert begin(process(inside, start(), user("a"), chain("start", "a"))).do("a").ended == "completed"


def test_event_subprocess_on_error_escalation_compensation_waits_to_be_caught() -> None:
    for body in (event("error", errorRef="E1"), event("escalation", escalationRef="S1")):
        inside = sub("es", start("es1", body), end("e1"), chain("es1", "e1"), event_driven=True)
        walk = begin(process(inside, start(), user("a"), chain("start", "a"), roots=ERRORS + ESCALATIONS))
        assert ">es" not in walk.trace
    inside = sub("es", start("es1", event("compensate")), end("e1"), chain("es1", "e1"), event_driven=True)
    found = check({"p.bpmn": process(inside, start(), user("a"), chain("start", "a"))})
    assert ("unsupported_event", "es1") in {(one.code, one.element) for one in found}


def test_condition_on_a_sequence_flow_that_leaves_a_task() -> None:
    diagram = process(start(), user("a", default="d"), end("b"), end("c"), chain("start", "a"), flow("a", "b", "=x > 1"),
                      flow("a", "c", id="d"))  # fmt: skip
    assert begin(diagram).do("a", x=2).taken()[-1] == "a-b"
    assert begin(diagram).do("a", x=1).taken()[-1] == "d"


def test_implicit_split() -> None:
    diagram = process(start(), user("a"), user("b"), user("c"), chain("start", "a", "b"), chain("a", "c"))
    assert begin(diagram).do("a").open() == ["b", "c"]


def test_error_boundary_catches_a_failing_service_task() -> None:
    diagram = process(start(), service("s"), boundary("b", "s", event("error", errorRef="E1")), end(), user("h"),
                      chain("start", "s", "end"), chain("b", "h"), roots=ERRORS)  # fmt: skip
    assert begin(diagram).error("s", "E1").open() == ["h"]


def test_escalation_without_code_fires_one_boundary() -> None:
    inner = sub(
        "in", start("s2"), throw("esc", event("escalation", escalationRef="S1")), user("u"), chain("s2", "esc", "u")
    )
    outer = sub("out", start("s1"), inner, boundary("near", "in", event("escalation"), interrupting=False), end("n"),
                chain("s1", "in"), chain("near", "n"))  # fmt: skip
    far = boundary("far", "out", event("escalation"), interrupting=False) + end("f") + chain("far", "f")
    walk = begin(process(start(), outer, far, chain("start", "out"), roots=ESCALATIONS))
    assert [mark for mark in walk.trace if mark[0] == "!"] == ["!near"]


def test_multi_instance_collection_output_and_completion_condition() -> None:
    loop = multi("=list", output="out", result="=answer", until="=numberOfCompletedInstances >= 2")
    walk = begin(
        process(start(), user("a", body=loop), end(), chain("start", "a", "end")), {"list": [1, 2, 3]}, reload=True
    )
    walk.do("a", 2, answer="third").do("a", 0, answer="first")
    assert walk.variables["out"] == ["first", None, "third"]


def test_inclusive_and_parallel_joins() -> None:
    diagram = process(start(), gateway("exclusive", "x", default="d"), element("task", "a"), element("task", "b"),
                      gateway("parallel", "j"), end(), chain("start", "x"), flow("x", "a", "=y"), flow("x", "b", id="d"),
                      chain("a", "j", "end"), chain("b", "j"))  # fmt: skip
    assert begin(diagram, {"y": True}).incidents == [("j", "deadlock")]
    assert "deadlock_join" in {found.code for found in check({"p.bpmn": diagram})}


def test_consecutive_parallel_splits_predict_nothing() -> None:
    parts, last = [start()], "start"
    for number in range(12):
        parts += [gateway("parallel", f"f{number}"), user(f"u{number}"), chain(last, f"f{number}", f"u{number}")]
        last = f"f{number}"
    instance, _ = Instance.start(Definition.compile({"p.bpmn": process(*parts)}), "p", {}, RUNTIME)
    assert len(instance._top.tasks) == 1 + 12


def test_straight_chains() -> None:
    ids = [f"t{number}" for number in range(5_000)]
    parts = [element("task", id_) for id_ in ids]
    definition = Definition.compile({"p.bpmn": process(start(), *parts, end(), chain("start", *ids, "end"))})
    assert Instance.start(definition, "p", {}, PATIENT)[1].ended == "completed"


def test_long_loops() -> None:
    diagram = process(start(), gateway("exclusive", "m"), script("s", "n", "=n + 1"), gateway("exclusive", "g", default="o"),
                      end(), chain("start", "m", "s", "g"), flow("g", "m", "=n < 1500"), flow("g", "end", id="o"))  # fmt: skip
    _, advance = Instance.start(Definition.compile({"p.bpmn": diagram}), "p", {"n": 0}, PATIENT)
    assert advance.ended == "completed"


def test_timers_are_no_python_and_missed_cycles_fire_once() -> None:
    diagram = process(start(), user("a"), boundary("t", "a", timer('="R/PT" + string(n) + "H"', "timeCycle"),
                      interrupting=False), end("r"), chain("start", "a"), chain("t", "r"))  # fmt: skip
    walk = begin(diagram, {"n": 1}).later(hours=10)
    assert walk.do("t").trace.count(">r") == 1
    cron = process(
        start(),
        user("a"),
        boundary("t", "a", timer("0 8 * * 1", "timeCycle")),
        end("r"),
        chain("start", "a"),
        chain("t", "r"),
    )
    assert begin(cron).waits[begin(cron).find("t")].due_at - RUNTIME.now == timedelta(days=6, hours=23)  # type: ignore[attr-defined]


def test_variables_live_in_scopes_and_a_join_merges_nothing() -> None:
    diagram = process(start(), gateway("parallel", "f"), user("a"), user("b"), gateway("parallel", "j"), end(),
                      chain("start", "f", "a", "j", "end"), chain("f", "b", "j"))  # fmt: skip
    walk = begin(diagram, {"x": 0}, reload=True)
    walk.do("a", x=1, facts={"from": "a"}).do("b", y=2)
    assert walk.variables == {"x": 1, "y": 2, "facts": {"from": "a"}}
    assert all(
        token.data == {} for token in begin(diagram, {"x": 0}).instance._top.index.values() if hasattr(token, "data")
    )


def test_dmn_checks_its_hit_policy() -> None:
    doubled = {"t.dmn": TABLE["t.dmn"].replace(b"<text>false</text>", b"<text>true</text>")}
    task = element("businessRuleTask", "d", zeebe=z("calledDecision", decisionId="triage", resultVariable="p"))
    walk = begin({"p.bpmn": process(start(), task, end(), chain("start", "d", "end")), **doubled}, {"danger": True})
    assert walk.incidents == [("d", "decision_failed")]


def test_script_engine_runs_no_python() -> None:
    for text in ("=__import__('os')", "=().__class__", "=open('/etc/passwd')"):
        diagram = process(start(), script("s", "x", text), end(), chain("start", "s", "end"))
        found = {one.code for one in check({"p.bpmn": diagram})}
        if "bad_expression" not in found:
            assert begin(diagram).variables["x"] is None


def test_calls_start_with_their_mapped_inputs_only() -> None:
    call = element("callActivity", "c", zeebe=z("calledElement", processId="q") + io({"given": "=x"}))
    walk = begin({"p.bpmn": process(start(), call, chain("start", "c")), **CALLED}, {"x": 1, "hidden": 2})
    assert set(walk.instance.seen_by(walk.find("work"))) == {"given"}


def test_logging_iteration_and_ids_cost_a_step_nothing(lean_memory: None) -> None:
    ids = [f"t{number}" for number in range(1_000)]
    parts = [element("task", id_) for id_ in ids]
    definition = Definition.compile({"p.bpmn": process(start(), *parts, end(), chain("start", *ids, "end"))})
    begun = time.process_time()
    Instance.start(definition, "p", {}, replace(PATIENT))
    assert (time.process_time() - begun) / 1_000 < 0.001
