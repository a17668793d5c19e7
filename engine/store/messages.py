"""Messages: what instances wait for, what arrived, and what was sent to the outside."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, bigint_pk, created_at, json_object


class Subscription(Base):
    """An instance waits for message `name` with `correlation_key`."""

    __tablename__ = "subscription"

    id: Mapped[bigint_pk]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    wait_id: Mapped[str]
    element_id: Mapped[str]
    process_id: Mapped[str]
    name: Mapped[str]
    correlation_key: Mapped[str]
    created_at: Mapped[created_at]
    __table_args__ = (
        UniqueConstraint("instance_id", "wait_id"),
        Index(None, "name", "correlation_key"),
    )


class MessageState(StrEnum):
    """A message that arrived before anybody waited is kept until it expires."""

    BUFFERED = "buffered"
    DELIVERED = "delivered"
    EXPIRED = "expired"


class InboundMessage(Base):
    """A message that arrived; `message_id` (from the sender) makes a repeat harmless."""

    __tablename__ = "inbound_message"

    id: Mapped[bigint_pk]
    source: Mapped[str]
    message_id: Mapped[str]
    name: Mapped[str]
    correlation_key: Mapped[str]
    variables: Mapped[json_object]
    state: Mapped[MessageState] = mapped_column(default=MessageState.BUFFERED)
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    received_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    received_at: Mapped[created_at]
    expires_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("source", "message_id"),
        Index("ix_inbound_message_buffered", "name", "correlation_key", postgresql_where=text("state = 'buffered'")),
        Index(None, "instance_id", postgresql_where=text("instance_id IS NOT NULL")),
    )


class OutboxState(StrEnum):
    """What leaves is a row first; PENDING rows wait for an agency's door or a person's hand."""

    PENDING = "pending"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


class Outbox(Base):
    """A message sent by an instance to an outside agency; `effect_key` is stable across attempts."""

    __tablename__ = "outbox"

    id: Mapped[bigint_pk]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    element_id: Mapped[str]
    name: Mapped[str]
    correlation_key: Mapped[str]
    variables: Mapped[json_object]
    effect_key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[OutboxState] = mapped_column(default=OutboxState.PENDING)
    created_at: Mapped[created_at]
    handed_over_at: Mapped[datetime | None]
    handed_over_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    __table_args__ = (
        Index("ix_outbox_pending", "created_at", postgresql_where=text("state = 'pending'")),
        Index(None, "instance_id"),
        Index(None, "case_id", postgresql_where=text("case_id IS NOT NULL")),
    )
