"""What measuring needs."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def lean_memory() -> Iterator[None]:
    """What earlier tests left in memory is not walked by the garbage collector while this one measures."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
