"""History and access log by years: what is there becomes the first partition; years to come and a rest stand ready.

Nothing is copied, and nobody waits for longer than it takes to rename a table.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

YEARS_AHEAD = 2


@dataclass(frozen=True)
class Table:
    """What stands in the table, and by which columns it is read."""

    columns: tuple[tuple[str, sa.types.TypeEngine[object], bool], ...]
    indexes: tuple[str, ...]


_LONG, _TEXT = sa.BigInteger(), sa.Text()
_TABLES = {
    "history": Table(
        (
            ("kind", _TEXT, False),
            ("case_id", _LONG, True),
            ("instance_id", _LONG, True),
            ("task_id", _LONG, True),
            ("actor_id", _LONG, True),
            ("definition_id", _LONG, True),
            ("process_id", _TEXT, False),
            ("element_id", _TEXT, False),
            ("detail", postgresql.JSONB(astext_type=sa.Text()), False),
        ),
        ("case_id", "instance_id"),
    ),
    "access_log": Table(
        (
            ("actor_id", _LONG, True),
            ("action", _TEXT, False),
            ("subject_kind", _TEXT, False),
            ("subject_id", _LONG, True),
            ("case_id", _LONG, True),
            ("reason", sa.LargeBinary(), True),
            ("previous", sa.LargeBinary(), False),
            ("sha256", sa.LargeBinary(), False),
        ),
        ("actor_id", "case_id"),
    ),
}
_GUARD = """
    CREATE TRIGGER access_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {}
    FOR EACH STATEMENT EXECUTE FUNCTION access_log_refuse()"""

# Beside the table first and then attached: who writes meanwhile waits for nothing. True if it is new.
_ADD = """
CREATE FUNCTION add_partition(parent text, part text, low timestamptz, high timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass(part) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING STORAGE)', part, parent);
  IF parent = 'access_log' THEN
    EXECUTE format('CREATE TRIGGER access_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION access_log_refuse()', part);
  END IF;
  IF low IS NULL THEN
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I DEFAULT', parent, part);
  ELSE
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT its_year CHECK (at >= %L AND at < %L)', part, low, high);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, low, high);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT its_year', part);
  END IF;
  RETURN true;
END $$"""


def upgrade() -> None:
    """What takes long goes first and holds nobody up; then both tables are changed at once."""
    with op.get_context().autocommit_block():
        years = {name: _first_year_to_come(name) for name in _TABLES}
        for name, year in years.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}_key")
            op.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {name}_key ON {name} (id, at)")
            op.execute(f"ALTER TABLE {name} DROP CONSTRAINT IF EXISTS before_the_years")
            op.execute(f"ALTER TABLE {name} ADD CONSTRAINT before_the_years CHECK (at < '{_begin(year)}') NOT VALID")
            op.execute(f"ALTER TABLE {name} VALIDATE CONSTRAINT before_the_years")
    op.execute(_ADD)
    op.execute("LOCK TABLE history, access_log IN ACCESS EXCLUSIVE MODE")
    for name, year in years.items():
        _divide(name, year)


def _first_year_to_come(name: str) -> int:
    """Nothing is of that year yet, and will not be for a week."""
    query = f"SELECT extract(year FROM greatest(max(at), now() + interval '7 days') AT TIME ZONE 'UTC') FROM {name}"  # noqa: S608
    return int(op.get_bind().execute(sa.text(query)).scalar_one()) + 1


def _begin(year: int) -> str:
    return f"{year}-01-01 00:00:00+00"


def _divide(name: str, year: int) -> None:
    """The table becomes `<name>_first`, and a part of a new one of its name."""
    first, table = f"{name}_first", _TABLES[name]
    op.execute(f"ALTER TABLE {name} RENAME TO {first}")
    op.execute(f"ALTER TABLE {first} DROP CONSTRAINT pk_{name}")
    op.execute(f"ALTER TABLE {first} ADD CONSTRAINT {first}_pkey PRIMARY KEY USING INDEX {name}_key")
    for column in table.indexes:
        op.execute(f"ALTER INDEX ix_{name}_{column}_id RENAME TO {first}_{column}_id_idx")
    next_id = _take_numbers(name, first)
    _create(name, next_id, postgresql_partition_by="RANGE (at)")
    if name == "access_log":
        op.execute(_GUARD.format(name))
    op.execute(f"ALTER TABLE {name} ATTACH PARTITION {first} FOR VALUES FROM (MINVALUE) TO ('{_begin(year)}')")
    op.execute(f"ALTER TABLE {first} DROP CONSTRAINT before_the_years")
    for number in range(year, year + YEARS_AHEAD):
        op.execute(f"SELECT add_partition('{name}', '{name}_{number}', '{_begin(number)}', '{_begin(number + 1)}')")
    op.execute(f"SELECT add_partition('{name}', '{name}_rest', NULL, NULL)")


def _take_numbers(name: str, table: str) -> int:
    """The next number of a table that from now on gets its numbers elsewhere."""
    query = f"SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM {name}_id_seq"  # noqa: S608
    number = int(op.get_bind().execute(sa.text(query)).scalar_one())
    op.execute(f"ALTER TABLE {table} ALTER COLUMN id DROP IDENTITY")
    return number


def _create(name: str, next_id: int, **options: str) -> None:
    table = _TABLES[name]
    key = ("id", "at") if options else ("id",)
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=next_id), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(column, kind, nullable=nullable) for column, kind, nullable in table.columns),
        sa.ForeignKeyConstraint(["actor_id"], ["worker.id"], name=op.f(f"fk_{name}_actor_id_worker")),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        **options,
    )
    for column in table.indexes:
        op.create_index(op.f(f"ix_{name}_{column}_id"), name, [column, "id"])


def downgrade() -> None:
    """One table again, with all rows of all years: they are copied, and everybody waits for it."""
    op.execute("LOCK TABLE history, access_log IN ACCESS EXCLUSIVE MODE")
    for name, table in _TABLES.items():
        parted = f"{name}_by_year"
        op.execute(f"ALTER TABLE {name} RENAME TO {parted}")
        op.execute(f"ALTER TABLE {parted} RENAME CONSTRAINT pk_{name} TO pk_{parted}")
        op.execute(f"ALTER TABLE {parted} RENAME CONSTRAINT fk_{name}_actor_id_worker TO fk_{parted}_actor_id_worker")
        for column in table.indexes:
            op.execute(f"ALTER INDEX ix_{name}_{column}_id RENAME TO ix_{parted}_{column}_id")
        _create(name, _take_numbers(name, parted))
        names = ", ".join(("id", "at", *(column for column, _, _ in table.columns)))
        op.execute(f"INSERT INTO {name} ({names}) SELECT {names} FROM {parted}")  # noqa: S608
        op.execute(f"DROP TABLE {parted}")
        if name == "access_log":
            op.execute(_GUARD.format(name))
    op.execute("DROP FUNCTION add_partition(text, text, timestamptz, timestamptz)")
