"""The access log: every read of a person and every unusual act, append-only and chained under a key."""

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, inspect, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock
from engine.store import crypto
from engine.store.base import Base

_CHAIN_LOCK = 7_145_201
_REASON = b"access_log.reason"
# What tells that somebody saw something: it stays true when what else the request did is taken back.
_SHOWN = frozenset({"read", "unmask", "found", "download"})
_KEPT = "pilar.shown"


class AccessLog(Base):
    """Who saw or took what. `sha256` covers the row and the mark before it under our key: a change or a gap shows.

    The database refuses to change or delete rows (migration 0003); reasons are ciphertext, for they may name somebody.
    """

    __tablename__ = "access_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=clock.now, primary_key=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None]
    case_id: Mapped[int | None]
    sealed_reason: Mapped[bytes | None] = mapped_column("reason", LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        Index(None, "case_id", "id"),
        Index(None, "actor_id", "id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )
    __mapper_args__ = {"primary_key": [id]}

    @property
    def reason(self) -> str:
        """Why, in the worker's words."""
        return "" if self.sealed_reason is None else crypto.ring().decrypt(bytes(self.sealed_reason), _REASON).decode()


def _digest(row: AccessLog) -> bytes:
    sealed = None if row.sealed_reason is None else bytes(row.sealed_reason).hex()
    fields = [row.at.isoformat(), row.actor_id, row.action, row.subject_kind, row.subject_id, row.case_id, sealed]
    return crypto.ring().mark("access_log", bytes(row.previous) + orjson.dumps(fields))


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


def keep_shown(session: Session) -> None:
    """Write again what a rollback took away of who was shown what: an error page may have shown it all the same."""
    for row in session.info.pop(_KEPT, ()):
        if not inspect(row).persistent:
            _append(session, row.actor_id, row.action, row.subject_kind, [row.subject_id], row.case_id, row.reason)
    session.info.pop(_KEPT, None)  # what was just written is the caller's to commit


def append_all(
    session: Session,
    actor_id: int | None,
    action: str,
    subject_kind: str,
    subject_ids: Sequence[int],
    *,
    reason: str = "",
) -> None:
    """Add one row for each subject, in the number of statements that one row takes."""
    if subject_ids:
        _append(session, actor_id, action, subject_kind, subject_ids, None, reason)


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
            case_id=subject_id if subject_kind == "case" else case_id,
            sealed_reason=crypto.ring().encrypt(reason.encode(), _REASON) if reason else None,
            previous=last,
        )
        row.sha256 = last = _digest(row)
        session.add(row)
        if action in _SHOWN:
            session.info.setdefault(_KEPT, []).append(row)
    session.flush()


def first_break(session: Session) -> int | None:
    """The id of the first row that does not continue the chain, None if all is well."""
    previous = b""
    query = select(AccessLog).order_by(AccessLog.id).execution_options(yield_per=1000)
    with session.scalars(query) as rows:
        for row in rows:
            if bytes(row.previous) != previous or bytes(row.sha256) != _digest(row):
                return row.id
            previous = bytes(row.sha256)
    return None


def head(session: Session) -> tuple[int, str]:
    """The last row's number and mark: noted outside of the system, they show later whether rows were cut off."""
    row = session.execute(select(AccessLog.id, AccessLog.sha256).order_by(AccessLog.id.desc()).limit(1)).first()
    return (row.id, bytes(row.sha256).hex()) if row is not None else (0, "")


def holds(session: Session, number: int, mark: str) -> bool:
    """Whether the row of that number is there and carries that mark (as noted once by `head`)."""
    found = session.scalar(select(AccessLog.sha256).where(AccessLog.id == number))
    return found is not None and bytes(found).hex() == "".join(mark.split()).lower()
