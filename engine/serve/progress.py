"""What `make` shows: one line per step with its seconds, and for a failure the step and what to do."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class StepFailed(Exception):
    """A step of start-up failed. `advice`: what the person can do; `details`: the last words of what failed."""

    def __init__(self, advice: str, details: str = "") -> None:
        super().__init__(advice)
        self.advice = advice
        self.details = details


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show the title, then the seconds that the block took, or that it failed."""
    started = time.monotonic()
    say(f"  {title} … ", end="")
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - started:.1f} s")


def say(text: str = "", end: str = "\n") -> None:
    """Write to the terminal at once, also when it is a pipe."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def say_failure(title: str, failure: StepFailed) -> None:
    """Name the step, show the last words, say what to do."""
    sys.stderr.write(f"\n{title}\n")
    if failure.details:
        sys.stderr.write("".join(f"    {line}\n" for line in failure.details.strip().splitlines()[-15:]))
    sys.stderr.write(f"What to do: {failure.advice}\n")
    sys.stderr.flush()
