"""`make run`: starts, heals, stops, and starts again whatever happened."""

import os
import signal
import socket
import time
from collections.abc import Callable

import pytest

from engine.serve.web import answers
from tests.faults.running import Pilar, until

Start = Callable[..., Pilar]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_leaves_nothing(start_pilar: Start, signum: int) -> None:
    pilar = start_pilar()
    assert answers(pilar.address)
    assert len(pilar.family()) >= 5
    started = time.monotonic()
    assert pilar.stop(signum) == 0
    assert time.monotonic() - started < 12
    assert pilar.family() == []
    assert not (pilar.data / "running.env").exists()


def test_it_starts_again_within_five_seconds_also_after_being_killed(start_pilar: Start) -> None:
    first = start_pilar()
    first.kill_everything()
    until(lambda: first.family() == [])
    started = time.monotonic()
    second = start_pilar()
    assert time.monotonic() - started < 5 * _slowness()
    assert answers(second.address)


def test_a_second_one_in_the_same_folder_is_told_where_the_first_is(start_pilar: Start) -> None:
    first = start_pilar()
    second = start_pilar(wait=False)
    second.wait_for("What to do: Pilar already runs from this folder")
    assert first.address in second.lines[-1]
    assert second.stop() == 1
    assert answers(first.address)


def test_taken_ports_are_stepped_around_and_named(start_pilar: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        pilar = start_pilar(PORT=str(port))
        assert f"  Port {port} is taken, so the web server uses {pilar.address.rpartition(':')[2]}." in pilar.lines


def test_what_dies_is_started_anew(start_pilar: Start) -> None:
    pilar = start_pilar()
    for name in ("worker", "scheduler", "web"):
        before = pilar.child(name)
        os.kill(before, signal.SIGKILL)
        pilar.wait_for(f"{name} ended (signal SIGKILL) and is started anew", 20)
        until(lambda name=name, before=before: _is_new(pilar, name, before))  # type: ignore[misc]
    until(lambda: answers(pilar.address))


def test_a_killed_database_comes_back_on_its_port(start_pilar: Start) -> None:
    pilar = start_pilar()
    postmaster = int((pilar.data / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    pilar.wait_for("Postgres ended by itself", 20)
    until(lambda: answers(pilar.address + "/sign-in"))


def test_bad_settings_name_the_step_and_what_to_do(start_pilar: Start) -> None:
    pilar = start_pilar(wait=False, PILAR_SECRET="short", PILAR_TIMEZONE="Mars")
    pilar.wait_for("What to do: mend these settings")
    said = "\n".join(pilar.lines)
    assert "PILAR_SECRET: it must be at least 32 random characters." in said
    assert "PILAR_TIMEZONE:" in said
    assert pilar.stop() == 1
    assert pilar.family() == []


def _is_new(pilar: Pilar, name: str, before: int) -> bool:
    try:
        return pilar.child(name) != before
    except StopIteration:
        return False


def _slowness() -> float:
    """How much more time a busy machine gets: the load for each core, at least one."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
