"""Processes and servers are killed, frozen and starved while people work: nothing is lost, nothing happens twice."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
import redis

from engine.serve.web import answers
from tests.faults.outside import MANNERS
from tests.faults.rig import LEASE_S, Rig, long_only
from tests.faults.running import limit_memory, slowness, until
from tests.faults.wire import Wire

BELL_WAITS_S = 0.3
"""A bell that nobody hears may delay an answer so much."""


def test_f1_web_workers_are_killed(rig: Rig) -> None:
    def kill() -> None:
        if workers := rig.web_workers():
            os.kill(rig.random.choice(workers), signal.SIGKILL)

    rig.attack("F1 web worker killed", kill, rounds=(5, 40))


@long_only
def test_f2_workers_are_killed(rig: Rig) -> None:
    def kill() -> None:
        os.kill(rig.pid(rig.random.choice(("worker", "worker-2"))), signal.SIGKILL)

    rig.attack("F2 worker killed", kill, rounds=(4, 20), pause_s=(0.5, 2.5))


@long_only
def test_f3_valkey_is_flushed(rig: Rig) -> None:
    with redis.Redis.from_url(rig.valkey.url) as client:
        rig.attack("F3 Valkey flushed", lambda: bool(client.flushall()), rounds=(5, 60), pause_s=(0.05, 0.4))


@long_only
def test_f4_valkey_is_killed_and_comes_back_empty(rig: Rig) -> None:
    def kill() -> None:
        _kill_valkey(rig)
        time.sleep(rig.random.uniform(0, 0.5))
        _start_valkey(rig)

    _attack_valkey(rig, rig.calm_p95(), "F4 Valkey killed, back empty", kill, (3, 20))


@long_only
def test_f4_valkey_is_away(rig: Rig) -> None:
    calm = rig.calm_p95()
    _kill_valkey(rig)
    _attack_valkey(rig, calm, "F4 Valkey away all the while", lambda: None, (4, 20))
    _start_valkey(rig)


@long_only
def test_f5_valkey_does_not_answer(rig: Rig) -> None:
    """A stopped process is what a cut network looks like: nobody refuses, nobody answers."""

    def freeze() -> None:
        assert rig.valkey.process is not None
        rig.valkey.process.send_signal(signal.SIGSTOP)
        time.sleep(rig.random.uniform(0.3, 1.5))
        rig.valkey.process.send_signal(signal.SIGCONT)

    _attack_valkey(rig, rig.calm_p95(), "F5 Valkey does not answer", freeze, (3, 20))


def _attack_valkey(rig: Rig, calm: float, scenario: str, inject: Callable[[], None], rounds: tuple[int, int]) -> None:
    """People notice nothing: nobody's answer waits for a bell. `calm`: p95 of answers while nothing is wrong."""

    def note() -> str:
        return f"answers p95 {calm * 1000:.0f} -> {rig.ledger.p95() * 1000:.0f} ms"

    row = rig.attack(scenario, inject, rounds=rounds, note=note)
    assert row.acknowledged
    assert rig.ledger.p95() < 2 * calm + BELL_WAITS_S


@long_only
def test_f6_postgresql_is_stopped_at_once(rig: Rig) -> None:
    def stop() -> None:
        rig.stop_postgres()
        time.sleep(rig.random.uniform(0.3, 1.5))
        rig.start_postgres()

    rig.attack("F6 PostgreSQL stopped (immediate)", stop, rounds=(2, 20), pause_s=(1.0, 3.0))
    assert rig.ledger.unavailable, "somebody was told to come again"


@long_only
def test_f6_postgresql_is_away_for_half_a_minute(rig: Rig) -> None:
    def stop() -> None:
        rig.stop_postgres()
        time.sleep(30)
        rig.start_postgres()

    rig.attack("F6 PostgreSQL away for 30 s", stop, rounds=(1, 1))
    assert rig.ledger.unavailable, "somebody was told to come again"


@long_only
def test_f15_processes_are_asked_to_stop_and_started_anew(rig: Rig) -> None:
    """A roll-out: each ends by itself within ten seconds, whatever it does at that moment."""
    slowest = 0.0

    def restart() -> None:
        nonlocal slowest
        name = rig.random.choice(("web", "worker", "worker-2", "scheduler"))
        process = rig.keeper.processes[name]
        begin = time.monotonic()
        process.terminate()
        process.wait(20)
        slowest = max(slowest, time.monotonic() - begin)
        if name == "web":  # the only one here: the next is not stopped before this one serves again
            until(lambda: answers(f"{rig.address}/readyz"))

    rig.attack("F15 processes restarted (SIGTERM)", restart, rounds=(3, 20))
    assert slowest < 10 * slowness()


@long_only
def test_f17_web_workers_run_out_of_memory(rig: Rig) -> None:
    """One has just begun and gets little more than it has: it says so, ends, and another one takes its place."""
    starved: list[int] = []

    def starve() -> None:
        before = rig.web_workers()
        os.kill(rig.random.choice(before), signal.SIGKILL)
        until(lambda: bool(set(rig.web_workers()) - set(before)))
        starved.append((set(rig.web_workers()) - set(before)).pop())
        limit_memory(starved[-1], rig.random.uniform(1.0, 1.2))

    row = rig.attack("F17 web worker without memory", starve, rounds=(4, 20))
    assert row.acknowledged
    assert set(starved) - set(rig.web_workers()), "some of them ended"
    until(lambda: len(rig.web_workers()) == 2 and answers(f"{rig.address}/readyz"))


@long_only
def test_f20_the_outside_misbehaves(rig: Rig) -> None:
    def misbehave() -> None:
        rig.outside.manner = rig.random.choice(MANNERS)

    rig.attack("F20 outside: 500, 429, silence, cut", misbehave, rounds=(6, 40), pause_s=(0.2, 0.5))


@long_only
def test_f24_a_worker_and_a_scheduler_are_frozen(rig: Rig) -> None:
    """Frozen for longer than a lease, then awake again: somebody else has the job by then, and keeps it."""
    rig.keeper.want("scheduler-2")

    def freeze() -> None:
        pid = rig.pid(rig.random.choice(("worker", "worker-2", "scheduler")))
        os.kill(pid, signal.SIGSTOP)
        time.sleep(rig.random.uniform(0.5, 2.0) * LEASE_S)
        os.kill(pid, signal.SIGCONT)

    rig.attack("F24 frozen for up to two leases", freeze, rounds=(2, 20))
    rig.keeper.unwant("scheduler-2")


@pytest.fixture
def wire(rig: Rig) -> Iterator[Wire]:
    """The web's way to PostgreSQL leads over the proxy meanwhile."""
    wire = Wire(rig.postgres.port)
    rig.restart_web(DATABASE_URL=rig.url.replace(f":{rig.postgres.port}/", f":{wire.port}/"))
    yield wire
    rig.restart_web()
    wire.close()


@long_only
def test_f7_a_commit_is_done_and_nobody_hears_so(rig: Rig, wire: Wire) -> None:
    rig.calm_p95()
    rig.attack("F7 cut behind COMMIT", wire.cut_next, rounds=(8, 60), pause_s=(0.1, 0.4))
    assert wire.cuts > wire.cut_steps > 0, "behind a COMMIT, and behind a completion that commits itself"


def _kill_valkey(rig: Rig) -> None:
    assert rig.valkey.process is not None
    rig.valkey.process.kill()
    rig.valkey.process.wait()


def _start_valkey(rig: Rig) -> None:
    rig.valkey.wanted_port = rig.valkey.port
    rig.valkey.start()
