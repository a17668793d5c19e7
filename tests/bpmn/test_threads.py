"""A web process serves several requests at once: what they share must bear it."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

from engine.bpmn import cold

THREADS, ROUNDS = 8, 300


def _wrong(seed: int) -> int:
    """How many documents did not come back as they were packed."""
    random, wrong = Random(seed), 0  # noqa: S311 - any numbers do
    for _ in range(ROUNDS):
        document = {"facts": [random.randrange(10**9) for _ in range(random.randrange(2_000))]}
        wrong += cold.unpack(cold.pack(document)) != document
    return wrong


def test_states_are_packed_and_unpacked_by_threads_at_once() -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(_wrong, range(THREADS))) == 0
