"""A mark that changes with every change of the settings and the calendar: what was read under it may be kept."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = ("office_setting", "calendar_day")
_FUNCTION = """
CREATE FUNCTION office_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE office_mark SET mark = gen_random_uuid()::text;
  RETURN NULL;
END $$"""


def upgrade() -> None:
    """The row first, then what changes it."""
    op.create_table(
        "office_mark",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_mark")),
    )
    op.execute("INSERT INTO office_mark (id, mark) VALUES (1, gen_random_uuid()::text)")
    op.execute(_FUNCTION)
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION office_note_change()"
        )


def downgrade() -> None:
    """Settings are read each time."""
    for table in _TABLES:
        op.execute(f"DROP TRIGGER {table}_changed ON {table}")
    op.execute("DROP FUNCTION office_note_change()")
    op.drop_table("office_mark")
