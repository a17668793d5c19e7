"""Signs of life: each worker and scheduler says now and then that it is there."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session

from engine.store.base import Base, bigint_pk, created_at


class ProcessSign(Base):
    """A process of ours on some host, and when it was last heard of."""

    __tablename__ = "process_sign"

    id: Mapped[bigint_pk]
    kind: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    began_at: Mapped[created_at]
    seen_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("kind", "host", "pid"),)


_SIGN = text(
    """
    INSERT INTO process_sign (kind, host, pid, began_at, seen_at) VALUES (:kind, :host, :pid, :began_at, now())
    ON CONFLICT (kind, host, pid) DO UPDATE SET seen_at = now(), began_at = EXCLUDED.began_at
    """
)
_FORGET = text("DELETE FROM process_sign WHERE seen_at < now() - interval '1 day'")


def sign(session: Session, kind: str, host: str, pid: int, began_at: datetime) -> None:
    """Say that a process is there; who was silent for a day is forgotten."""
    session.execute(_SIGN, {"kind": kind, "host": host, "pid": pid, "began_at": began_at})
    session.execute(_FORGET)
