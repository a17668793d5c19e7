"""One clock: UTC and aware. Tests move it with `travel`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

ASK_AGAIN_S = 60.0
_told: tuple[datetime, float] | None = None
"""What the database's clock last said, and the count of our own seconds at that moment."""
_frozen: ContextVar[datetime | None] = ContextVar("pilar_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC: by the database's clock, as soon as it was asked (see `follow`)."""
    frozen = _frozen.get()
    if frozen is not None:
        return frozen
    if _told is None:
        return datetime.now(UTC)
    moment, counted = _told
    return moment + timedelta(seconds=time.monotonic() - counted)


def follow(moment: datetime) -> None:
    """Go by what the database's clock says at this moment: hosts whose clocks differ then agree on what is due."""
    global _told  # noqa: PLW0603 - a process has one clock
    _told = (moment.astimezone(UTC), time.monotonic())


def is_stale() -> bool:
    """Whether the database should be asked again: never asked, or so long ago that clocks may have drifted apart."""
    return _told is None or time.monotonic() - _told[1] > ASK_AGAIN_S


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
