"""What measuring needs."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def lean_memory() -> Iterator[None]:
    """The garbage collector works as in a process of Pilar, and does not walk what earlier tests left in memory."""
    seldom = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*seldom)
