"""Starts Pilar's processes for a rig, and starts anew what dies, as a supervisor does."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from engine.settings import PROJECT
from tests.faults.running import until


class Keeper(threading.Thread):
    """Starts processes, and starts anew what dies, as a supervisor does; what is held stays dead."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.folder, self.environment = folder, environment
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.wanted: dict[str, dict[str, str]] = {}
        self.over = threading.Event()

    def want(self, name: str, **more: str) -> None:
        """Keep `NAME` (or `NAME-2`) running."""
        self.wanted[name] = more
        until(lambda: name in self.processes)

    def unwant(self, name: str) -> None:
        """Let it be dead."""
        self.wanted.pop(name, None)
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def run(self) -> None:
        """Until told to stop."""
        while not self.over.wait(0.1):
            for name, more in list(self.wanted.items()):
                process = self.processes.get(name)
                if process is None or process.poll() is not None:
                    self.processes[name] = self._start(name, more)

    def stop(self) -> None:
        """End all of them."""
        self.over.set()
        self.join()
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(12)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, name: str, more: dict[str, str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.faults.process", name.partition("-")[0]]
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=PROJECT, env={**os.environ, **self.environment, **more}, stdout=log, stderr=log
            )
