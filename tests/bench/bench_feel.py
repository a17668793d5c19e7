"""FEEL's speed: evaluations a second on one core, and the time to parse, for a usual condition."""

import sys
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine import feel
from engine.feel.compile import Expression
from engine.feel.parser import parse

CONDITION = 'amount > 1000 and status = "open"'
MIN_EVALUATIONS = 200_000
MAX_PARSE_US = 100
ROUNDS = 5


def evaluations_per_second(count: int = 100_000) -> float:
    """The best of some rounds, by the time this process had the core."""
    expression = feel.compile(CONDITION)
    variables = feel.from_python({"amount": 2_000, "status": "open"})
    env = feel.Environment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("Asia/Jakarta"))
    best = 0.0
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(count):
            expression.evaluate(variables, env)
        best = max(best, count / (time.process_time() - started))
    return best


def parse_microseconds(count: int = 1_000) -> float:
    """Text to a compiled expression, past the cache; the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(count):
            Expression(CONDITION, parse(CONDITION))
        best = min(best, (time.process_time() - started) / count * 1e6)
    return best


def main() -> int:
    """Print both; 1 when one misses its mark."""
    speed, parsing = evaluations_per_second(), parse_microseconds()
    print(f"evaluations: {speed:,.0f} /s (at least {MIN_EVALUATIONS:,})")
    print(f"parse: {parsing:.1f} µs (at most {MAX_PARSE_US})")
    return 0 if speed >= MIN_EVALUATIONS and parsing <= MAX_PARSE_US else 1


if __name__ == "__main__":
    sys.exit(main())
