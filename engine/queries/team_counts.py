"""The team board's numbers: read from the kept counts, corrected by what came due since the scheduler last looked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import Actor
from engine.store import counts

DAYS = 7


@dataclass(frozen=True, slots=True)
class Load:
    """One worker's open tasks, and what they finished today and on the six days before."""

    worker_id: int
    name: str
    roles: Sequence[str]
    open: int
    overdue: int
    today: int
    done: int


@dataclass(frozen=True, slots=True)
class StepLoad:
    """Open tasks of one step. `free`: taken by nobody."""

    process_id: str
    element_id: str
    name: str
    name_en: str
    open: int
    free: int
    overdue: int


# What became due or overdue since the scheduler last looked: few rows, found by due_stage and due_at. Each is one that
# counts as what it is (`number`), and one less of what it was noted as.
_MOVED = """
  SELECT t.*, stage.is_now, stage.was FROM (
    SELECT 2 AS is_now, 0 AS was, '-infinity'::timestamptz AS since, :now AS before
    UNION ALL SELECT 2, 1, '-infinity', :now
    UNION ALL SELECT 1, 0, :now, :end_of_day) AS stage
  JOIN LATERAL (
    SELECT * FROM task WHERE state = 'open' AND due_stage < 2 AND due_stage = stage.was
      AND due_at >= stage.since AND due_at < stage.before
      AND EXISTS (SELECT FROM region_scopes(region_code) AS scope WHERE scope = ANY(:scopes))) AS t ON true
"""

_STEPS = text(
    f"""
    WITH moved AS ({_MOVED}),
    noted AS (
      SELECT process_id, element_id, name, name_en, restricted, is_free, due_stage, number FROM step_count
      WHERE scope = ANY(:scopes)
      UNION ALL
      SELECT process_id, element_id, name, name_en, restricted, worker_id IS NULL, due_stage, number FROM work_change
      WHERE done_on IS NULL AND EXISTS (SELECT FROM region_scopes(region_code) AS scope WHERE scope = ANY(:scopes))
      UNION ALL
      SELECT process_id, element_id, name, name_en, restricted, assignee_id IS NULL, unnest(ARRAY[is_now, was]),
             unnest(ARRAY[1, -1]) FROM moved)
    SELECT process_id, element_id, max(name), max(name_en), sum(number)::bigint,
           coalesce(sum(number) FILTER (WHERE is_free), 0)::bigint,
           coalesce(sum(number) FILTER (WHERE due_stage = 2), 0)::bigint,
           coalesce(sum(number) FILTER (WHERE due_stage = 1), 0)::bigint
    FROM noted WHERE :duty OR NOT restricted GROUP BY 1, 2 HAVING sum(number) > 0
    """  # noqa: S608 - our own words
)

_LOADS = text(
    f"""
    WITH moved AS ({_MOVED}),
    near AS (
      SELECT DISTINCT r.worker_id FROM worker_role r JOIN worker_region p ON p.worker_id = r.worker_id
      WHERE r.role = ANY(:roles)
        AND EXISTS (SELECT FROM region_scopes(p.region_code) AS scope WHERE scope = ANY(:scopes))),
    noted AS (
      SELECT worker_id, restricted, due_stage, NULL::date AS done_on, number FROM load_count WHERE scope = ANY(:scopes)
      UNION ALL
      SELECT worker_id, restricted, NULL, done_on, number FROM done_count
      WHERE scope = ANY(:scopes) AND done_on > :since AND worker_id IN (SELECT worker_id FROM near)
      UNION ALL
      SELECT worker_id, restricted, due_stage, done_on, number FROM work_change
      WHERE worker_id IS NOT NULL AND (done_on IS NULL OR done_on > :since)
        AND EXISTS (SELECT FROM region_scopes(region_code) AS scope WHERE scope = ANY(:scopes))
      UNION ALL
      SELECT assignee_id, restricted, unnest(ARRAY[is_now, was]), NULL, unnest(ARRAY[1, -1]) FROM moved
      WHERE assignee_id IS NOT NULL),
    load AS (
      SELECT worker_id, coalesce(sum(number) FILTER (WHERE done_on IS NULL), 0)::bigint AS open,
             coalesce(sum(number) FILTER (WHERE due_stage = 2), 0)::bigint AS overdue,
             coalesce(sum(number) FILTER (WHERE due_stage = 1), 0)::bigint AS today,
             coalesce(sum(number) FILTER (WHERE done_on IS NOT NULL), 0)::bigint AS done
      FROM noted WHERE :duty OR NOT restricted GROUP BY worker_id)
    SELECT w.id, w.name, (SELECT array_agg(role ORDER BY role) FROM worker_role WHERE worker_id = w.id) AS roles,
           coalesce(open, 0), coalesce(overdue, 0), coalesce(today, 0), coalesce(done, 0)
    FROM worker w LEFT JOIN load ON load.worker_id = w.id
    WHERE load.open > 0 OR (w.is_active AND w.id IN (SELECT worker_id FROM near))
    ORDER BY overdue DESC NULLS LAST, open DESC NULLS LAST, w.name
    """  # noqa: S608 - our own words
)


def steps(session: Session, actor: Actor, end_of_day: datetime) -> tuple[list[StepLoad], list[int]]:
    """Open tasks by step, and how many are open, overdue, due today and free; of the regions the actor supervises."""
    rows = [tuple(row) for row in session.execute(_STEPS, _values(actor, end_of_day))]
    totals = [sum(row[place] for row in rows) for place in (4, 6, 7, 5)]
    loads = [
        StepLoad(process, element, name, name_en or name, number, free, late)
        for process, element, name, name_en, number, free, late, _ in rows
    ]
    return sorted(loads, key=lambda load: (-load.overdue, -load.free, -load.open, load.name)), totals


def loads(session: Session, actor: Actor, end_of_day: datetime, roles: Sequence[str]) -> list[Load]:
    """Every worker who does casework (`roles`) in the actor's regions, those without a task too; the fullest first."""
    values = _values(actor, end_of_day) | {
        "roles": list(roles),
        "since": clock.now().date() - timedelta(days=DAYS),
    }
    return [Load(*row) for row in session.execute(_LOADS, values)]


def _values(actor: Actor, end_of_day: datetime) -> dict[str, Any]:
    return {
        "scopes": counts.scopes_of(actor.regions) if actor.has(*permissions.SUPERVISES) else [],
        "duty": actor.restricted_duty,
        "now": clock.now(),
        "end_of_day": end_of_day,
    }
