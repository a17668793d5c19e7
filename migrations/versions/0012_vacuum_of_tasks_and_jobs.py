"""Tasks and jobs are vacuumed at two per cent of dead rows: each leaves two in all indexes of what is open."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLES = ("task", "job")


def upgrade() -> None:
    """Takes a lock that holds nobody up but vacuum itself."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02)")


def downgrade() -> None:
    """As PostgreSQL has it: at a fifth."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor)")
