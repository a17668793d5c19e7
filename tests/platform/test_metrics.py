"""Several processes are one set of numbers: gunicorn's workers, the job worker, and those that have ended."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.metrics.exposition import exposition
from engine.metrics.sharing import FOLDER
from engine.serve.processes import free_port, start, stop
from engine.settings import PROJECT, Keys
from tests.faults.running import until

TOKEN = "t" * 32
COUNT = "from engine.metrics import measured; measured.STEP.labels('x').observe(0.004); measured.STATEMENTS.inc(3)"


def sample(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_what_ended_processes_counted_is_kept_in_one_file(tmp_path: Path) -> None:
    for total in (1, 2, 3):
        subprocess.run(
            [sys.executable, "-c", COUNT], cwd=PROJECT, env={**os.environ, FOLDER: str(tmp_path)}, check=True
        )
        for _ in range(2):
            text = exposition([("g", "help", {"kind": "x"}, 7)], tmp_path).decode()
            assert sample(text, 'pilar_step_seconds_count{kind="x"}') == total
            assert sample(text, 'pilar_step_seconds_bucket{kind="x",le="0.005"}') == total
            assert sample(text, 'pilar_step_seconds_bucket{kind="x",le="0.0025"}') == 0
            assert sample(text, "pilar_sql_statements_total") == 3 * total
            assert sample(text, 'g{kind="x"}') == 7
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["counter_past.db", "histogram_past.db"]


@contextmanager
def pilar(name: str, folder: Path, database_url: str, **more: str) -> Iterator[None]:
    """One of Pilar's processes."""
    keys = folder / "keys"
    if not keys.exists():
        Keys(encryption={1: bytes(range(32))}, current=1, lookup=bytes(32)).write(keys)
    environment = {
        "DATABASE_URL": database_url, "REDIS_URL": "", "PILAR_DATA": str(folder), "PILAR_SECRET": "s" * 40,
        "PILAR_KEYS": str(keys), "PILAR_WEB_WORKERS": "2", "PILAR_METRICS_TOKEN": TOKEN, **more,
    }  # fmt: skip
    command = [sys.executable, "-m", "engine.cli", name]
    process = start(command, log=folder / f"{name}.log", environment={**os.environ, **environment}, cwd=PROJECT)
    try:
        yield
    finally:
        stop(process, 15, patience=15)


def ask(address: str, token: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""


def test_the_workers_of_gunicorn_are_one(tmp_path: Path, committed_db: str, built_assets: None) -> None:
    port, other = free_port("127.0.0.1", 18300), free_port("127.0.0.1", 18350)
    web, worker = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{other}/metrics"
    with pilar("web", tmp_path, committed_db, PORT=str(port)):
        until(lambda: ask(f"{web}/readyz")[0] == 200)
        for _ in range(60):
            assert ask(f"{web}/healthz")[0] == 200
        told = [ask(f"{web}/metrics", TOKEN)[1] for _ in range(12)]
        asked = {sample(text, 'pilar_request_seconds_count{endpoint="health.alive",status="200"}') for text in told}
        assert asked == {60.0}, "whichever worker answers"
        assert ask(f"{web}/metrics")[0] == 401
        with pilar("worker", tmp_path, committed_db, PILAR_METRICS=f"127.0.0.1:{other}"):
            until(lambda: ask(worker)[0] == 200)
            assert 'pilar_request_seconds_count{endpoint="health.alive",status="200"} 60.0' in ask(worker)[1]
        assert len(list((tmp_path / "metrics").glob("counter_*.db"))) >= 2


def test_a_server_without_its_schema_is_alive_and_not_ready(tmp_path: Path, empty_db: str, built_assets: None) -> None:
    port = free_port("127.0.0.1", 18400)
    with pilar("web", tmp_path, empty_db, PORT=str(port)):
        until(lambda: ask(f"http://127.0.0.1:{port}/healthz")[0] == 200)
        assert ask(f"http://127.0.0.1:{port}/readyz")[0] == 503


@pytest.mark.parametrize("value", ["9100", "host:port", ":9100"])
def test_a_place_that_is_none_is_refused(value: str) -> None:
    from engine.settings import _place

    with pytest.raises(ValueError, match=r"127\.0\.0\.1:9100"):
        _place(value)
