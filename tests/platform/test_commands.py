"""The `pilar` command on a real database: it looks after people and contents, and speaks plainly when it cannot."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.main import COMMANDS, pilar
from engine.settings import Keys
from tests.platform.running import Run


def test_every_command_says_what_it_does() -> None:
    shown = CliRunner().invoke(pilar, ["--help"]).output
    assert [name for name in COMMANDS if f"  {name} " not in shown] == []


def test_a_worker_is_added_changed_and_closed(run: Run) -> None:
    run("deploy")
    assert "[conflict]" not in run("user", "add", "rini", "--name", "Rini Contoh", "--role", "tksk")
    assert "exists" in run("user", "add", "rini", "--name", "Rini Contoh", "--role", "tksk", code=1)
    assert "psm, tksk" in run("user", "role", "rini", "tksk", "psm")
    assert "unknown_region" in run("user", "region", "rini", "12.34", code=1)
    assert "may sign in with" in run("user", "password", "rini")
    run("user", "close", "rini")
    assert "(closed)" in run("user", "list")
    assert "no worker nobody" in run("user", "role", "nobody", "tksk", code=1)


def test_deploying_twice_makes_no_new_version(run: Run) -> None:
    assert "case version 1" in run("deploy")
    assert "Nothing has changed" in run("deploy")


def test_a_diagram_that_cannot_run_is_refused_by_name(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "workflows" / "bad"
    folder.mkdir(parents=True)
    (folder / "bad.bpmn").write_text("<definitions/>")
    assert "bad.bpmn" in run("deploy", str(tmp_path / "workflows"), code=1)


def test_the_doctor_finds_what_is_missing_and_then_all_well(run: Run) -> None:
    sick = run("doctor", code=1)
    assert "run `pilar deploy workflows/`" in sick
    run("deploy")
    assert "All is well." in run("doctor")
    assert "0 broken promises" in run("fsck")


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("REDIS_URL", "redis://127.0.0.1:1/0", "start Valkey"),
        ("MAIL_URL", "smtp://127.0.0.1:1", "mend MAIL_URL"),
        ("DATABASE_URL", "postgresql://a:b@127.0.0.1:1/pilar", "start PostgreSQL"),
        ("PORT", "many", "PORT: it must be a whole number"),
    ],
)
def test_the_doctor_names_each_illness(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, advice: str
) -> None:
    run("deploy")
    monkeypatch.setenv(name, value)
    assert advice in run("doctor", code=1)


def test_a_database_that_is_away_is_said_in_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@127.0.0.1:1/pilar")
    assert "Error: The database does not answer" in run("user", "list", code=1)


def test_keys_are_made_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new-keys"
    run("keys", str(path))
    Keys.read(path)
    assert "would be lost" in run("keys", str(path), code=1)


def test_migrate_names_the_revision(run: Run) -> None:
    assert "The schema stands at 00" in run("migrate")
