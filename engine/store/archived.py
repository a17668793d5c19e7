"""The archive as the database knows it: files that hold cases, what is left of each case, and cases that must stay."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.store.base import Base, bigint_pk, created_at, worker_ref
from engine.store.crypto import EncryptedText

_LOCK = 7_145_203


class ArchiveFile(Base):
    """One file of the archive, never written again. `sha256` of the whole file, `bytes` its length."""

    __tablename__ = "archive_file"

    id: Mapped[bigint_pk]
    name: Mapped[str] = mapped_column(unique=True)
    archived_at: Mapped[created_at]
    archived_by: Mapped[worker_ref]
    cases: Mapped[int]
    bytes: Mapped[int]
    sha256: Mapped[str]


class ArchivedCase(Base):
    """What the database still tells of a case that is in the archive: no name, no number of a person.

    `place` and `length`: where its record lies in the file, in bytes; `sha256` of those; `rows` in it. `nik_index` lets
    a search by the client's NIK say that there is something.
    """

    __tablename__ = "archived_case"

    case_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_no: Mapped[str] = mapped_column(unique=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    status: Mapped[str]
    restricted: Mapped[bool]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime]
    nik_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    file_id: Mapped[int] = mapped_column(ForeignKey("archive_file.id"))
    place: Mapped[int]
    length: Mapped[int]
    sha256: Mapped[str]
    rows: Mapped[int]
    __table_args__ = (
        Index(None, "nik_index", postgresql_where=text("nik_index IS NOT NULL")),
        Index(None, "file_id"),
    )


class CaseHold(Base):
    """A case that must not leave, whatever its age: a court or an audit asks for it. Over once `lifted_at` is set."""

    __tablename__ = "case_hold"

    id: Mapped[bigint_pk]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    reason: Mapped[str] = mapped_column(EncryptedText("case_hold.reason"))
    placed_at: Mapped[created_at]
    placed_by: Mapped[worker_ref]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    __table_args__ = (Index(None, "case_id"),)


def lock(session: Session) -> None:
    """One run at a time; also waits for the end of what a killed run had sent before it died."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def next_number(session: Session) -> int:
    """The number of the next file; one that is not used in the end is not given out again."""
    query = text("SELECT nextval(pg_get_serial_sequence('archive_file', 'id'))")
    return int(session.execute(query).scalar_one())
