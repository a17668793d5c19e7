"""A PKH family belongs to a group that meets each month."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A referral may name a group."""
    op.add_column("referral", sa.Column("group_code", sa.Text(), nullable=True))
    op.create_index(
        "ix_referral_group_code",
        "referral",
        ["group_code"],
        unique=False,
        postgresql_where=sa.text("group_code IS NOT NULL"),
    )


def downgrade() -> None:
    """Groups are forgotten."""
    op.drop_index("ix_referral_group_code", table_name="referral")
    op.drop_column("referral", "group_code")
