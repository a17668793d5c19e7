"""The same case on django-viewflow, side by side with ours on one PostgreSQL: `make bench-peers`."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.settings import PROJECT
from engine.store.session import make_engine
from tests.bench import complete_task, report

PEERS = PROJECT / "tests" / "bench" / "peers"
PEERS_ENVIRONMENT = PROJECT / "var" / "peers"
ROUNDS, TURNS = 40, 8


@pytest.fixture(scope="session")
def peers_python() -> Path:
    """An environment of their own, laid in from a lock with hashes."""
    python = PEERS_ENVIRONMENT / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    if not python.exists():
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, PEERS_ENVIRONMENT], check=True)
    lock = PEERS / "requirements.lock"
    subprocess.run(
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, lock], check=True, cwd=PROJECT
    )
    return python


@contextmanager
def _viewflow(python: Path, url: str, facts: dict[str, object]) -> Iterator[subprocess.Popen[str]]:
    command = [python, PEERS / "viewflow_steps.py"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        process.stdin.write(json.dumps({"url": url, "facts": facts}) + "\n")
        yield process


def _their_turn(process: subprocess.Popen[str], rounds: int) -> list[float]:
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{rounds}\n")
    process.stdin.flush()
    found: list[float] = json.loads(process.stdout.readline())
    return found


def _ours(step: Callable[[int], None], task_id: int) -> float:
    return complete_task.seconds(lambda: step(task_id))


def test_peers(committed_db: str, empty_db: str, peers_python: Path) -> None:
    engine = make_engine(committed_db)
    step, next_task, _ = complete_task.engine_side(engine, 2_000)
    ours: list[float] = []
    theirs: list[float] = []
    with _viewflow(peers_python, empty_db.replace("+psycopg", ""), complete_task.facts(2_000)) as viewflow:
        _their_turn(viewflow, ROUNDS)
        for _ in range(TURNS):
            ours += [_ours(step, next_task()) for _ in range(ROUNDS)]
            theirs += _their_turn(viewflow, ROUNDS)
    engine.dispose()
    figures = {
        "peer_pilar_p50_ms": round(statistics.median(ours[ROUNDS:]) * 1000, 2),
        "peer_viewflow_p50_ms": round(statistics.median(theirs) * 1000, 2),
    }
    report.keep(figures | {"peer_viewflow_over_pilar": round(statistics.median(theirs) / statistics.median(ours), 2)})
    assert figures["peer_pilar_p50_ms"] < figures["peer_viewflow_p50_ms"]
