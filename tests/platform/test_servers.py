"""The embedded servers: they start anywhere, survive being killed and never outlive who started them."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from engine.serve.embedded import Embedded
from engine.serve.postgres import Postgres, ServerFailed, end_leftover
from engine.serve.processes import free_port, on_free_port
from engine.serve.progress import StepFailed
from engine.serve.valkey import Valkey
from engine.settings import PROJECT

STARTER = """
import os, sys
from pathlib import Path
from engine.serve.postgres import Postgres
from engine.serve.valkey import Valkey
folder = Path(sys.argv[1])
postgres = Postgres(folder / "postgres", "pw", folder / "postgres.log", wanted_port=56300)
postgres.start()
valkey = Valkey(folder / "valkey", "pw", folder / "valkey.log", wanted_port=56400)
valkey.start()
print(postgres.process.pid, valkey.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Postgres:
    """A cluster below a folder whose name has a space and is longer than a socket's path may be."""
    folder = tmp_path / ("a b " + "long" * 30)
    return Postgres(folder / "postgres", "pw", folder / "postgres.log", wanted_port=56100)


def test_postgres_keeps_what_was_committed_over_restarts(cluster: Postgres) -> None:
    cluster.start()
    cluster.create_database("kept")
    with psycopg.connect(cluster.url("kept"), autocommit=True) as connection:
        connection.execute("CREATE TABLE case_note (id int)")
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
    cluster.stop()
    cluster.start()
    with psycopg.connect(cluster.url("kept")) as connection:
        assert connection.execute("SELECT count(*) FROM case_note").fetchone() == (0,)
    cluster.stop()


def test_postgres_takes_another_port_when_its_own_is_taken(cluster: Postgres) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        cluster.wanted_port = other.getsockname()[1]
        cluster.start()
        assert cluster.port != cluster.wanted_port
        cluster.stop()


def test_a_pid_that_is_somebody_elses_does_not_keep_postgres_from_starting(cluster: Postgres) -> None:
    cluster.start()
    cluster.stop()
    lock = cluster.folder / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{cluster.folder}\n0\n56100\n\n127.0.0.1\n0 0\nready\n")
    cluster.start()
    cluster.stop()


def test_postgres_names_its_log_when_it_cannot_start(cluster: Postgres) -> None:
    cluster.start()
    cluster.stop()
    (cluster.folder / "postgresql.conf").write_text("nonsense = 'yes'\n")
    with pytest.raises(ServerFailed, match=r"postgres\.log"):
        cluster.start()


def test_servers_end_when_their_starter_is_killed_and_start_again(tmp_path: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT
    )
    assert starter.stdout is not None
    assert starter.stdin is not None
    pids = [int(pid) for pid in starter.stdout.readline().split()]
    starter.kill()
    starter.wait()
    starter.stdout.close()
    starter.stdin.close()
    _until(lambda: not any(_runs(pid) for pid in pids))
    again = Postgres(tmp_path / "postgres", "pw", tmp_path / "postgres.log", wanted_port=56300)
    again.start()
    assert again.port == 56300
    again.stop()


def test_a_postmaster_that_was_left_running_is_ended(cluster: Postgres) -> None:
    cluster.start()
    assert cluster.process is not None
    end_leftover(cluster.folder)
    assert cluster.process.wait(10) == 0


def test_valkey_needs_its_password(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "va l", "geheim", tmp_path / "valkey.log", wanted_port=56500)
    server.start()
    with (
        redis.Redis(port=server.port) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
    assert b"geheim" not in Path(f"/proc/{server.process.pid}/cmdline").read_bytes() if server.process else False
    server.stop()


def test_free_port_prefers_the_wanted_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port("127.0.0.1", port) != port
    assert free_port("127.0.0.1", port) == port


def test_a_port_taken_at_the_last_moment_is_stepped_around(tmp_path: Path) -> None:
    server = Valkey(tmp_path, "geheim", tmp_path / "valkey.log")
    tried: list[int] = []
    with socket.socket() as other:

        def begin(port: int) -> None:
            if not tried:
                other.bind(("127.0.0.1", port))
                other.listen()
            tried.append(port)
            server._listen(port)

        on_free_port(56600, begin, ServerFailed)
    assert server.port == tried[1] != tried[0]
    server.stop()


def test_a_server_that_fails_for_another_reason_says_so_at_once(tmp_path: Path) -> None:
    tried: list[int] = []

    def begin(port: int) -> None:
        tried.append(port)
        raise ServerFailed("No room on the disk.")

    with pytest.raises(ServerFailed, match="No room"):
        on_free_port(56700, begin, ServerFailed)
    assert len(tried) == 1


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    first, second = Embedded(tmp_path, {}), Embedded(tmp_path, {})
    first.claim()
    first.announce("http://127.0.0.1:1")
    first.environment("postgresql://a:b@db/pilar", "")
    with pytest.raises(StepFailed, match=r"already runs.*http://127\.0\.0\.1:1"):
        second.claim()
    second.stop()
    assert (tmp_path / "running.env").exists()
    first.stop()
    second.claim()
    second.stop()


def test_given_servers_are_used_instead_of_own_ones(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://a:b@db/pilar", "REDIS_URL": "redis://r:1/0", "PORT": "0"}
    embedded = Embedded(tmp_path, given)
    embedded.claim()
    environment = embedded.environment(embedded.start_postgres(), embedded.start_valkey())
    assert (environment["DATABASE_URL"], environment["REDIS_URL"]) == (given["DATABASE_URL"], given["REDIS_URL"])
    assert (tmp_path / "running.env").stat().st_mode & 0o077 == 0
    embedded.stop()
    assert not (tmp_path / "running.env").exists()


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _until(condition: object, patience: float = 15) -> None:
    assert callable(condition)
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline
        signal.sigtimedwait([], 0.05)


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({"PORT": "many"}, "give a PORT"),
        ({"PORT": "70000"}, "give a PORT"),
        ({"HOST": "203.0.113.7"}, "address of this machine"),
    ],
)
def test_an_address_that_cannot_be_had_is_named(tmp_path: Path, given: dict[str, str], advice: str) -> None:
    with pytest.raises(StepFailed, match=advice):
        Embedded(tmp_path, given).environment("postgresql://a:b@127.0.0.1/pilar", "")


def test_a_database_that_is_away_is_named(tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgresql://a:b@127.0.0.1:1/pilar", "REDIS_URL": "none", "PILAR_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "engine.cli", "run"]
    done = subprocess.run(
        command, cwd=PROJECT, env={**os.environ, **away, "PORT": "0"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Database schema … failed" in done.stdout
    assert "mend DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
