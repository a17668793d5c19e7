"""gunicorn is started as meant, and its workers begin with what was loaded out of the garbage collector's sight."""

import gc
import os
import sys
from pathlib import Path

import pytest
from gunicorn.app.wsgiapp import WSGIApplication

from engine.metrics.sharing import FOLDER
from engine.serve import forks
from engine.serve.threads import EndingWorker
from engine.serve.web import serve
from engine.settings import Keys, Settings


def test_gunicorn_takes_what_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _program, words: started.append(words))
    monkeypatch.setenv(FOLDER, "")
    Keys(encryption={1: bytes(32)}, current=1, lookup=bytes(32)).write(tmp_path / "keys")
    given = {"DATABASE_URL": "postgresql://u:p@127.0.0.1/p", "PILAR_DATA": str(tmp_path), "PILAR_SECRET": "s" * 40}
    serve(Settings.from_env(given | {"PILAR_KEYS": str(tmp_path / "keys"), "PILAR_WEB_WORKERS": "2"}))
    monkeypatch.setattr(sys, "argv", started[0][2:])
    taken = WSGIApplication().cfg
    assert (taken.workers, taken.worker_class, taken.preload_app) == (2, EndingWorker, True)
    assert (taken.when_ready, taken.post_fork) == (forks.when_ready, forks.post_fork)


def test_what_is_loaded_before_the_fork_is_not_searched_for_garbage() -> None:
    before = gc.get_threshold()
    try:
        forks.when_ready(None)
        assert gc.get_freeze_count() > 10_000
        forks.post_fork(None, None)
        assert gc.get_threshold()[0] >= 10_000, "each request would be interrupted several times"
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
