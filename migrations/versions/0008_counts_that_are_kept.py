"""Counts that are kept instead of taken, and indexes by which lists are read in order within a place."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = ("work_change", "step_count", "load_count", "done_count", "case_change", "case_count")

_SCOPES = """
CREATE FUNCTION region_scopes(code text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 4 AS
$$ SELECT DISTINCT left(code, n) FROM unnest('{2,5,8,13}'::int[]) AS n $$"""

# One row for what was and one for what is: nobody waits for anybody, the scheduler adds them up.
_NOTE_TASK = """
CREATE FUNCTION task_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.state = 'open' THEN
    INSERT INTO work_change (region_code, process_id, element_id, name, name_en, candidate_groups, restricted,
                             worker_id, due_stage, number)
    VALUES (OLD.region_code, OLD.process_id, OLD.element_id, OLD.name, OLD.name_en, OLD.candidate_groups,
            OLD.restricted, OLD.assignee_id, OLD.due_stage, -1);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state = 'open' THEN
    INSERT INTO work_change (region_code, process_id, element_id, name, name_en, candidate_groups, restricted,
                             worker_id, due_stage, number)
    VALUES (NEW.region_code, NEW.process_id, NEW.element_id, NEW.name, NEW.name_en, NEW.candidate_groups,
            NEW.restricted, NEW.assignee_id, NEW.due_stage, 1);
  ELSIF TG_OP = 'UPDATE' AND OLD.state = 'open' AND NEW.state = 'completed' AND NEW.closed_by IS NOT NULL THEN
    INSERT INTO work_change (region_code, restricted, worker_id, done_on, number)
    VALUES (NEW.region_code, NEW.restricted, NEW.closed_by, (NEW.closed_at AT TIME ZONE 'UTC')::date, 1);
  END IF;
  RETURN NULL;
END $$"""

_NOTE_CASE = """
CREATE FUNCTION case_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO case_change (village_code, status, is_closed, restricted, number)
    VALUES (OLD.village_code, OLD.status, OLD.closed_at IS NOT NULL, OLD.restricted, -1);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO case_change (village_code, status, is_closed, restricted, number)
    VALUES (NEW.village_code, NEW.status, NEW.closed_at IS NOT NULL, NEW.restricted, 1);
  END IF;
  RETURN NULL;
END $$"""

_RESTAGE = """
CREATE FUNCTION task_restage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.due_stage := 0;
  RETURN NEW;
END $$"""

_TRIGGERS = (
    "CREATE TRIGGER task_counted_new AFTER INSERT ON task FOR EACH ROW EXECUTE FUNCTION task_note_change()",
    """CREATE TRIGGER task_counted AFTER UPDATE OF state, assignee_id, region_code, restricted, candidate_groups,
       process_id, element_id, name, name_en, due_stage, due_at ON task FOR EACH ROW
       WHEN (OLD.state = 'open' OR NEW.state = 'open') EXECUTE FUNCTION task_note_change()""",
    """CREATE TRIGGER task_counted_gone AFTER DELETE ON task FOR EACH ROW WHEN (OLD.state = 'open')
       EXECUTE FUNCTION task_note_change()""",
    """CREATE TRIGGER task_restaged BEFORE UPDATE OF due_at ON task FOR EACH ROW
       WHEN (OLD.due_at IS DISTINCT FROM NEW.due_at) EXECUTE FUNCTION task_restage()""",
    'CREATE TRIGGER case_counted_new AFTER INSERT ON "case" FOR EACH ROW EXECUTE FUNCTION case_note_change()',
    """CREATE TRIGGER case_counted AFTER UPDATE OF status, closed_at, village_code, restricted ON "case" FOR EACH ROW
       WHEN ((OLD.status, OLD.closed_at IS NULL, OLD.village_code, OLD.restricted) IS DISTINCT FROM
             (NEW.status, NEW.closed_at IS NULL, NEW.village_code, NEW.restricted))
       EXECUTE FUNCTION case_note_change()""",
    'CREATE TRIGGER case_counted_gone AFTER DELETE ON "case" FOR EACH ROW EXECUTE FUNCTION case_note_change()',
)

# Everything anew: what the scheduler then adds up is the truth of this moment.
_RECOUNT = """
CREATE FUNCTION recount() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE task, "case" IN SHARE MODE;
  DELETE FROM work_change; DELETE FROM case_change;
  DELETE FROM step_count; DELETE FROM load_count; DELETE FROM done_count; DELETE FROM case_count;
  INSERT INTO work_change (region_code, process_id, element_id, name, name_en, candidate_groups, restricted, worker_id,
                           due_stage, number)
  SELECT region_code, process_id, element_id, max(name), max(name_en), candidate_groups, restricted, assignee_id,
         due_stage, count(*)
  FROM task WHERE state = 'open'
  GROUP BY region_code, process_id, element_id, candidate_groups, restricted, assignee_id, due_stage;
  INSERT INTO work_change (region_code, restricted, worker_id, done_on, number)
  SELECT region_code, restricted, closed_by, (closed_at AT TIME ZONE 'UTC')::date, count(*) FROM task
  WHERE state = 'completed' AND closed_by IS NOT NULL AND closed_at > now() - interval '9 days'
  GROUP BY region_code, restricted, closed_by, (closed_at AT TIME ZONE 'UTC')::date;
  INSERT INTO case_change (village_code, status, is_closed, restricted, number)
  SELECT village_code, status, closed_at IS NOT NULL, restricted, count(*) FROM "case" GROUP BY 1, 2, 3, 4;
END $$"""

# A person's words, each with the kabupaten and with the kecamatan: who has them all in one place is found at once.
_PERSON_WORDS = """
CREATE FUNCTION person_words(name_words text[], address_index bytea[], village_code text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg(word || '@' || left(village_code, n))
  FROM (SELECT unnest(name_words) UNION ALL SELECT encode(unnest(address_index), 'hex')) AS words(word),
       unnest('{5,8}'::int[]) AS n
$$"""

_DUE = "coalesce(due_at, '9000-01-01 00:00:00+00'::timestamptz)"
_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Tables, what fills them, and the first count."""
    op.add_column("task", sa.Column("due_stage", sa.SmallInteger(), server_default="0", nullable=False))
    _tables()
    for statement in (_SCOPES, _NOTE_TASK, _NOTE_CASE, _RESTAGE, *_TRIGGERS, _RECOUNT, _PERSON_WORDS):
        op.execute(statement)
    op.drop_index("ix_task_open_queue", table_name="task")
    for name, length in (("ix_task_open_kecamatan", 8), ("ix_task_open_kabupaten", 5)):
        columns = [sa.text(f"left(region_code, {length})"), "candidate_groups", "restricted",
                   sa.text("(assignee_id IS NULL)"), "urgency", sa.text(_DUE), "id"]  # fmt: skip
        op.create_index(name, "task", columns, postgresql_where=_OPEN)
    board = [sa.text("left(region_code, 5)"), sa.text(_DUE), "id"]
    op.create_index("ix_task_open_board", "task", board, postgresql_where=_OPEN)
    op.create_index(
        "ix_task_open_stage",
        "task",
        ["due_stage", "due_at"],
        postgresql_where=sa.text("state = 'open' AND due_stage < 2"),
    )
    for name, length in (("kecamatan", 8), ("kabupaten", 5)):
        columns = [sa.text(f"left(village_code, {length})"), sa.text("(closed_at IS NULL)"), "restricted", "opened_at",
                   "id"]  # fmt: skip
        op.create_index(f"ix_case_{name}", "case", columns)
    words = sa.text("person_words(name_words, address_index, village_code)")
    op.create_index("ix_person_words", "person", [words], postgresql_using="gin")
    op.execute("SELECT recount()")


def _tables() -> None:
    op.create_table(
        "work_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=True),
        sa.Column("element_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("candidate_groups", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=True),
        sa.Column("due_stage", sa.SmallInteger(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        _number(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_change")),
        **_often(),
    )
    op.create_table(
        "step_count",
        _scope(),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("candidate_groups", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.Column("due_stage", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        _number(),
        sa.PrimaryKeyConstraint(
            "scope", "process_id", "element_id", "candidate_groups", "restricted", "is_free", "due_stage",
            name=op.f("pk_step_count"),
        ),
        **_often(),
    )  # fmt: skip
    for name, last in (
        ("load_count", sa.Column("due_stage", sa.SmallInteger(), nullable=False)),
        ("done_count", sa.Column("done_on", sa.Date(), nullable=False)),
    ):
        op.create_table(
            name,
            _scope(),
            sa.Column("worker_id", sa.BigInteger(), nullable=False),
            sa.Column("restricted", sa.Boolean(), nullable=False),
            last,
            _number(),
            sa.PrimaryKeyConstraint("scope", "worker_id", "restricted", last.name, name=op.f(f"pk_{name}")),
            **_often(),
        )
    _case_tables()


def _case_tables() -> None:
    op.create_table(
        "case_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_change")),
        **_often(),
    )
    op.create_table(
        "case_count",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "status", "is_closed", "restricted", name=op.f("pk_case_count")),
        **_often(),
    )


def _scope() -> sa.Column[str]:
    return sa.Column("scope", sa.Text(), nullable=False)


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.BigInteger(), nullable=False)


def _often() -> dict[str, object]:
    """Rows come and go all the time: vacuum by number, not by share."""
    return {
        "postgresql_with": {
            "fillfactor": "70",
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "2000",
        }
    }


def downgrade() -> None:
    """Counts are taken again."""
    for name in ("task_counted_new", "task_counted", "task_counted_gone", "task_restaged"):
        op.execute(f"DROP TRIGGER {name} ON task")
    for name in ("case_counted_new", "case_counted", "case_counted_gone"):
        op.execute(f'DROP TRIGGER {name} ON "case"')
    op.drop_index("ix_person_words", table_name="person")
    words = "person_words(text[], bytea[], text)"
    for function in (
        words,
        "recount()",
        "task_note_change()",
        "case_note_change()",
        "task_restage()",
        "region_scopes(text)",
    ):
        op.execute(f"DROP FUNCTION {function}")
    for name in reversed(_TABLES):
        op.drop_table(name)
    for name in ("ix_case_kecamatan", "ix_case_kabupaten"):
        op.drop_index(name, table_name="case")
    for name in ("ix_task_open_kecamatan", "ix_task_open_kabupaten", "ix_task_open_board", "ix_task_open_stage"):
        op.drop_index(name, table_name="task")
    op.drop_column("task", "due_stage")
    op.create_index(
        "ix_task_open_queue",
        "task",
        ["region_code", "urgency", "due_at", "id"],
        postgresql_where=sa.text("state = 'open' AND assignee_id IS NULL"),
    )
