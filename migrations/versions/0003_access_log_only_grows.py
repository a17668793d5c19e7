"""The access log only grows; its reasons are ciphertext and its chain is keyed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_REFUSE = """
CREATE FUNCTION access_log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The access log is append-only.' USING ERRCODE = 'insufficient_privilege';
END $$"""
_GUARD = """
CREATE TRIGGER access_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log
FOR EACH STATEMENT EXECUTE FUNCTION access_log_refuse()"""


def upgrade() -> None:
    """Rows written before any release carry no keyed mark: the log begins anew."""
    op.execute("DELETE FROM access_log")
    op.alter_column("access_log", "reason", type_=sa.LargeBinary(), nullable=True, postgresql_using="NULL::bytea")
    op.execute(_REFUSE)
    op.execute(_GUARD)


def downgrade() -> None:
    """The log can be changed again; what was written cannot be read by the older version."""
    op.execute("DROP TRIGGER access_log_only_grows ON access_log")
    op.execute("DROP FUNCTION access_log_refuse()")
    op.execute("DELETE FROM access_log")
    op.alter_column("access_log", "reason", type_=sa.Text(), nullable=False, postgresql_using="''::text")
