"""`make run`: starts, heals, stops, and starts again whatever happened."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.serve.web import answers
from tests.faults.running import Pilar, slowness, until

Start = Callable[..., Pilar]
WITHIN_S = 5


@dataclass
class Running:
    """A running Pilar, and the port that it wanted but did not get."""

    pilar: Pilar
    taken: int


@dataclass
class Ended:
    """A Pilar that a person ended with Ctrl-C."""

    pilar: Pilar
    code: int
    seconds: float
    left: list[int]

    def copy(self, folder: Path) -> Path:
        """Its data once more, so that nobody has to wait for the demo's cases again."""
        copy = folder / "va r"
        subprocess.run(["cp", "-a", self.pilar.data, copy], check=True)  # with the owners, which shutil forgets
        return copy


@pytest.fixture(scope="module")
def ended(start_pilar: Start) -> Ended:
    pilar = start_pilar()
    began = time.monotonic()
    code = pilar.stop(signal.SIGINT)
    return Ended(pilar, code, time.monotonic() - began, pilar.family())


@pytest.fixture(scope="module")
def running(start_pilar: Start, ended: Ended, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        found = Running(start_pilar(ended.copy(tmp_path_factory.mktemp("copy")), PORT=str(port)), port)
        yield found
        assert found.pilar.stop(signal.SIGTERM) == 0
        assert found.pilar.family() == []


def test_ctrl_c_stops_it_and_leaves_nothing(ended: Ended) -> None:
    assert ended.code == 0
    assert ended.seconds < 12
    assert ended.left == []
    assert not (ended.pilar.data / "running.env").exists()


def test_it_answers_and_its_parts_are_there(running: Running) -> None:
    assert answers(running.pilar.address + "/readyz")
    assert len(running.pilar.family()) >= 5
    assert {name for name in ("web", "worker", "scheduler") if not running.pilar.child(name)} == set()


def test_a_taken_port_is_stepped_around_and_named(running: Running) -> None:
    got = running.pilar.address.rpartition(":")[2]
    assert f"  Port {running.taken} is taken, so the web server uses {got}." in running.pilar.lines


def test_a_second_one_in_the_same_folder_is_told_where_the_first_is(start_pilar: Start, running: Running) -> None:
    second = start_pilar(running.pilar.data, wait=False)
    said = second.wait_for("What to do: Pilar already runs from this folder")
    assert running.pilar.address in said
    assert second.process.wait(20) == 1
    assert answers(running.pilar.address + "/readyz")


@pytest.mark.parametrize("name", ["worker", "scheduler", "web"])
def test_what_dies_is_started_anew(running: Running, name: str) -> None:
    before = running.pilar.child(name)
    assert before, "nobody is there to be killed"
    os.kill(before, signal.SIGKILL)
    running.pilar.wait_for(f"{name} ended (signal SIGKILL) and is started anew", 20)
    until(lambda: running.pilar.child(name) not in (0, before))
    until(lambda: answers(running.pilar.address + "/readyz"))


def test_a_killed_database_comes_back_on_its_port(running: Running) -> None:
    postmaster = int((running.pilar.data / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    running.pilar.wait_for("Postgres ended by itself", 20)
    until(lambda: answers(running.pilar.address + "/readyz"))


def test_it_starts_again_at_once_after_being_killed(start_pilar: Start, running: Running) -> None:
    first = running.pilar
    first.kill_everything()
    until(lambda: first.family() == [])
    started = time.monotonic()
    running.pilar = start_pilar(first.data, PORT=str(running.taken))
    assert time.monotonic() - started < WITHIN_S * slowness()
    assert answers(running.pilar.address + "/readyz")


def test_bad_settings_name_the_step_and_what_to_do(start_pilar: Start) -> None:
    pilar = start_pilar(wait=False, PILAR_SECRET="short", PILAR_TIMEZONE="Mars")
    pilar.wait_for("What to do: mend these settings")
    said = "\n".join(pilar.lines)
    assert "PILAR_SECRET: it must be at least 32 random characters." in said
    assert "PILAR_TIMEZONE:" in said
    assert pilar.process.wait(20) == 1
    assert pilar.family() == []
