"""A large state lies in two columns: what a step changes, and the earlier state that this is told by."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """It is compressed already: PostgreSQL need not try."""
    op.add_column("process_instance", sa.Column("base", sa.LargeBinary(), nullable=True))
    op.execute("ALTER TABLE process_instance ALTER COLUMN base SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Both in one column: code that knows two reads it, too."""
    op.execute(
        "UPDATE process_instance SET body = body || int4send(octet_length(base)) || base"
        " WHERE base IS NOT NULL AND body IS NOT NULL"
    )
    op.drop_column("process_instance", "base")
