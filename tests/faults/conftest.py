"""Whole running Pilars for the tests that hurt them."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.faults.ledger import table
from tests.faults.rig import SEED, Rig
from tests.faults.running import READY, Pilar, slowness


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Everything in this folder kills or starves real processes, also without saying so; the longest comes last."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.faults)
    yield
    items.sort(key=lambda item: item.path == here / "test_soak.py")


@pytest.fixture(scope="module")
def start_pilar(tmp_path_factory: pytest.TempPathFactory, built_assets: None) -> Iterator[Callable[..., Pilar]]:
    """Starts Pilar, in a new folder with a space in its name unless told where, and waits until it is ready."""
    started: list[Pilar] = []

    def start(data: Path | None = None, *, wait: bool = True, **environment: str) -> Pilar:
        pilar = Pilar.start(data or tmp_path_factory.mktemp("run") / "va r", **environment)
        started.append(pilar)
        if wait:
            pilar.wait_for(READY, 60 * slowness())
        return pilar

    yield start
    for pilar in started:
        pilar.stop()


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, built_assets: None) -> Iterator[Rig]:
    """A running system for the scenarios of one file; their table is printed at the end."""
    rig = Rig(tmp_path_factory.mktemp("rig"))
    try:
        rig.begin()
        yield rig
    finally:
        rig.close()
        print(f"\nseed {SEED}\n{table(rig.rows)}")
