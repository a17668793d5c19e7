"""Files that are sent with a report wait for its case."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A document may have no case yet."""
    op.alter_column("document", "case_id", nullable=True)


def downgrade() -> None:
    """Every document has a case: those that wait for one go."""
    op.execute("DELETE FROM document WHERE case_id IS NULL")
    op.alter_column("document", "case_id", nullable=False)
