"""What gunicorn does around the forks of its workers: `-c python:engine.serve.forks`."""

import gc
from typing import Any

# By default Python looks for garbage cycles after 700 new objects, which one request makes several times over.
_YOUNG, _MIDDLE, _OLD = 20_000, 20, 50


def when_ready(_server: Any) -> None:
    """Before the first worker: what is loaded stays, so workers neither search it for garbage nor copy its pages."""
    gc.collect()
    gc.freeze()


def post_fork(_server: Any, _worker: Any) -> None:
    """In each worker: look for garbage every few requests instead of several times in each."""
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
