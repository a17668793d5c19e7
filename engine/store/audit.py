"""The access log: every read of a person and every unusual act, append-only and hash-chained."""

import hashlib
from collections.abc import Sequence

import orjson
from sqlalchemy import ForeignKey, Index, LargeBinary, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock
from engine.store.base import Base, bigint_pk, created_at

_CHAIN_LOCK = 7_145_201


class AccessLog(Base):
    """Who saw or took what. `sha256` covers the row and the hash before it: a change or a gap shows."""

    __tablename__ = "access_log"

    id: Mapped[bigint_pk]
    at: Mapped[created_at]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None]
    case_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (Index(None, "case_id", "id"), Index(None, "actor_id", "id"))


def _digest(row: AccessLog) -> bytes:
    fields = [row.at.isoformat(), row.actor_id, row.action, row.subject_kind, row.subject_id, row.case_id, row.reason]
    return hashlib.sha256(row.previous + orjson.dumps(fields)).digest()


def append(
    session: Session,
    actor_id: int | None,
    action: str,
    subject_kind: str,
    subject_id: int | None,
    *,
    case_id: int | None = None,
    reason: str = "",
) -> None:
    """Add a row to the end of the chain; writers queue on an advisory lock until their commit."""
    _append(session, actor_id, action, subject_kind, [subject_id], case_id, reason)


def append_all(
    session: Session, actor_id: int | None, action: str, subject_kind: str, subject_ids: Sequence[int]
) -> None:
    """Add one row for each subject, in the number of statements that one row takes."""
    if subject_ids:
        _append(session, actor_id, action, subject_kind, subject_ids, None, "")


def _append(
    session: Session,
    actor_id: int | None,
    action: str,
    subject_kind: str,
    subject_ids: Sequence[int | None],
    case_id: int | None,
    reason: str,
) -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    last = session.scalar(select(AccessLog.sha256).order_by(AccessLog.id.desc()).limit(1)) or b""
    for subject_id in subject_ids:
        row = AccessLog(
            at=clock.now(),
            actor_id=actor_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            case_id=case_id,
            reason=reason,
            previous=last,
        )
        row.sha256 = last = _digest(row)
        session.add(row)
    session.flush()


def first_break(session: Session) -> int | None:
    """The id of the first row that does not continue the chain, None if all is well."""
    previous = b""
    for row in session.scalars(select(AccessLog).order_by(AccessLog.id).execution_options(yield_per=1000)):
        if bytes(row.previous) != previous or bytes(row.sha256) != _digest(row):
            return row.id
        previous = bytes(row.sha256)
    return None
