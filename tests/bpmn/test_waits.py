"""What the caller is told about open tasks, jobs and timers."""
# ruff: noqa: E501 (a diagram and what comes of it read best side by side)

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine import feel
from engine.bpmn import Definition, Instance, JobWait, Runtime, TimerWait, UserTaskWait, WaitNotFound
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    element,
    end,
    io,
    process,
    properties,
    service,
    start,
    timer,
    user,
    z,
)  # fmt: skip
from tests.bpmn.walk import RUNTIME, START, begin

JAKARTA = ZoneInfo("Asia/Jakarta")


def only(walk: object) -> object:
    (wait,) = walk.waits.values()  # type: ignore[attr-defined]
    return wait


def test_everything_about_a_user_task() -> None:
    zeebe = (
        z("formDefinition", formId="F")
        + z("assignmentDefinition", assignee="=who", candidateGroups='=["tksk", "psm"]')
        + z("taskSchedule", dueDate="P3D", followUpDate="2026-01-06")
        + z("priorityDefinition", priority="=if urgent then 90 else 50")
        + io({"local_fact": "=1"})
        + properties(**{"label:en": "Verify", "fourEyes": "true"})
    )
    diagram = process(start(), user("a", zeebe, "<bpmn:documentation> Baca dulu. </bpmn:documentation>", name="Periksa"),
                      chain("start", "a"))  # fmt: skip
    walk = begin({"p.bpmn": diagram, "f.form": b'{"id": "F"}'}, {"who": "tksk01", "urgent": True})
    assert only(walk) == UserTaskWait(
        "2", "a", "p", "Periksa", "Verify", "Baca dulu.", "F", ("tksk", "psm"), "tksk01",
        START + timedelta(days=3), datetime(2026, 1, 5, 17, tzinfo=UTC), 90,
        {"label:en": "Verify", "fourEyes": "true"}, {"local_fact": feel.from_python(1)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2026-02-01", datetime(2026, 2, 1, 23, 59, 59, tzinfo=JAKARTA)),
        ("2026-02-01T08:00:00", datetime(2026, 2, 1, 8, tzinfo=JAKARTA)),
        ("2026-02-01T08:00:00Z", datetime(2026, 2, 1, 8, tzinfo=UTC)),
        ('=date and time("2026-02-01T08:00:00@Asia/Jakarta")', datetime(2026, 2, 1, 8, tzinfo=JAKARTA)),
        ("=now() + duration(\"PT2H\")", START + timedelta(hours=2)),
        ('=duration("P1DT1H")', START + timedelta(days=1, hours=1)),
        ('=date("2026-02-01")', datetime(2026, 2, 1, 23, 59, 59, tzinfo=JAKARTA)),
        ("=null", None),
    ],
)  # fmt: skip
def test_due_dates(text: str, due: datetime | None) -> None:
    walk = begin(process(start(), user("a", z("taskSchedule", dueDate=text)), chain("start", "a")))
    assert only(walk).due_at == due  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("groups", "want"), [("a, b", ("a", "b")), ('="a, b"', ("a", "b")), ("=[]", ()), ("=gone", ())]
)
def test_groups(groups: str, want: tuple[str, ...]) -> None:
    walk = begin(process(start(), user("a", z("assignmentDefinition", candidateGroups=groups)), chain("start", "a")))
    assert only(walk).candidate_groups == want  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("zeebe", "code"),
    [
        (z("taskSchedule", dueDate='="soon"'), "bad_timer"),
        (z("priorityDefinition", priority='="high"'), "bad_priority"),
        (z("taskSchedule", dueDate="WD3"), "bad_timer"),
    ],
)
def test_values_that_cannot_be(zeebe: str, code: str) -> None:
    walk = begin(process(start(), user("a", zeebe), chain("start", "a")))
    assert walk.incidents == [("a", code)]
    assert walk.open() == []


def test_job_inputs_headers_and_retries() -> None:
    zeebe = io({"nik_hash": '="h"'}) + z("taskHeaders", z("header", key="channel", value="sms"))
    walk = begin(process(start(), service("s", "=operation", zeebe), chain("start", "s")), {"operation": "send"})
    assert only(walk) == JobWait("2", "s", "p", "send", 3, {"nik_hash": "h"}, {"channel": "sms"})
    walk = begin(process(start(), service("s", zeebe=""), chain("start", "s")), {"x": 1})
    assert only(walk).inputs == {"x": feel.from_python(1)}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("timeDuration", "PT45M", timedelta(minutes=45)),
        ("timeDuration", "P1M", timedelta(days=31)),
        ("timeDuration", "P1Y2M3DT4H5M6S", timedelta(days=365 + 59 + 3, hours=4, minutes=5, seconds=6)),
        ("timeDuration", '=duration("P14D")', timedelta(days=14)),
        ("timeDuration", '="PT1H"', timedelta(hours=1)),
        ("timeDuration", "WD3", timedelta(days=100)),
        ("timeDate", "2026-01-06T02:00:00Z", timedelta(days=1)),
        ("timeDate", '=date("2026-01-07")', timedelta(days=1, hours=15)),
    ],
)
def test_timers(kind: str, text: str, due: timedelta) -> None:
    def deadline(since: feel.DateTime, text: str) -> feel.DateTime:
        assert text == "WD3"
        return feel.from_python(since.to_python() + timedelta(days=100))

    runtime = Runtime(START, JAKARTA, {"deadline": deadline})
    walk = begin(process(start(), catch("t", timer(text, kind)), end(), chain("start", "t", "end")), runtime=runtime)
    assert only(walk) == TimerWait("2", "t", "p", START + due, True, 0)


@pytest.mark.parametrize("text", ['="soon"', "=null", "=12"])
def test_timers_that_cannot_be(text: str) -> None:
    walk = begin(process(start(), catch("t", timer(text)), end(), chain("start", "t", "end")))
    assert walk.incidents[0][0] == "t"
    assert walk.open() == []


def cycle(text: str) -> bytes:
    return process(start(), user("a"), boundary("t", "a", timer(text, "timeCycle"), interrupting=False), end(), end("r"),
                   chain("start", "a", "end"), chain("t", "r"))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "first", "left"),
    [
        ("R3/PT1H", timedelta(hours=1), 3),
        ("R/P1D", timedelta(days=1), None),
        ("R2/2026-01-10T00:00:00Z/P1D", timedelta(days=4, hours=22), 2),
        ("R/P1D/2026-01-07T00:00:00Z", timedelta(days=1), None),
        ("0 8 * * 1", timedelta(days=6, hours=23), None),
    ],
)
def test_cycles(text: str, first: timedelta, left: int | None) -> None:
    walk = begin(cycle(text))
    wait = walk.waits[walk.find("t")]
    assert (wait.due_at, wait.repeats, wait.interrupting) == (START + first, left, False)


def test_a_cycle_keeps_its_id_and_ends() -> None:
    walk = begin(cycle("R2/PT1H"))
    id_ = walk.find("t")
    walk.do("t")
    assert walk.advances[-1].changed == [TimerWait(id_, "t", "p", START + timedelta(hours=2), False, 1)]
    walk.do("t")
    assert walk.open() == ["a"]
    assert walk.advances[-1].closed == {id_: "completed"}


def test_missed_firings_fire_once() -> None:
    walk = begin(cycle("R10/PT1H")).later(hours=4, minutes=30)
    walk.do("t")
    wait = walk.waits[walk.find("t")]
    assert (wait.due_at, wait.repeats) == (START + timedelta(hours=5), 6)
    assert next(s.detail["missed"] for s in walk.advances[-1].steps if s.kind == "caught") == 3
    assert walk.trace.count(">r") == 1


def test_a_cycle_with_an_end_ends() -> None:
    walk = begin(cycle("R/P1D/2026-01-07T00:00:00Z"))
    walk.do("t")
    assert walk.open() == ["a"]


def test_wrong_or_stale_waits() -> None:
    walk = begin(process(start(), user("a"), service("b"), end(), chain("start", "a", "b", "end")))
    task = walk.find("a")
    for wrong in (
        lambda: walk.instance.complete_job(task, {}, RUNTIME),
        lambda: walk.instance.fire_timer(task, RUNTIME),
        lambda: walk.instance.deliver(task, {}, RUNTIME),
        lambda: walk.instance.complete_task("999", {}, RUNTIME),
        lambda: walk.instance.retry("a", RUNTIME),
    ):
        with pytest.raises(WaitNotFound):
            wrong()
    walk.do("a")
    with pytest.raises(WaitNotFound):
        walk.instance.complete_task(task, {}, RUNTIME)


def test_elements_and_flows_of_a_definition() -> None:
    diagram = process(start(), element("subProcess", "s", start("s1") + user("u", name="Isi") + chain("s1", "u")),
                      chain("start", "s"))  # fmt: skip
    definition = Definition.compile({"p.bpmn": diagram})
    found = {info.id: info for info in definition.elements("p")}
    assert found["u"].parent == "s"
    assert found["u"].type == "userTask"
    assert found["u"].name == "Isi"
    assert definition.flow_ids("p") == ["start-s", "s1-u"]
    instance, _ = Instance.start(definition, "p", {}, RUNTIME)
    assert instance.active_elements() == ["s", "u"]
