"""Counts that are kept: triggers note every change of an open task or a case as a row, the scheduler adds them up.

What is counted is always the sum of both: a count is right at every moment, also when nobody has added up for a while.
Notes are only appended, so that nobody who works waits for a counter.
"""

from datetime import date, datetime

from sqlalchemy import ARRAY, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.store.base import Base, bigint_pk

MOST = 20_000
_LOCK = 7_145_202
_OFTEN = {
    "postgresql_with": {
        "fillfactor": "70",
        "autovacuum_vacuum_scale_factor": "0",
        "autovacuum_vacuum_threshold": "2000",
    }
}


class WorkChange(Base):
    """One more (or one less) of an open task, or a task that `worker_id` completed on a day."""

    __tablename__ = "work_change"

    id: Mapped[bigint_pk]
    region_code: Mapped[str]
    process_id: Mapped[str | None]
    element_id: Mapped[str | None]
    name: Mapped[str | None]
    name_en: Mapped[str | None]
    candidate_groups: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    restricted: Mapped[bool]
    worker_id: Mapped[int | None]
    due_stage: Mapped[int | None] = mapped_column(SmallInteger)
    done_on: Mapped[date | None]
    number: Mapped[int]
    __table_args__ = (_OFTEN,)


class StepCount(Base):
    """Open tasks of one step in a region and all below it (`scope`), taken or free."""

    __tablename__ = "step_count"

    scope: Mapped[str] = mapped_column(primary_key=True)
    process_id: Mapped[str] = mapped_column(primary_key=True)
    element_id: Mapped[str] = mapped_column(primary_key=True)
    candidate_groups: Mapped[list[str]] = mapped_column(ARRAY(Text), primary_key=True)
    restricted: Mapped[bool] = mapped_column(primary_key=True)
    is_free: Mapped[bool] = mapped_column(primary_key=True)
    due_stage: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]
    number: Mapped[int]
    __table_args__ = (_OFTEN,)


class LoadCount(Base):
    """Open tasks of one worker in a region and all below it."""

    __tablename__ = "load_count"

    scope: Mapped[str] = mapped_column(primary_key=True)
    worker_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    restricted: Mapped[bool] = mapped_column(primary_key=True)
    due_stage: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    number: Mapped[int]
    __table_args__ = (_OFTEN,)


class DoneCount(Base):
    """Tasks that one worker completed on a day (UTC) in a region and all below it."""

    __tablename__ = "done_count"

    scope: Mapped[str] = mapped_column(primary_key=True)
    worker_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    restricted: Mapped[bool] = mapped_column(primary_key=True)
    done_on: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int]
    __table_args__ = (_OFTEN,)


class CaseChange(Base):
    """One more (or one less) case of a status."""

    __tablename__ = "case_change"

    id: Mapped[bigint_pk]
    village_code: Mapped[str]
    status: Mapped[str]
    is_closed: Mapped[bool]
    restricted: Mapped[bool]
    number: Mapped[int]
    __table_args__ = (_OFTEN,)


class CaseCount(Base):
    """Cases of one status in a region and all below it."""

    __tablename__ = "case_count"

    scope: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    is_closed: Mapped[bool] = mapped_column(primary_key=True)
    restricted: Mapped[bool] = mapped_column(primary_key=True)
    number: Mapped[int]
    __table_args__ = (_OFTEN,)


_ADD_WORK = text(
    """
    WITH gone AS (DELETE FROM work_change WHERE id IN (SELECT id FROM work_change ORDER BY id LIMIT :most) RETURNING *),
    note AS (SELECT gone.*, scope FROM gone, region_scopes(region_code) AS scope),
    steps AS (
      INSERT INTO step_count (scope, process_id, element_id, candidate_groups, restricted, is_free, due_stage, name,
                              name_en, number)
      SELECT scope, process_id, element_id, candidate_groups, restricted, worker_id IS NULL, due_stage, max(name),
             max(name_en), sum(number)
      FROM note WHERE done_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(number) <> 0
      ON CONFLICT (scope, process_id, element_id, candidate_groups, restricted, is_free, due_stage) DO UPDATE
      SET number = step_count.number + EXCLUDED.number, name = EXCLUDED.name, name_en = EXCLUDED.name_en),
    loads AS (
      INSERT INTO load_count (scope, worker_id, restricted, due_stage, number)
      SELECT scope, worker_id, restricted, due_stage, sum(number) FROM note
      WHERE done_on IS NULL AND worker_id IS NOT NULL GROUP BY 1, 2, 3, 4 HAVING sum(number) <> 0
      ON CONFLICT (scope, worker_id, restricted, due_stage) DO UPDATE
      SET number = load_count.number + EXCLUDED.number),
    done AS (
      INSERT INTO done_count (scope, worker_id, restricted, done_on, number)
      SELECT scope, worker_id, restricted, done_on, sum(number) FROM note WHERE done_on IS NOT NULL GROUP BY 1, 2, 3, 4
      ON CONFLICT (scope, worker_id, restricted, done_on) DO UPDATE
      SET number = done_count.number + EXCLUDED.number),
    old AS (DELETE FROM done_count WHERE done_on < current_date - 30
            AND (scope, worker_id) IN (SELECT scope, worker_id FROM note WHERE done_on IS NOT NULL))
    SELECT count(*) FROM gone
    """
)
_ADD_CASES = text(
    """
    WITH gone AS (DELETE FROM case_change WHERE id IN (SELECT id FROM case_change ORDER BY id LIMIT :most) RETURNING *),
    counted AS (
      INSERT INTO case_count (scope, status, is_closed, restricted, number)
      SELECT scope, status, is_closed, restricted, sum(number) FROM gone, region_scopes(village_code) AS scope
      GROUP BY 1, 2, 3, 4 HAVING sum(number) <> 0
      ON CONFLICT (scope, status, is_closed, restricted) DO UPDATE
      SET number = case_count.number + EXCLUDED.number)
    SELECT count(*) FROM gone
    """
)
_STAGE = text(
    """
    UPDATE task SET due_stage = :stage WHERE id IN (
      SELECT id FROM task WHERE state = 'open' AND due_stage < 2 AND due_stage = :was AND due_at < :before
      ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED)
    """
)


def add_up(session: Session, most: int = MOST) -> int:
    """Add noted changes to the counts; how many there were. Nothing while another scheduler is at it."""
    if not session.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}).scalar_one():
        return 0
    work = session.execute(_ADD_WORK, {"most": most}).scalar_one()
    cases = session.execute(_ADD_CASES, {"most": most}).scalar_one()
    return int(work + cases)


def stage(session: Session, now: datetime, end_of_day: datetime, most: int = 2000) -> None:
    """Note on open tasks that they are overdue, or due until the end of the day."""
    for was, to, before in ((1, 2, now), (0, 2, now), (0, 1, end_of_day)):
        session.execute(_STAGE, {"was": was, "stage": to, "before": before, "most": most})


def recount(session: Session) -> None:
    """Forget all counts and note everything as it is now; who changes tasks waits. For a doubt, and for load tests."""
    session.execute(text("SELECT recount()"))


def scopes_of(regions: frozenset[str]) -> list[str]:
    """The outermost of some regions: counts of both a region and one inside it would count twice."""
    return sorted(code for code in regions if not any(code.startswith(f"{other}.") for other in regions))


DIFFERING: dict[str, str] = {
    "step_count_differs": """
        SELECT 'region ' || scope FROM (
          SELECT scope, process_id, element_id, candidate_groups, restricted, is_free, due_stage, number FROM step_count
          UNION ALL SELECT scope, process_id, element_id, candidate_groups, restricted, worker_id IS NULL, due_stage,
            number FROM work_change, region_scopes(region_code) AS scope WHERE done_on IS NULL
          UNION ALL SELECT scope, process_id, element_id, candidate_groups, restricted, assignee_id IS NULL, due_stage,
            -1 FROM task, region_scopes(region_code) AS scope WHERE state = 'open') AS counted
        GROUP BY scope, process_id, element_id, candidate_groups, restricted, is_free, due_stage
        HAVING sum(number) <> 0""",
    "load_count_differs": """
        SELECT 'worker ' || worker_id || ' region ' || scope FROM (
          SELECT scope, worker_id, restricted, due_stage, number FROM load_count
          UNION ALL SELECT scope, worker_id, restricted, due_stage, number FROM work_change,
            region_scopes(region_code) AS scope WHERE done_on IS NULL AND worker_id IS NOT NULL
          UNION ALL SELECT scope, assignee_id, restricted, due_stage, -1 FROM task,
            region_scopes(region_code) AS scope WHERE state = 'open' AND assignee_id IS NOT NULL) AS counted
        GROUP BY scope, worker_id, restricted, due_stage HAVING sum(number) <> 0""",
    "case_count_differs": """
        SELECT 'region ' || scope FROM (
          SELECT scope, status, is_closed, restricted, number FROM case_count
          UNION ALL SELECT scope, status, is_closed, restricted, number FROM case_change,
            region_scopes(village_code) AS scope
          UNION ALL SELECT scope, status, closed_at IS NOT NULL, restricted, -1 FROM "case",
            region_scopes(village_code) AS scope) AS counted
        GROUP BY scope, status, is_closed, restricted HAVING sum(number) <> 0""",
}
"""Rule -> rows where a count is not what is there; read at one moment (`pilar fsck`)."""
