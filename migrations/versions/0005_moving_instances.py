"""Runs that move running instances to another version, and what became of each instance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables; nothing was moved before."""
    op.create_table(
        "migration_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["worker.id"], name=op.f("fk_migration_run_actor_id_worker")),
        sa.ForeignKeyConstraint(["from_id"], ["definition.id"], name=op.f("fk_migration_run_from_id_definition")),
        sa.ForeignKeyConstraint(["to_id"], ["definition.id"], name=op.f("fk_migration_run_to_id_definition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_run")),
    )
    op.create_index(op.f("ix_migration_run_family_id"), "migration_run", ["family", "id"])
    op.create_table(
        "instance_migration",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("migrated", "in_the_way", "taken_back", name="outcome", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("former", sa.LargeBinary(), nullable=True),
        sa.Column("former_process_id", sa.Text(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_instance_migration_instance_id_process_instance")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["migration_run.id"], name=op.f("fk_instance_migration_run_id_migration_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_migration")),
        sa.UniqueConstraint("run_id", "instance_id", name=op.f("uq_instance_migration_run_id_instance_id")),
    )
    op.create_index(op.f("ix_instance_migration_instance_id"), "instance_migration", ["instance_id"])
    op.create_index(
        "ix_instance_migration_former", "instance_migration", ["id"], postgresql_where=sa.text("former IS NOT NULL")
    )


def downgrade() -> None:
    """Nobody knows any more what was moved; the instances stay where they are."""
    op.drop_table("instance_migration")
    op.drop_table("migration_run")
