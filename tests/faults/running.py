"""A whole Pilar as `make run` starts it, in a folder of its own: read its words, kill parts of it, see what is left."""

import os
import queue
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.settings import PROJECT, read_environment_file

READY = "Pilar is ready at "


@dataclass
class Pilar:
    """One `pilar run`; `data` is its var/ folder."""

    data: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    _arriving: "queue.Queue[str | None]" = field(default_factory=queue.Queue)

    @classmethod
    def start(cls, data: Path, **environment: str) -> "Pilar":
        """Start it; `wait_for(READY)` says when it is there."""
        process = subprocess.Popen(
            [sys.executable, "-m", "engine.cli", "run"],
            cwd=PROJECT,
            env={**os.environ, "PILAR_DATA": str(data), "PORT": "0", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        pilar = cls(data, process)
        threading.Thread(target=pilar._read, daemon=True).start()
        return pilar

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._arriving.put(line.rstrip("\n"))
        self._arriving.put(None)

    def wait_for(self, start: str, seconds: float = 60) -> str:
        """The first line that begins so; fails with everything said if it does not come."""
        deadline = time.monotonic() + seconds
        while True:
            line = self._arriving.get(timeout=max(0.01, deadline - time.monotonic()))
            assert line is not None, "\n".join(self.lines)
            self.lines.append(line)
            if line.startswith(start):
                return line

    @property
    def address(self) -> str:
        """Where its pages are."""
        found = next(line for line in self.lines if line.startswith(READY))
        return found.removeprefix(READY)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes were given: the addresses of its servers."""
        return read_environment_file(self.data / "running.env")

    def family(self) -> list[int]:
        """Live processes that carry this run's data folder in their environment or command line, but the first."""
        mark = str(self.data).encode()
        return [pid for pid in _live_pids() if pid != self.process.pid and mark in _words(pid)]

    def child(self, name: str) -> int:
        """Process id of the supervised process NAME; 0 while there is none."""
        marks = (f"engine.cli\0{name}\0".encode(), b"web.wsgi" if name == "web" else b"\xff")
        own = (pid for pid in self.family() if _parent(pid) == self.process.pid)
        return next((pid for pid in own if any(mark in _read_proc(pid, "cmdline") for mark in marks)), 0)

    def kill_everything(self) -> None:
        """kill -9 of the supervisor; the kernel tells the others."""
        self.process.kill()
        self.process.wait()

    def stop(self, signum: int = signal.SIGTERM, seconds: float = 20) -> int:
        """End it as a person does; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        code = self.process.wait(seconds)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that other processes bring about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        threading.Event().wait(0.05)


def slowness() -> float:
    """How much more time a busy machine gets: how many want each core, at least one."""
    return max(1.0, 1 + os.getloadavg()[0] / (os.cpu_count() or 1))


def children(pid: int) -> list[int]:
    """Live child processes."""
    return [other for other in _live_pids() if _parent(other) == pid]


def memory_of(pid: int) -> int:
    """Bytes that the process has in memory; 0 if it has ended."""
    pages = _read_proc(pid, "statm").split()
    return int(pages[1]) * resource.getpagesize() if pages else 0


def limit_memory(pid: int, part: float) -> None:
    """From now on the process gets no memory beyond this part of what it has; nothing if it has just ended."""
    pages = _read_proc(pid, "statm").split()
    if pages:
        limit = int(int(pages[0]) * part) * resource.getpagesize()
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def _live_pids() -> list[int]:
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if (stat := _read_proc(pid, "stat")) and stat.rpartition(b")")[2].split()[0] != b"Z"]


def _parent(pid: int) -> int:
    stat = _read_proc(pid, "stat").rpartition(b")")[2].split()
    return int(stat[1]) if stat else 0


def _words(pid: int) -> bytes:
    return _read_proc(pid, "environ") + _read_proc(pid, "cmdline")


def _read_proc(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
