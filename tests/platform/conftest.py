"""The `pilar` command on a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.settings import Keys
from engine.store import crypto
from tests.platform.running import Run


@pytest.fixture
def run(tmp_path: Path, committed_db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The command, with settings that lead to a migrated database."""
    ring = crypto.ring()
    Keys(encryption=ring.keys, current=ring.current, lookup=ring.index_key).write(tmp_path / "keys")
    given = {"DATABASE_URL": committed_db, "PILAR_SECRET": "s" * 32, "PILAR_KEYS": str(tmp_path / "keys")}
    for name, value in {**given, "PILAR_DATA": str(tmp_path / "var"), "PILAR_LOG": "error"}.items():
        monkeypatch.setenv(name, value)
    yield Run()
    # A command opens the keys that it is told of, in this process: the next test has the tests' own again.
    crypto.configure(ring)
