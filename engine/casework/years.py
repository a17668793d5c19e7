"""What the scheduler does for the years of history and access log: they stand ready long before they begin."""

import logging
import time
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from engine import clock
from engine.store import partitions
from engine.store.session import Sessions, unit_of_work

EVERY_S = 3600.0

log = logging.getLogger(__name__)


def prepare(sessions: Sessions) -> list[str]:
    """Make the partitions that are missing, each by itself; those that were made.

    One that cannot be made (somebody holds a lock, or its rows are in the rest already) is tried again another time:
    rows are written all the same, and `pilar doctor` says so.
    """
    with sessions() as session:
        missing = partitions.missing(session, clock.now())
    made = []
    for name in missing:
        try:
            with unit_of_work(sessions) as session:
                partitions.add(session, name)
        except DBAPIError as error:
            log.warning("partition_not_made name=%s error=%s", name, type(error.orig).__name__)
        else:
            made.append(name)
    return made


def now_and_then(sessions: Sessions) -> Callable[[], None]:
    """`prepare`, at once and then each hour, however often it is called."""
    due = 0.0

    def call() -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + EVERY_S
            prepare(sessions)

    return call
