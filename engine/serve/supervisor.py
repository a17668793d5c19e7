"""Keeps the demo's processes running: starts them, starts anew what dies, stops all of them in order."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
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
    """One supervised process. `pause` grows while it dies young."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0


class Supervisor:
    """The one process that `make run` leaves in the foreground."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = environment
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

    def run(self, name: str, *arguments: str) -> None:
        """Start `pilar ARGUMENTS` and keep it running."""
        child = Child(name, [sys.executable, "-m", "engine.cli", *arguments])
        self._children.append(child)
        _shorten(self.log_of(name))
        self._start(child)

    def watch(self, servers: Mapping[str, subprocess.Popen[bytes] | None], restart: Callable[[str], None]) -> None:
        """Until told to stop: start anew what has died. `restart` is called with a dead server's name."""
        while not self._stop.wait(0.5):
            for name, server in servers.items():
                if server is not None and server.poll() is not None:
                    restart(name)
                    return
            for child in self._children:
                self._look_after(child)

    def stop(self) -> None:
        """Ask all to end at once; kill the group of who is not gone after PATIENCE_S seconds."""
        running = [child.process for child in self._children if child.process and child.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_S
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill_group(process)

    def log_of(self, name: str) -> Path:
        """Where a process's words go."""
        return self._logs / f"{name}.log"

    def fail_if_dead(self, name: str) -> None:
        """Raise StepFailed with the last words of a process that has ended."""
        for child in self._children:
            if child.name == name and child.process is not None and child.process.poll() is not None:
                words = self.log_of(name).read_text(errors="replace")[-3000:]
                raise StepFailed(f"see {self.log_of(name)}; `.venv/bin/pilar doctor` says what it finds.", words)

    def _look_after(self, child: Child) -> None:
        if child.process is None or child.process.poll() is None:
            return
        age = time.monotonic() - child.started
        if age < child.pause:
            return
        say(f"{child.name} ended ({_reason(child.process.returncode)}) and is started anew; see {self.log_of(child.name)}")
        _kill_group(child.process)
        child.pause = 0.0 if age > STEADY_S else min(LONGEST_PAUSE_S, child.pause * 2 + 1)
        self._start(child)

    def _start(self, child: Child) -> None:
        child.process = start(
            child.command, log=self.log_of(child.name), environment=self._environment, cwd=PROJECT
        )
        child.started = time.monotonic()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """What a process leaves behind of its own children must not hold a port or a lease."""
    import os

    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _shorten(log: Path) -> None:
    """Keep one older log of at most MOST_LOG bytes."""
    if log.is_file() and log.stat().st_size > MOST_LOG:
        log.replace(log.with_suffix(".log.1"))
