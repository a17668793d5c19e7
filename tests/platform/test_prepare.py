"""`make` from anywhere: what is in place is left alone, what fails names its step and what to do."""

import os
import subprocess
from pathlib import Path

import pytest

from engine.serve import prepare
from engine.serve.progress import StepFailed, say_failure, step
from engine.settings import PROJECT


def _make(cwd: Path, *words: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "FAULTS"))}
    done = subprocess.run(
        ["make", "--no-print-directory", *words], cwd=cwd, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_make_works_from_any_directory(tmp_path: Path) -> None:
    here = _make(PROJECT, "help")
    assert "make run" in here
    assert _make(tmp_path, "-C", str(PROJECT), "help") == here
    assert _make(tmp_path, "-f", str(PROJECT / "Makefile"), "help") == here


def test_make_works_below_a_folder_with_a_space(tmp_path: Path) -> None:
    (tmp_path / "a pilar").mkdir()
    (tmp_path / "a pilar" / "Makefile").write_text((PROJECT / "Makefile").read_text())
    assert "make run" in _make(tmp_path, "-f", "a pilar/Makefile", "help")


def test_make_faults_asks_for_the_long_form(tmp_path: Path) -> None:
    (tmp_path / "python").write_text('#!/bin/sh\nprintf "%s\\n" "$FAULTS $*"\n')
    (tmp_path / "python").chmod(0o755)
    said = _make(PROJECT, "faults", f"PYTHON={tmp_path / 'python'}")
    assert said.startswith("long -m engine.serve.prepare dev python -m pytest -m faults ")


def test_what_is_in_place_is_left_alone(built_assets: None, capsys: pytest.CaptureFixture[str]) -> None:
    before = prepare.ASSETS_STAMP.stat().st_mtime_ns
    prepare.assets()
    assert prepare.ASSETS_STAMP.stat().st_mtime_ns == before
    assert capsys.readouterr().out == ""


def test_a_failing_step_carries_the_last_words_and_the_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prepare, "LOG", tmp_path / "prepare.log")
    with pytest.raises(StepFailed) as failed, step("Packages"):
        prepare._do(["sh", "-c", "echo no route to the index; exit 3"], "see whether the index is reached.")
    say_failure("This step failed.", failed.value)
    shown = capsys.readouterr()
    assert shown.out == "  Packages … failed\n"
    assert "    no route to the index\nWhat to do: see whether the index is reached.\n" in shown.err
    assert "no route to the index" in (tmp_path / "prepare.log").read_text()


def test_an_account_without_a_home_gets_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setenv("HOME", "/nonexistent")
    prepare._make_home()
    assert Path(os.environ["HOME"]) == tmp_path / "var" / "home"
    assert Path(os.environ["HOME"]).is_dir()


@pytest.mark.parametrize("lock", [prepare.RUN_LOCK, prepare.DEV_LOCK])
def test_the_parts_of_a_lock_file_hold_every_package_with_its_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    monkeypatch.setattr(prepare, "VENV", tmp_path)
    whole = (PROJECT / lock).read_text()
    parts = [part.read_text() for part in prepare._parts(PROJECT / lock)]
    assert len(parts) == prepare.PIPS
    for of_interest in ("==", "--hash=sha256:"):
        found = sorted(line.strip(" \\") for part in parts for line in part.splitlines() if of_interest in line)
        assert found == sorted(line.strip(" \\") for line in whole.splitlines() if of_interest in line)
