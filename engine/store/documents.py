"""Documents of a case: kept encrypted, told apart by content."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from engine.store.base import Base, bigint_pk, created_at
from engine.store.crypto import EncryptedBytes, EncryptedText


class Document(Base):
    """A file on a case. `kind`: document code of D9 (sktm, foto, ktp_kk …) or a form's field; `size` in bytes.

    A file sent with a report has no case until the report is registered.
    """

    __tablename__ = "document"

    id: Mapped[bigint_pk]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(EncryptedText("document.name"))
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    body: Mapped[bytes] = deferred(mapped_column(EncryptedBytes("document.body")))
    added_by: Mapped[int] = mapped_column(ForeignKey("worker.id"))
    added_at: Mapped[created_at]
    __table_args__ = (
        Index(None, "case_id"),
        Index(None, "task_id", postgresql_where=text("task_id IS NOT NULL")),
    )
