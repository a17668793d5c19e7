"""Instances that move to another version: loops, scopes, calls, incidents, what is refused, and the way back."""

from typing import Any

import pytest

from engine.bpmn import Instance, UserTaskWait
from engine.bpmn.upgrade import Change, take_back, upgrade
from engine.bpmn.upgrade_plan import Correspondence, Plan
from tests.bpmn import diagrams as d
from tests.bpmn.moving import BARE, MESSAGE, ONE, WITH_TIMER, changes, compiled, handler, look, move, obstacles
from tests.bpmn.walk import START, Walk, begin

# -- many, parallel, inside -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sequential", [False, True], ids=["parallel", "sequential"])
def test_a_multi_instance_activity_goes_on_where_it_is(sequential: bool) -> None:
    many = d.multi("=list", output="out", result="=r", sequential=sequential)
    walk = begin(d.process(d.start(), d.user("a", body=many), d.end(), ONE), {"list": [7, 8, 9]})
    walk.do("a", r="first")
    new = d.process(
        d.start(),
        d.user("b", d.z("assignmentDefinition", candidateGroups="peksos"), body=many),
        d.end(),
        d.chain("start", "b", "end"),
        d.boundary("t", "b", d.timer("P1D")),
        d.end("e2"),
        d.flow("t", "e2"),
    )
    walk = move(walk, new, rename={"a": "b"})
    assert walk.open() == ["b", "t"] if sequential else ["b", "b", "t"]
    walk.do("b", r="second").do("b", r="third")
    assert walk.ended == "completed"
    assert walk.variables["out"] == ["first", "second", "third"]


def test_a_thousand_instances_that_lie_cold_move_too() -> None:
    many = d.multi("=for i in 1..300 return i")
    walk = begin(d.process(d.start(), d.user("a", body=many), d.end(), ONE), reload=True)
    found = look(
        walk, d.process(d.start(), d.user("b", body=many), d.end(), d.chain("start", "b", "end")), rename={"a": "b"}
    )
    assert found.changes == (Change("renamed", "p", "a", "b", 300),)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (d.multi("=list", "other"), "loop_changed"),
        (d.multi("=list", output="out", result="=r"), "loop_changed"),
        (d.multi("=list", sequential=True), "kind_changed"),
        ("", "kind_changed"),
    ],
)
def test_a_loop_that_means_something_else_is_in_the_way(new: str, code: str) -> None:
    walk = begin(d.process(d.start(), d.user("a", body=d.multi("=list")), d.end(), ONE), {"list": [1, 2]}).do("a")
    assert (code, "a") in obstacles(look(walk, d.process(d.start(), d.user("a", body=new), d.end(), ONE)))


def calling(process_id: str) -> str:
    return d.element("callActivity", "a", zeebe=d.z("calledElement", processId=process_id) + d.io({"given": "=n"}))


def called(id: str, task: str, *more: str) -> bytes:
    return d.process(d.start(), d.user(task), *more, d.end(), d.chain("start", task, "end"), id=id)


def test_a_called_process_moves_with_its_caller() -> None:
    files = {"p.bpmn": d.process(d.start(), calling("q"), d.end(), ONE), "q.bpmn": called("q", "in")}
    walk = begin(files, {"n": 1})
    late = d.boundary("t", "in", d.timer("P1D")) + d.end("e2") + d.flow("t", "e2")
    walk = move(walk, {**files, "q.bpmn": called("q", "in", late)})
    assert walk.open() == ["in", "t"]
    other = {"p.bpmn": d.process(d.start(), calling("r"), d.end(), ONE), "r.bpmn": called("r", "in", late)}
    assert ("process_missing", "") in obstacles(look(walk, other))
    walk = move(walk, other, processes={"q": "r"})
    assert walk.do("in").ended == "completed"


def test_a_caller_that_calls_another_process_is_in_the_way() -> None:
    files = {"p.bpmn": d.process(d.start(), calling("q"), d.end(), ONE), "q.bpmn": called("q", "in")}
    other = {**files, "p.bpmn": d.process(d.start(), calling("r"), d.end(), ONE), "r.bpmn": called("r", "in")}
    assert obstacles(look(begin(files, {"n": 1}), other)) == [("called_changed", "a")]


def test_a_task_in_another_scope_is_in_the_way() -> None:
    inside = d.process(
        d.start(),
        d.sub("s", d.start("s1"), d.user("a"), d.end("se"), d.chain("s1", "a", "se")),
        d.end(),
        d.chain("start", "s", "end"),
    )
    assert obstacles(look(begin(d.process(*BARE)), inside)) == [("scope_changed", "a")]
    assert ("element_missing", "s") in obstacles(look(begin(inside), d.process(*BARE)))


FORK = (
    d.start(),
    d.gateway("parallel", "f"),
    d.user("a"),
    d.user("b"),
    d.gateway("parallel", "j"),
    d.user("c"),
    d.end(),
    d.flow("start", "f"),
    d.flow("f", "a"),
    d.flow("f", "b"),
    d.chain("j", "c", "end"),
)


def test_tokens_side_by_side_and_one_that_waits_at_the_join() -> None:
    walk = begin(d.process(*FORK, d.flow("a", "j"), d.flow("b", "j"))).do("a")
    walk = move(walk, d.process(*FORK, d.flow("a", "j", id="drawn_anew"), d.flow("b", "j")))
    assert walk.do("b").open() == ["c"]


def test_a_join_that_waits_for_less_goes_on() -> None:
    walk = begin(d.process(*FORK, d.flow("a", "j"), d.flow("b", "j"))).do("a")
    single = d.process(
        d.start(), d.user("a"), d.gateway("parallel", "j"), d.user("c"), d.end(), d.chain("start", "a", "j", "c", "end")
    )
    assert obstacles(look(walk, single)) == [("element_missing", "b")]
    found = look(walk, single, remove=frozenset({"b"}))
    assert changes(found) == ["begins c", "removed b"]


def test_a_join_that_would_wait_for_ever_is_in_the_way() -> None:
    walk = begin(d.process(*FORK, d.flow("a", "j"), d.flow("b", "j"))).do("a")
    three = d.process(*FORK, d.flow("a", "j"), d.flow("b", "j"), d.user("x"), d.flow("f", "x"), d.flow("x", "j"))
    assert obstacles(look(walk, three)) == [("would_stop", "j")]


def test_new_inputs_are_mapped_and_old_ones_are_kept() -> None:
    walk = begin(d.process(d.start(), d.user("a", d.io({"x": "=n"})), d.end(), ONE), {"n": 1})
    walk.instance.set_variables({"n": 2})
    walk = move(walk, d.process(d.start(), d.user("a", d.io({"x": "=n", "y": "=n * 10"})), d.end(), ONE))
    wait = walk.waits[walk.find("a")]
    assert isinstance(wait, UserTaskWait)
    assert {name: int(value) for name, value in wait.local.items()} == {"x": 1, "y": 20}


# -- what stands still ------------------------------------------------------------------------------------------------


def choice(condition: str) -> bytes:
    return d.process(
        d.start(),
        d.user("a"),
        d.gateway("exclusive", "x", default="x-e2"),
        d.user("b"),
        d.end(),
        d.end("e2"),
        d.chain("start", "a", "x"),
        d.flow("x", "b", condition),
        d.flow("x", "e2"),
        d.flow("b", "end"),
    )


def test_an_incident_stays_and_is_retried_under_the_new_version() -> None:
    walk = begin(choice("=missing > 3")).do("a", n=5)
    assert walk.incidents == [("x", "condition_null")]
    walk = move(walk, choice("=n > 3"))
    assert walk.retry("x").open() == ["b"]


def test_an_instance_in_the_middle_of_a_step_does_not_move() -> None:
    scripts = [d.script(f"s{n}", "v", f"={n}") for n in range(30)]
    body = d.process(
        d.start(), *scripts, d.user("a"), d.end(), d.chain("start", *(f"s{n}" for n in range(30)), "a", "end")
    )
    runtime = type(Walk.runtime)(START, Walk.runtime.timezone, max_steps=5)
    instance, advance = Instance.start(compiled(body), "p", {}, runtime)
    assert advance.unfinished
    assert obstacles(upgrade(instance, Correspondence(compiled(body), compiled(body), Plan()), runtime)) == [
        ("unfinished", "")
    ]


# -- history stays what it was ----------------------------------------------------------------------------------------


def test_what_was_done_can_still_be_undone() -> None:
    def body(*parts: str) -> bytes:
        return d.process(
            d.start(),
            d.user("pay"),
            d.user("a"),
            d.throw("back", d.event("compensate")),
            d.end(),
            d.chain("start", "pay", "a", "back", "end"),
            *parts,
        )

    walk = begin(body(d.undo("pay", "refund"))).do("pay")
    assert obstacles(look(walk, body())) == [("compensation_lost", "pay")]
    walk = move(walk, body(d.undo("pay", "repay")), rename={"refund": "repay"})
    assert walk.do("a").open() == ["repay"]
    assert walk.do("repay").ended == "completed"


def test_a_rename_onto_another_step_would_be_a_jump() -> None:
    body = d.process(d.start(), d.user("a"), d.user("b"), d.end(), d.chain("start", "a", "b", "end"))
    short = d.process(d.start(), d.user("b"), d.end(), d.chain("start", "b", "end"))
    assert ("jump", "a") in obstacles(look(begin(body), short, rename={"a": "b"}))
    swapped = d.process(d.start(), d.user("b"), d.user("c"), d.end(), d.chain("start", "b", "c", "end"))
    assert move(begin(body), swapped, rename={"a": "b", "b": "c"}).open() == ["b"]


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        ({"rename": {"nothing": "a"}}, ("unknown_element", "nothing")),
        ({"rename": {"a": "nothing"}}, ("element_missing", "a")),
        ({"remove": frozenset({"a"})}, ("still_there", "a")),
        ({"remove": frozenset({"q/a"})}, ("unknown_element", "a")),
        ({"processes": {"q": "p"}}, ("unknown_process", "")),
        ({"processes": {"p": "q"}}, ("process_missing", "")),
    ],
)
def test_a_plan_that_fits_neither_version_is_refused(plan: dict[str, Any], wanted: tuple[str, str]) -> None:
    assert wanted in obstacles(look(begin(d.process(*BARE)), d.process(*BARE), **plan))


def test_an_id_in_two_processes_needs_the_name_of_its_process() -> None:
    files = {"p.bpmn": d.process(*BARE), "q.bpmn": called("q", "a")}
    new = {
        "p.bpmn": d.process(d.start(), d.user("b"), d.end(), d.chain("start", "b", "end")),
        "q.bpmn": called("q", "a"),
    }
    walk = begin(files)
    assert ("ambiguous", "a") in obstacles(look(walk, new, rename={"a": "b"}))
    assert move(walk, new, rename={"p/a": "b"}).open() == ["b"]


def test_the_last_thing_that_waits_cannot_be_removed() -> None:
    gone = d.process(d.start(), d.user("b"), d.end(), d.chain("start", "b", "end"))
    assert obstacles(look(begin(d.process(*BARE)), gone)) == [("element_missing", "a")]
    assert ("nothing_left", "p") in obstacles(look(begin(d.process(*BARE)), gone, remove=frozenset({"a"})))


# -- back -------------------------------------------------------------------------------------------------------------


def test_a_move_is_taken_back() -> None:
    walk = begin(d.process(*WITH_TIMER))
    state, timer = walk.instance.dump(), walk.find("late")
    new = d.process(*BARE, handler(), roots=MESSAGE)
    moved = move(walk, new, remove=frozenset({"late"}))
    former = Instance.load(walk.definition, state)
    back = take_back(former, moved.instance)
    assert back.advance is not None
    assert [wait.id for wait in back.advance.opened] == [timer]
    assert back.advance.closed == {moved.find("es1"): "cancelled"}
    assert former.dump() != state  # an id that was given out is never given again
    walk.instance = Instance.load(walk.definition, former.dump())
    assert walk.do("late").open() == ["chase"]
    assert moved.find("es1") not in walk.waits
