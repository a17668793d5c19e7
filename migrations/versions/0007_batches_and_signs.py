"""Orders for many instances at once, signs of life of workers, and instances by version and state."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three tables and an index; nothing was ordered before."""
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "action",
            _words("batchaction", "retry", "suspend", "resume", "cancel", "migrate", "take_back"),
            nullable=False,
        ),
        sa.Column("chosen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["worker.id"], name=op.f("fk_batch_actor_id_worker")),
        sa.ForeignKeyConstraint(["run_id"], ["migration_run.id"], name=op.f("fk_batch_run_id_migration_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    _items()
    op.create_table(
        "process_sign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_sign")),
        sa.UniqueConstraint("kind", "host", "pid", name=op.f("uq_process_sign_kind_host_pid")),
    )
    op.create_index(
        op.f("ix_process_instance_definition_id_state_id"), "process_instance", ["definition_id", "state", "id"]
    )


def _items() -> None:
    op.create_table(
        "batch_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("state", _words("itemstate", "pending", "done", "refused", "failed", "stopped"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_item_batch_id_batch")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_batch_item_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_item")),
        sa.UniqueConstraint("batch_id", "instance_id", name=op.f("uq_batch_item_batch_id_instance_id")),
    )
    op.create_index("ix_batch_item_pending", "batch_item", ["id"], postgresql_where=sa.text("state = 'pending'"))
    op.create_index(op.f("ix_batch_item_batch_id_state_id"), "batch_item", ["batch_id", "state", "id"])


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=40)


def downgrade() -> None:
    """Nobody knows any more what was ordered; what was done stays done."""
    op.drop_index(op.f("ix_process_instance_definition_id_state_id"), table_name="process_instance")
    op.drop_table("process_sign")
    op.drop_table("batch_item")
    op.drop_table("batch")
