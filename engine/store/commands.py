"""Idempotency: the first answer to a command, kept with its effect, returned to every repeat."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, bigint_pk, created_at, json_object

ONE_ANSWER = "uq_command_actor_id_idempotency_key"
"""The constraint that lets a key of an actor be answered once."""


class Command(Base):
    """One answered command. `body_sha256` tells a repeat from another command under the same key."""

    __tablename__ = "command"

    id: Mapped[bigint_pk]
    actor_id: Mapped[int]
    idempotency_key: Mapped[str]
    name: Mapped[str]
    body_sha256: Mapped[str]
    answer: Mapped[json_object] = mapped_column()
    created_at: Mapped[created_at]
    __table_args__ = (UniqueConstraint("actor_id", "idempotency_key"),)
