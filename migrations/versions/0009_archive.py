"""The archive: files that hold cases, what is left of each, cases that must stay; and indexes to take cases out by."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Whoever deletes a row looks for rows that refer to it: without an index, through the whole table each time.
_REFERENCES = (
    ("batch_item", "instance_id", ""),
    ("document", "task_id", "task_id IS NOT NULL"),
    ("inbound_message", "instance_id", "instance_id IS NOT NULL"),
    ("incident", "case_id", "case_id IS NOT NULL"),
    ("incident", "job_id", "job_id IS NOT NULL"),
    ("outbox", "case_id", "case_id IS NOT NULL"),
    ("outbox", "instance_id", ""),
    ("person", "merged_into_id", "merged_into_id IS NOT NULL"),
    ("unmet_need", "case_id", ""),
)


def upgrade() -> None:
    """Indexes first, each while everybody works; then the tables. Cut off between, it begins anew."""
    with op.get_context().autocommit_block():
        for table, column, where in _REFERENCES:
            _index(f"ix_{table}_{column}", table, [column], where)
        _index("ix_case_closed", "case", ["closed_at", "id"], "closed_at IS NOT NULL")
    _tables()


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
    op.create_index(
        name, table, columns, postgresql_concurrently=True, postgresql_where=sa.text(where) if where else None
    )


def _tables() -> None:
    op.create_table(
        "archive_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_by", sa.BigInteger(), nullable=False),
        sa.Column("cases", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["archived_by"], ["worker.id"], name=op.f("fk_archive_file_archived_by_worker")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_file")),
        sa.UniqueConstraint("name", name=op.f("uq_archive_file_name")),
    )
    op.create_table(
        "archived_case",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nik_index", sa.LargeBinary(), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["archive_file.id"], name=op.f("fk_archived_case_file_id_archive_file")),
        sa.ForeignKeyConstraint(["village_code"], ["region.code"], name=op.f("fk_archived_case_village_code_region")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_archived_case")),
        sa.UniqueConstraint("case_no", name=op.f("uq_archived_case_case_no")),
    )
    op.create_index(op.f("ix_archived_case_file_id"), "archived_case", ["file_id"])
    op.create_index(
        op.f("ix_archived_case_nik_index"),
        "archived_case",
        ["nik_index"],
        postgresql_where=sa.text("nik_index IS NOT NULL"),
    )
    op.create_table(
        "case_hold",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_hold_case_id_case")),
        sa.ForeignKeyConstraint(["lifted_by"], ["worker.id"], name=op.f("fk_case_hold_lifted_by_worker")),
        sa.ForeignKeyConstraint(["placed_by"], ["worker.id"], name=op.f("fk_case_hold_placed_by_worker")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_hold")),
    )
    op.create_index(op.f("ix_case_hold_case_id"), "case_hold", ["case_id"])


def downgrade() -> None:
    """Nobody knows any more what is in the archive: bring back first what is wanted (`pilar unarchive`)."""
    for table in ("case_hold", "archived_case", "archive_file"):
        op.drop_table(table)
    op.drop_index("ix_case_closed", table_name="case")
    for table, column, _ in _REFERENCES:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
