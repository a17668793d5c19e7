"""Keeping the counts of boards and inboxes: what the scheduler does between its rounds."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine import clock
from engine.casework.rules import office_rules
from engine.store import counts
from engine.store.session import Sessions, unit_of_work

ROUNDS = 20
"""At most so many batches at once: what came together while no scheduler ran must not hold up the next sweep."""


def keep_counts(sessions: Sessions) -> int:
    """Note what has become due or overdue, then add up what was noted; how many notes there were."""
    with unit_of_work(sessions) as session:
        counts.stage(session, clock.now(), end_of_day(session))
    added = 0
    for _ in range(ROUNDS):
        with unit_of_work(sessions) as session:
            last = counts.add_up(session)
        added += last
        if last < counts.MOST:
            break
    return added


def end_of_day(session: Session) -> datetime:
    """When the office's day ends."""
    here = clock.now().astimezone(office_rules(session).zone)
    return here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
