"""What the demo brings itself: secrets below var/, PostgreSQL and Valkey unless others are named, its environment."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from engine.serve.postgres import Postgres
from engine.serve.processes import free_port
from engine.serve.progress import StepFailed, say
from engine.serve.valkey import Valkey
from engine.settings import RUNNING_ENVIRONMENT, Keys

DATABASE = "pilar"
WEB_PORT = 8000
MOST_PORT = 65535
DEMO_FOLDERS = ("postgres", "postgres.new", "valkey", "mail")


@dataclass
class Embedded:
    """The servers of one clone. Everything lies below `data`, and one process at a time owns it."""

    data: Path
    given: Mapping[str, str]
    postgres: Postgres | None = None
    valkey: Valkey | None = None
    notes: list[str] = field(default_factory=list)
    _lock: IO[str] | None = field(default=None, repr=False)

    def claim(self) -> None:
        """Be the only one: the kernel holds the lock and forgets it when we end, however we end."""
        self.data.mkdir(parents=True, exist_ok=True)
        # Kept open on purpose: the lock lives as long as the file is open.
        lock = (self.data / "running.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            where = lock.read().strip() or "it is just starting"
            lock.close()
            raise StepFailed(f"Pilar already runs from this folder ({where}): stop that one first.") from error
        self._lock = lock

    def announce(self, address: str) -> None:
        """Leave the address for who tries to start a second time."""
        if self._lock is not None:
            self._lock.truncate(0)
            self._lock.write(f"{address}, process {os.getpid()}")
            self._lock.flush()

    def start_postgres(self) -> str:
        """Address of the database; starts the embedded server unless DATABASE_URL names one."""
        if self.given.get("DATABASE_URL"):
            return self.given["DATABASE_URL"]
        log = self.data / "log" / "postgres.log"
        self.postgres = Postgres(self.data / "postgres", self._secrets()["postgres"], log)
        if not self.postgres.folder.exists():
            self._stamp.unlink(missing_ok=True)
        self.postgres.start()
        self._note_port("PostgreSQL", self.postgres.wanted_port, self.postgres.port)
        self.postgres.create_database(DATABASE)
        return self.postgres.url(DATABASE)

    def start_valkey(self) -> str:
        """Address of the doorbell's server; REDIS_URL names another one, `REDIS_URL=none` goes without."""
        given = self.given.get("REDIS_URL", "")
        if given:
            return "" if given == "none" else given
        self.valkey = Valkey(self.data / "valkey", self._secrets()["valkey"], self.data / "log" / "valkey.log")
        self.valkey.start()
        self._note_port("Valkey", self.valkey.wanted_port, self.valkey.port)
        return self.valkey.url

    def holds(self, contents: str) -> bool:
        """Whether our own database has been loaded with just these contents; never of somebody else's."""
        return self.postgres is not None and self._stamp.is_file() and self._stamp.read_text() == contents

    def remember(self, contents: str) -> None:
        """Note what the database was loaded with; goes away together with it."""
        if self.postgres is not None:
            self._stamp.write_text(contents)

    @property
    def _stamp(self) -> Path:
        return self.data / "loaded"

    def environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        """What Pilar's processes get; also written down so that `pilar` in a second terminal finds it."""
        host, port = self._address()
        own = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PILAR_SECRET": self.given.get("PILAR_SECRET") or self._secrets()["cookies"],
            "PILAR_KEYS": self.given.get("PILAR_KEYS") or str(self._keys()),
            "PILAR_DATA": str(self.data),
            "PILAR_DEMO": self.given.get("PILAR_DEMO") or "yes",
            "HOST": host,
            "PORT": str(port),
        }
        _write_private(self.data / RUNNING_ENVIRONMENT, "".join(f"{name}={value}\n" for name, value in own.items()))
        return {**self.given, **own}

    def _address(self) -> tuple[str, int]:
        """Where the pages are: HOST and PORT, or the next port that is free. Raises StepFailed."""
        host, wanted = self.given.get("HOST") or "127.0.0.1", self.given.get("PORT") or str(WEB_PORT)
        if not wanted.isdecimal() or int(wanted) > MOST_PORT:
            raise StepFailed(f"give a PORT from 0 to {MOST_PORT} (0: any free one); PORT={wanted} is none.")
        try:
            port = free_port(host, int(wanted))
        except OSError as error:
            advice = f"give a HOST that is an address of this machine; HOST={host} is not (0.0.0.0: all of them)."
            raise StepFailed(advice, str(error)) from error
        self._note_port("the web server", int(wanted), port)
        return host, port

    def revive(self) -> None:
        """Start a server again that ended by itself, on the port that everybody knows."""
        for server in (self.postgres, self.valkey):
            if server is not None and server.process is not None and server.process.poll() is not None:
                say(f"{type(server).__name__} ended by itself and is started anew; see {server.log}")
                server.wanted_port = server.port
                server.start()

    def stop(self) -> None:
        """Stop the servers and give the folder free."""
        for server in (self.valkey, self.postgres):
            if server is not None:
                server.stop()
        if self._lock is not None:
            (self.data / RUNNING_ENVIRONMENT).unlink(missing_ok=True)
            self._lock.truncate(0)
            self._lock.close()
            self._lock = None

    def reset(self) -> None:
        """Remove the demo's data; secrets and logs stay."""
        self._stamp.unlink(missing_ok=True)
        for name in DEMO_FOLDERS:
            shutil.rmtree(self.data / name, ignore_errors=True)

    def _note_port(self, what: str, wanted: int, got: int) -> None:
        if wanted and got != wanted:
            self.notes.append(f"Port {wanted} is taken, so {what} uses {got}.")

    def _secrets(self) -> dict[str, str]:
        path = self.data / "secrets.json"
        if not path.is_file():
            made = {name: secrets.token_urlsafe(32) for name in ("postgres", "valkey", "cookies")}
            _write_private(path, json.dumps(made))
        found: dict[str, str] = json.loads(path.read_text())
        return found

    def _keys(self) -> Path:
        path = self.data / "keys"
        if not path.is_file():
            Keys.create(path)
        return path


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
