"""Which closed cases may leave for the archive, which must stay, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import Actor
from engine.casework.rules import office_rules
from engine.errors import Conflict, InvalidForm, NotFound
from engine.permissions import Area
from engine.store import audit
from engine.store.archived import CaseHold
from engine.store.cases import Case

MAY_GO = "may_go"
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)

# Who was a child then (or may have been, in a case that is restricted) is waited for until grown up.
_CLOSED = """
    SELECT c.id, c.case_no, c.closed_at, CASE
      WHEN EXISTS (SELECT FROM case_hold h WHERE h.case_id = c.id AND h.lifted_at IS NULL) THEN 'held'
      WHEN p.birth_date > c.opened_at - interval '18 years'
        AND p.birth_date + make_interval(years => :child_age) > :now THEN 'child'
      WHEN p.birth_date IS NULL AND c.restricted AND c.closed_at + make_interval(years => :child_age) > :now
        THEN 'child'
      WHEN EXISTS (SELECT FROM process_instance i WHERE i.case_id = c.id AND (i.state IN ('active', 'suspended')
          OR EXISTS (SELECT FROM job j WHERE j.instance_id = i.id AND j.state IN ('ready', 'running', 'suspended'))
          OR EXISTS (SELECT FROM outbox o WHERE o.instance_id = i.id AND o.state = 'pending')
          OR EXISTS (SELECT FROM incident n WHERE n.instance_id = i.id AND n.state = 'open'))) THEN 'at_work'
      WHEN EXISTS (SELECT FROM "case" o WHERE o.closed_at IS NULL AND o.client_id = c.client_id)
        OR EXISTS (SELECT FROM "case" o WHERE o.closed_at IS NULL AND o.household_id = c.household_id)
        THEN 'family_open'
      WHEN EXISTS (SELECT FROM disaster_event e WHERE e.event_no = c.event_no AND e.closed_at IS NULL)
        OR EXISTS (SELECT FROM disaster_event e JOIN process_instance i ON i.id = e.instance_id
                   WHERE i.case_id = c.id) THEN 'event_open'
      END AS kept
    FROM "case" c JOIN person p ON p.id = c.client_id
    WHERE c.closed_at < :now - make_interval(years => :case_years)
    """
_COUNTS = text(f"SELECT coalesce(kept, '{MAY_GO}') AS kept, count(*) FROM ({_CLOSED}) AS closed GROUP BY 1")  # noqa: S608
# The case's row is locked; who is at work on it is passed over until the next run.
_NEXT = text(
    f"""
    SELECT id, case_no, closed_at FROM ({_CLOSED} AND (c.closed_at, c.id) > (:after_at, :after_id)) AS closed
    WHERE kept IS NULL ORDER BY closed_at, id LIMIT :most
    """  # noqa: S608 - put together of constants
)
_LOCK = text('SELECT id FROM "case" WHERE id = ANY(:cases) ORDER BY id FOR UPDATE SKIP LOCKED')


@dataclass(frozen=True, slots=True)
class Due:
    """A case that may go."""

    id: int
    case_no: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run has come: cases are taken in the order in which they were closed."""

    closed_at: datetime = _EARLIEST
    case_id: int = 0


def _values(session: Session) -> dict[str, Any]:
    rules = office_rules(session)
    return {
        "now": clock.now(),
        "case_years": int(rules.setting("archive_case_years")),
        "child_age": int(rules.setting("archive_child_age")),
    }


def counted(session: Session, actor: Actor) -> Mapping[str, int]:
    """How many closed cases are past their time: `may_go`, and those that stay, by reason. Raises Forbidden."""
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    return dict(session.execute(_COUNTS, _values(session)).all())


def following(session: Session, after: Place, most: int) -> list[Due]:
    """The next cases that may go, locked; all were closed in one year. Empty: there is none behind `after`.

    What somebody else holds at this moment is left out, so fewer than `most` need not be the last.
    """
    values = _values(session) | {"after_at": after.closed_at, "after_id": after.case_id, "most": most}
    while found := [Due(*row) for row in session.execute(_NEXT, values)]:
        free = set(session.scalars(_LOCK, {"cases": [due.id for due in found]}))
        # Looked at again under the lock: what was read before it may have changed.
        still = {row.id for row in session.execute(_NEXT, values)} & free
        if taken := [due for due in found if due.id in still]:
            return [due for due in taken if due.closed_at.year == taken[0].closed_at.year]
        values |= {"after_at": found[-1].closed_at, "after_id": found[-1].id}
    return []


def hold(session: Session, actor: Actor, case_no: str, reason: str) -> None:
    """Keep a case where it is until `release`. Raises Forbidden, NotFound, InvalidForm (no reason)."""
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    if not reason.strip():
        raise InvalidForm({"reason": ["required"]})
    case = _case(session, case_no)
    session.add(CaseHold(case_id=case.id, reason=reason.strip(), placed_by=actor.id))
    audit.append(session, actor.id, "hold", "case", case.id, case_id=case.id, reason=reason.strip())


def release(session: Session, actor: Actor, case_no: str, reason: str) -> None:
    """Let go of a case that was held. Raises Forbidden, NotFound, Conflict (nobody held it)."""
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    case = _case(session, case_no)
    held = session.scalars(select(CaseHold).where(CaseHold.case_id == case.id, CaseHold.lifted_at.is_(None))).all()
    if not held:
        raise Conflict(f"Case {case_no} is not held.")
    for row in held:
        row.lifted_at, row.lifted_by = clock.now(), actor.id
    audit.append(session, actor.id, "release", "case", case.id, case_id=case.id, reason=reason.strip())


def _case(session: Session, case_no: str) -> Case:
    case = session.scalar(select(Case).where(Case.case_no == case_no.strip()).with_for_update())
    if case is None:
        raise NotFound(f"There is no case {case_no}.")
    return case
