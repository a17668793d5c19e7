"""Answers: every form as it was sent, encrypted, with who sent it; notes on a case."""

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, bigint_pk, created_at
from engine.store.crypto import EncryptedJson, EncryptedText


class Answer(Base):
    """One sent form. Earlier ones of the same form on the case stay: they show what changed."""

    __tablename__ = "answer"

    id: Mapped[bigint_pk]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    form_id: Mapped[str]
    element_id: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("answer.body"))
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    sent_at: Mapped[created_at]
    __table_args__ = (Index(None, "case_id", "form_id", "id"), Index(None, "task_id"), Index(None, "instance_id"))


class Note(Base):
    """A worker's note on a case."""

    __tablename__ = "note"

    id: Mapped[bigint_pk]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("worker.id"))
    body: Mapped[str] = mapped_column(EncryptedText("note.body"))
    created_at: Mapped[created_at]
    __table_args__ = (Index(None, "case_id"),)
