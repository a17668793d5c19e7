"""F11 and F12: ten thousand timers at one moment, and hosts whose clocks are wrong by an hour or a day."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.store.session import unit_of_work
from tests import factories
from tests.bpmn import diagrams as d
from tests.faults.clients import Browser
from tests.faults.ledger import RECOVER_S, Ledger, Row
from tests.faults.rig import IS_LONG, Rig, long_only
from tests.faults.running import slowness, until

HERE = Path(__file__).parent
STORM = d.process(d.start(), d.catch("rest", d.timer("PT1S")), d.end(), d.chain("start", "rest", "end"), id="storm")
COPY = text(
    """
    WITH one AS (SELECT p.*, j.wait_id, j.element_id AS place, j.inputs FROM process_instance p
                 JOIN job j ON j.instance_id = p.id WHERE p.id = :id),
    made AS (INSERT INTO process_instance (definition_id, process_id, business_key, region_code, state, rev, body,
               started_at)
             SELECT definition_id, process_id, 'storm-' || n, region_code, state, rev, body, now()
             FROM one, generate_series(1, :most) n RETURNING id),
    numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made)
    INSERT INTO job (kind, instance_id, wait_id, element_id, operation, inputs, state, urgency, attempts, max_attempts,
                     due_at, created_at)
    SELECT 'timer', numbered.id, wait_id, place, '', one.inputs, 'ready', 3, 0, 5,
           now() + interval '4 seconds' + make_interval(secs => numbered.n / CAST(:per_s AS double precision)), now()
    FROM numbered, one RETURNING instance_id
    """
)
FIRED = text(
    """
    SELECT count(*) AS fired, count(DISTINCT h.instance_id) AS once,
           coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM h.at - j.due_at)), 0) AS p99,
           coalesce(extract(epoch FROM max(h.at) - max(j.due_at)), 0) AS drained
    FROM history h JOIN job j ON j.instance_id = h.instance_id AND j.kind = 'timer'
    WHERE h.kind = 'timer.fired' AND h.instance_id = ANY(:instances)
    """
)
SIGNED = text("SELECT 1 FROM process_sign WHERE pid = :pid")
# A timer of a second that was set and fired by the database's clock, whatever the process's said.
WRONG = text(
    """
    SELECT count(*) FROM job WHERE kind = 'timer' AND element_id = 'rest' AND state = 'done'
      AND instance_id = ANY(:instances) AND NOT finished_at - due_at BETWEEN interval '0' AND interval '90 seconds'
    """
)


@long_only
def test_f11_many_timers_at_one_moment_do_not_hold_up_people(rig: Rig) -> None:
    most = 10_000 if IS_LONG else 300
    before = _inbox_p95(rig, 8)
    instances = _brew(rig, most, per_s=1e9)
    during, found = _watch(rig, instances)
    note = f"p99 late {found.p99:.1f} s; inbox p95 {before * 1000:.0f} -> {during * 1000:.0f} ms"
    row = Row(f"F11 {most:,} timers due in one second", 0, 0, most, 0, found.fired - found.once, most - found.once,
              round(found.drained, 1), note)  # fmt: skip
    rig.ledger = Ledger()
    rig.keep(row)
    assert during < min(0.25, 2 * max(before, 0.05)) * slowness(), "the inbox stays responsive"


@long_only
def test_f11_fifty_timers_a_second_are_on_time(rig: Rig) -> None:
    instances = _brew(rig, 1000, per_s=50)
    during, found = _watch(rig, instances)
    note = f"p99 late {found.p99:.2f} s; inbox p95 {during * 1000:.0f} ms"
    rig.ledger = Ledger()
    rig.keep(Row("F11 50 timers a second for 20 s", 0, 0, 1000, 0, found.fired - found.once, 1000 - found.once,
                 round(found.drained, 1), note))  # fmt: skip
    assert found.p99 <= 2 * slowness()


@pytest.fixture(scope="module")
def skewed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], dict[str, str]]:
    """The environment of a process whose clock is wrong by so many seconds."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: a process's clock cannot be set apart")
    library = tmp_path_factory.mktemp("skew") / "skew.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, HERE / "skew.c", "-ldl"], check=True)
    return lambda seconds: {"LD_PRELOAD": str(library), "FAULTS_SKEW": str(seconds)}


@long_only
def test_f12_hosts_whose_clocks_are_wrong_agree_on_what_is_due(
    rig: Rig, skewed: Callable[[int], dict[str, str]]
) -> None:
    """Web an hour ahead, later behind; workers and scheduler up to a day off, set anew again and again."""
    rig.restart_web(**skewed(3600))
    rig.calm_p95()
    times = 0

    def set_clock() -> None:
        nonlocal times
        times += 1
        if times == 10:
            rig.restart_web(**skewed(-3600))
        name = rig.random.choice(("worker", "worker-2", "scheduler"))
        rig.keeper.unwant(name)
        rig.keeper.want(name, **skewed(rig.random.choice((-86_400, -3_600, 3_600, 86_400))))
        until(lambda: _is_there(rig, name), 60 * slowness())

    row = rig.attack("F12 clocks wrong by up to a day", set_clock, rounds=(3, 20), pause_s=(1.0, 3.0))
    assert row.acknowledged
    with rig.sessions() as session:
        assert session.execute(WRONG, {"instances": rig.begun}).scalar_one() == 0
    for name in ("worker", "worker-2", "scheduler"):
        rig.keeper.unwant(name)
        rig.keeper.want(name)
    rig.restart_web()


def _is_there(rig: Rig, name: str) -> bool:
    """Whether the worker or scheduler has said that it lives."""
    with rig.sessions() as session:
        return session.execute(SIGNED, {"pid": rig.pid(name)}).first() is not None


class _Found:
    """What came of a storm."""

    def __init__(self, fired: int, once: int, p99: float, drained: float) -> None:
        self.fired, self.once, self.p99, self.drained = fired, once, float(p99), float(drained)


def _brew(rig: Rig, most: int, *, per_s: float) -> list[int]:
    """Instances whose timers come due together in four seconds, or one after another from then on."""
    with unit_of_work(rig.sessions) as session:
        factories.deploy(session, {"storm/storm.bpmn": STORM})
        first = factories.start(session, "storm")
        session.flush()
        return list(session.execute(COPY, {"id": first.id, "most": most, "per_s": per_s}).scalars())


def _watch(rig: Rig, instances: list[int]) -> tuple[float, _Found]:
    """Until all have fired, or two minutes: p95 of the inbox meanwhile, and what came of the storm."""
    deadline, over = time.monotonic() + 60 + RECOVER_S * slowness(), threading.Event()
    times: list[float] = []
    people = threading.Thread(target=_look, args=(rig.browsers[0], times, over))
    people.start()
    while True:
        with rig.sessions() as session:
            found = _Found(*session.execute(FIRED, {"instances": instances}).one())
        if found.once == len(instances) or time.monotonic() > deadline:
            break
        time.sleep(2)
    over.set()
    people.join()
    return sorted(times)[int(len(times) * 0.95)], found


def _inbox_p95(rig: Rig, seconds: float) -> float:
    """While nothing else happens; the first looks, of processes that have just begun, do not count."""
    over, times = threading.Event(), list[float]()
    people = threading.Thread(target=_look, args=(rig.browsers[0], times, over))
    people.start()
    time.sleep(seconds)
    over.set()
    people.join()
    times = sorted(times[len(times) // 4 :])
    return times[int(len(times) * 0.95)]


def _look(browser: Browser, times: list[float], over: threading.Event) -> None:
    while not over.wait(0.05):
        begin = time.monotonic()
        assert browser.until_answered("GET", "/tasks?tab=queue")[0] == 200
        times.append(time.monotonic() - begin)
