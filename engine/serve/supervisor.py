"""Keeps the demo's processes running: starts them, starts anew what dies, stops all of them in order."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from engine.serve.processes import start
from engine.serve.progress import StepFailed, say
from engine.settings import PROJECT

PATIENCE_S = 10.0
LONGEST_PAUSE_S = 15.0
STEADY_S = 30.0
MOST_LOG = 10_000_000


@dataclass
class Child:
    """One supervised process; `pause` (seconds before it is started anew) grows while it dies young."""

    name: str
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    started: float
    pause: float = 0.0


class Supervisor:
    """The one process that `make run` leaves in the foreground."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []
        self._stop = threading.Event()

    def listen(self) -> None:
        """Ctrl-C and SIGTERM end everything in order; a terminal that closes does too."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._on_signal)

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        """Whether somebody asked us to end."""
        return self._stop.is_set()

    def run(self, name: str, environment: Mapping[str, str]) -> None:
        """Start `pilar NAME` and keep it running."""
        _shorten(self.log_of(name))
        child = Child(name, environment, self._start(name, environment), time.monotonic())
        self._children.append(child)

    def watch(self, revive_servers: Callable[[], None]) -> None:
        """Until told to stop: start anew what has died, servers first."""
        while not self._stop.wait(0.5):
            revive_servers()
            for child in self._children:
                if child.process.poll() is not None:
                    self._revive(child)

    def stop(self) -> None:
        """Ask all to end at once; kill the group of who is not gone after PATIENCE_S seconds."""
        for child in self._children:
            with suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_S
        for child in self._children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            _kill_group(child.process)
        self._children.clear()

    def log_of(self, name: str) -> Path:
        """Where a process's words go."""
        return self._logs / f"{name}.log"

    def fail_if_dead(self, *names: str) -> None:
        """Raise StepFailed with the last words of the first of these processes that has ended."""
        for child in self._children:
            if child.name in names and child.process.poll() is not None:
                words = self.log_of(child.name).read_text(errors="replace")[-3000:]
                raise StepFailed(f"the process `{child.name}` ended: see {self.log_of(child.name)}.", words)

    def _revive(self, child: Child) -> None:
        age = time.monotonic() - child.started
        if age < child.pause:
            return
        say(f"{child.name} ended ({_reason(child.process)}) and is started anew; see {self.log_of(child.name)}")
        _kill_group(child.process)
        child.pause = 0.0 if age > STEADY_S else min(LONGEST_PAUSE_S, child.pause * 2 + 1)
        child.process = self._start(child.name, child.environment)
        child.started = time.monotonic()

    def _start(self, name: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "engine.cli", name]
        return start(command, log=self.log_of(name), environment=environment, cwd=PROJECT)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """What a process leaves behind of its own children must not hold a port or a lease."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _reason(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _shorten(log: Path) -> None:
    """Keep one older log of about MOST_LOG bytes."""
    if log.is_file() and log.stat().st_size > MOST_LOG:
        log.replace(log.with_suffix(".log.1"))
