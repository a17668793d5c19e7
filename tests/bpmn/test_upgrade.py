"""Instances that move to another version: each kind of wait stays with all it has kept."""

from datetime import timedelta

import pytest

from engine.bpmn import JobWait, TimerWait, UserTaskWait
from tests.bpmn import diagrams as d
from tests.bpmn.moving import BARE, MESSAGE, ONE, WITH_TIMER, changes, handler, look, move, obstacles
from tests.bpmn.walk import START, begin

# -- each kind of wait ------------------------------------------------------------------------------------------------


def test_a_user_task_keeps_its_dates_and_shows_its_new_name() -> None:
    schedule = d.z("taskSchedule", dueDate='=today() + duration("P3D")') + d.z(
        "assignmentDefinition", candidateGroups="tksk"
    )
    walk = begin(d.process(d.start(), d.user("a", schedule, name="Lama"), d.end(), ONE))
    before = walk.waits[walk.find("a")]
    later = d.z("taskSchedule", dueDate="P9D") + d.z("assignmentDefinition", candidateGroups="tksk")
    walk = move(walk.later(days=2), d.process(d.start(), d.user("a", later, name="Baru"), d.end(), ONE))
    after = walk.waits[walk.find("a")]
    assert isinstance(before, UserTaskWait)
    assert isinstance(after, UserTaskWait)
    assert (after.id, after.due_at, after.name) == (before.id, before.due_at, "Baru")
    assert walk.do("a").ended == "completed"


def test_who_may_do_a_task_and_how_urgent_it_is_is_asked_anew_where_the_version_says_otherwise() -> None:
    walk = begin(d.process(d.start(), d.user("a", d.z("assignmentDefinition", candidateGroups="tksk")), d.end(), ONE))
    new = d.z("assignmentDefinition", candidateGroups='=["peksos"]') + d.z("priorityDefinition", priority="80")
    found = look(walk, d.process(d.start(), d.user("a", new), d.end(), ONE))
    assert changes(found) == ["asked_anew a candidateGroups", "asked_anew a priority", "stays a"]
    ((_, after),) = found.kept
    assert isinstance(after, UserTaskWait)
    assert (after.candidate_groups, after.priority) == (("peksos",), 80)


def test_a_timer_is_due_when_it_was() -> None:
    body = d.process(d.start(), d.catch("a", d.timer("P10D")), d.end(), ONE)
    walk = begin(body)
    walk = move(
        walk.later(days=4),
        d.process(d.start(), d.catch("b", d.timer("P2D")), d.end(), d.chain("start", "b", "end")),
        rename={"a": "b"},
    )
    wait = walk.waits[walk.find("b")]
    assert isinstance(wait, TimerWait)
    assert wait.due_at == START + timedelta(days=10)
    assert walk.do("b").ended == "completed"


def test_a_cycle_goes_on_with_the_firings_it_has_left() -> None:
    parts = (d.start(), d.user("a"), d.end(), d.end("beside"), ONE, d.flow("t", "beside"))
    body = d.process(*parts, d.boundary("t", "a", d.timer("R3/P1D", "timeCycle"), interrupting=False))
    other = d.process(*parts, d.boundary("t", "a", d.timer("R9/P7D", "timeCycle"), interrupting=False))
    walk = move(begin(body).do("t"), other)
    assert walk.open() == ["a", "t"]
    assert walk.do("t").do("t").open() == ["a"]


@pytest.mark.parametrize(
    ("waits", "roots"),
    [
        (d.catch("a", d.event("message", messageRef="msg")), d.message("msg", key="=number")),
        (d.catch("a", d.event("signal", signalRef="s")), d.element("signal", "s", name="s")),
        (d.element("receiveTask", "a", messageRef="msg"), d.message("msg", key="=number")),
        (d.service("a"), ""),
    ],
    ids=["message", "signal", "receive", "job"],
)
def test_what_comes_from_outside_still_comes(waits: str, roots: str) -> None:
    walk = begin(d.process(d.start(), waits, d.end(), ONE, roots=roots), {"number": "K1"})
    before = dict(walk.waits)
    new = d.process(d.start(), waits, d.user("then"), d.end(), d.chain("start", "a", "then", "end"), roots=roots)
    walk = move(walk, new)
    assert walk.waits == before
    assert walk.do("a").open() == ["then"]


def test_a_job_that_is_called_otherwise_is_opened_anew() -> None:
    walk = begin(d.process(d.start(), d.service("a", "wrng"), d.end(), ONE))
    found = look(walk, d.process(d.start(), d.service("a", "right"), d.end(), ONE))
    assert changes(found) == ["asked_anew a operation", "stays a"]
    assert found.advance is not None
    (wait,) = found.advance.opened
    assert isinstance(wait, JobWait)
    assert (wait.id, wait.operation) == (walk.find("a"), "right")


GATEWAY = (
    d.start(),
    d.gateway("eventBased", "g"),
    d.catch("m", d.event("message", messageRef="msg")),
    d.catch("t", d.timer("P1D")),
    d.end("e1"),
    d.end("e2"),
    d.flow("start", "g"),
    d.flow("m", "e1"),
    d.flow("t", "e2"),
)


def test_an_event_gateway_gets_another_event_and_loses_one_by_plan() -> None:
    walk = begin(d.process(*GATEWAY, d.flow("g", "m"), d.flow("g", "t"), roots=MESSAGE))
    more = d.process(
        *GATEWAY,
        d.flow("g", "m", id="drawn_anew"),
        d.flow("g", "t"),
        d.catch("s", d.timer("P9D")),
        d.end("e3"),
        d.flow("g", "s"),
        d.flow("s", "e3"),
        roots=MESSAGE,
    )
    found = look(walk, more)
    assert changes(found) == ["added s", "stays m", "stays t"]
    walk = move(walk, more)
    assert walk.do("m").ended == "completed"

    walk = begin(d.process(*GATEWAY, d.flow("g", "m"), d.flow("g", "t"), roots=MESSAGE))
    less = d.process(
        d.start(),
        d.gateway("eventBased", "g"),
        d.catch("t", d.timer("P1D")),
        d.end("e2"),
        d.chain("start", "g", "t", "e2"),
    )
    assert obstacles(look(walk, less)) == [("element_missing", "m")]
    walk = move(walk, less, remove=frozenset({"m"}))
    assert walk.open() == ["t"]
    assert walk.do("t").ended == "completed"


# -- boundary events and event subprocesses ---------------------------------------------------------------------------


def test_a_boundary_event_is_added_to_an_open_task() -> None:
    walk = begin(d.process(*BARE)).later(days=3)
    assert changes(look(walk, d.process(*WITH_TIMER))) == ["added late", "stays a"]
    walk = move(walk, d.process(*WITH_TIMER))
    wait = walk.waits[walk.find("late")]
    assert isinstance(wait, TimerWait)
    assert wait.due_at == START + timedelta(days=8)
    assert walk.do("late").open() == ["chase"]


def test_a_boundary_event_goes_by_plan_only() -> None:
    walk = begin(d.process(*WITH_TIMER))
    assert obstacles(look(walk, d.process(*BARE))) == [("element_missing", "late")]
    timer = walk.find("late")
    found = look(walk, d.process(*BARE), remove=frozenset({"late"}))
    assert changes(found) == ["removed late", "stays a"]
    assert found.advance is not None
    assert found.advance.closed == {timer: "cancelled"}
    walk = move(walk, d.process(*BARE), remove=frozenset({"late"}))
    assert walk.do("a").ended == "completed"


def test_a_boundary_event_that_fired_is_not_armed_again() -> None:
    parts = (
        *BARE,
        d.boundary("late", "a", d.timer("P5D"), interrupting=False),
        d.user("chase"),
        d.end("e2"),
        d.chain("late", "chase", "e2"),
    )
    walk = begin(d.process(*parts)).do("late")
    walk = move(walk, d.process(*parts, d.boundary("later", "a", d.timer("P9D")), d.end("e3"), d.flow("later", "e3")))
    assert walk.open() == ["a", "chase", "later"]


def test_a_boundary_event_of_another_task_is_in_the_way() -> None:
    walk = begin(d.process(*WITH_TIMER))
    moved = d.process(
        d.start(),
        d.user("a"),
        d.user("b"),
        d.end(),
        d.chain("start", "a", "b", "end"),
        d.boundary("late", "b", d.timer("P5D")),
        d.user("chase"),
        d.end("e2"),
        d.chain("late", "chase", "e2"),
    )
    assert obstacles(look(walk, moved)) == [("host_changed", "late")]


def test_an_event_subprocess_is_added_and_its_running_body_stays() -> None:
    walk = begin(d.process(*BARE))
    with_handler = d.process(*BARE, handler(), roots=MESSAGE)
    assert changes(look(walk, with_handler)) == ["added es1", "stays a"]
    walk = move(walk, with_handler).do("es1")
    assert walk.open() == ["a", "es1", "h"]
    walk = move(walk, d.process(*BARE, handler("h2"), roots=MESSAGE), rename={"h": "h2"})
    assert walk.open() == ["a", "es1", "h2"]
    walk = move(walk, d.process(*BARE), remove=frozenset({"es", "es1"}))
    assert walk.do("a").ended == "completed"
