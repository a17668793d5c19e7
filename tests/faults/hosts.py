"""Several hosts on one machine: network namespaces, each with a cable to us that can be cut (Linux, root, `ip`)."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from engine.settings import PROJECT


def missing() -> str:
    """Why there can be no hosts here; empty if there can."""
    if shutil.which("ip") is None:
        return "there is no `ip` (iproute2)"
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    made = subprocess.run(["ip", "netns", "add", _name(255)], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return f"no network namespace can be made here: {made.stderr.strip()}"
    _ip("netns", "del", _name(255))
    return ""


class Host:
    """A namespace with one cable; `near` is our end's address, `far` is the host's."""

    def __init__(self, number: int) -> None:
        self.name = _name(number)
        self._cable = f"{self.name}o"
        net = f"198.18.{os.getpid() % 256}"  # set aside for tests of networks (RFC 2544)
        self.near, self.far = f"{net}.{4 * number + 1}", f"{net}.{4 * number + 2}"
        self.processes: list[subprocess.Popen[bytes]] = []
        inner = f"{self.name}i"
        _ip("netns", "add", self.name)
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", inner)
        _ip("link", "set", inner, "netns", self.name)
        _ip("addr", "add", f"{self.near}/30", "dev", self._cable)
        _ip("link", "set", self._cable, "up")
        _ip("-n", self.name, "addr", "add", f"{self.far}/30", "dev", inner)
        _ip("-n", self.name, "link", "set", inner, "up")
        _ip("-n", self.name, "link", "set", "lo", "up")

    def cut(self) -> None:
        """Pull the cable: what is sent is lost, nobody is told."""
        _ip("link", "set", self._cable, "down")

    def mend(self) -> None:
        """Put it back."""
        _ip("link", "set", self._cable, "up")

    def run(self, command: Sequence[str], log: Path, **environment: str) -> None:
        """Start a process on this host."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self.name, *command],
                cwd=PROJECT, env={**os.environ, **environment}, stdout=output, stderr=output,
            )  # fmt: skip
        self.processes.append(process)

    def close(self) -> None:
        """End what runs on it, and take it away."""
        for process in self.processes:
            process.kill()
            process.wait()
        _ip("link", "del", self._cable)
        _ip("netns", "del", self.name)


def _name(number: int) -> str:
    return f"pl{os.getpid() % 100000}h{number}"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
