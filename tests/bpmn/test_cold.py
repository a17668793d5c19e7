"""Many instances: those that nobody touches lie in chunks, and behave as if they did not."""
# ruff: noqa: E501 (a diagram reads best in few lines)

from engine.bpmn import Advance, Definition, Instance
from engine.bpmn.cold import Chunk, ranges_of
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
    start,
    sub,
    throw,
    timer,
    user,
)  # fmt: skip
from tests.bpmn.walk import PATIENT

LOOP = multi("=list", output="out", result="=answer")
ROOTS = element("signal", "sig", name="over") + message("msg", key="=case_no")
INSIDE = sub("p1", start("s1"), gateway("parallel", "f"), user("a", io({"doubled": "=item * 2"})),
             catch("c", event("signal", signalRef="sig")), gateway("parallel", "j"), end("e1"),
             chain("s1", "f", "a", "j", "e1"), chain("f", "c", "j"), boundary("t", "a", timer("P1D"), interrupting=False),
             flow("t", "e1"), loop=LOOP)  # fmt: skip
DIAGRAM = process(start(), gateway("parallel", "split"), INSIDE, user("side"), throw("tell", event("signal", signalRef="sig")),
                  boundary("late", "p1", event("message", messageRef="msg")), end(), end("stopped"),
                  chain("start", "split", "p1", "end"), chain("split", "side", "tell", "end"), chain("late", "stopped"),
                  roots=ROOTS)  # fmt: skip
DEFINITION = Definition.compile({"p.bpmn": DIAGRAM})
NUMBER = 100


def begin() -> tuple[Instance, Advance]:
    instance, advance = Instance.start(DEFINITION, "p", {"list": list(range(NUMBER)), "case_no": "K1"}, PATIENT)
    return again(instance), advance


def again(instance: Instance) -> Instance:
    return Instance.load(DEFINITION, instance.dump())


def named(advance: Advance, element_id: str) -> list[str]:
    return [wait.id for wait in advance.opened if wait.element_id == element_id]


def test_loading_and_dumping_is_stable() -> None:
    instance, advance = begin()
    assert {wait.id: wait for wait in instance.waits()} == {wait.id: wait for wait in advance.opened}
    assert sorted(wait.id for wait in again(instance).waits()) == sorted(wait.id for wait in advance.opened)
    state = again(instance).dump()
    assert Instance.load(DEFINITION, state).dump() == state


def test_one_by_one_to_the_end() -> None:
    instance, advance = begin()
    for index, (task, signal) in enumerate(zip(named(advance, "a"), named(advance, "c"), strict=True)):
        instance = again(instance)
        assert instance.complete_task(task, {"answer": index}, PATIENT).closed[task] == "completed"
        instance = again(instance)
        last = instance.deliver(signal, {}, PATIENT)
        assert last.closed == {signal: "completed"} | ({named(advance, "late")[0]: "cancelled"} if index == 99 else {})
    instance = again(instance)
    assert instance.active_elements() == ["side"]
    assert instance.variables()["out"] == list(range(NUMBER))


def test_a_boundary_event_calls_all_of_them_off() -> None:
    instance, advance = begin()
    stopped = instance.deliver(named(advance, "late")[0], {}, PATIENT)
    assert len(stopped.closed) == 3 * NUMBER + 1
    assert again(instance).active_elements() == ["side"]


def test_a_signal_reaches_all_of_them() -> None:
    instance, advance = begin()
    told = instance.complete_task(named(advance, "side")[0], {}, PATIENT)
    assert set(named(advance, "c")) <= set(told.closed)
    assert again(instance).active_elements() == ["p1", "a", "j"]


def test_a_timer_beside_one_of_them() -> None:
    instance, advance = begin()
    timer_id = named(advance, "t")[50]
    assert again(instance).fire_timer(timer_id, PATIENT).closed == {timer_id: "completed"}


def test_ranges_hold_what_they_were_made_of() -> None:
    for ids in ({3, 5, 7}, {1}, {1, 2, 3}, {2, 3, 9, 10, 12}, set()):
        chunk = Chunk("1", ranges_of(map(str, ids)), b"")
        assert {number for number in range(15) if chunk.holds(number)} == ids
