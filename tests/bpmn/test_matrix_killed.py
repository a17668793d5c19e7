"""The matrix through processes that are killed between any two steps; PostgreSQL alone remembers."""

import subprocess
import sys

import pytest

from engine.settings import PROJECT


@pytest.mark.faults
def test_killed_between_any_two_steps(committed_db: str) -> None:
    url = committed_db.replace("postgresql+psycopg://", "postgresql://")
    command = [sys.executable, "-m", "tests.bpmn.killed", url]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "processes killed, 0 differences" in done.stdout
    print(done.stdout)
