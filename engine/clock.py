"""One clock: UTC and aware. Tests move it with `travel`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("pilar_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def is_moved() -> bool:
    """Whether somebody travels: then this clock is meant, and no other."""
    return _frozen.get() is not None


@contextmanager
def travel(to: datetime) -> Iterator[None]:
    """Let `now()` answer `to` (aware) inside the block: for tests, stories and sandbox runs."""
    if to.tzinfo is None:
        raise ValueError("The clock takes aware datetimes only.")
    token = _frozen.set(to.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
