"""Process instances: one row each, its state as one opaque value that only engine.bpmn reads."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ForeignKey, Index, LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.errors import NotFound
from engine.store.base import Base, bigint_pk, created_at


class InstanceState(StrEnum):
    """Life of an instance."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ProcessInstance(Base):
    """A running (or ended) process. `rev` counts its changes: a writer that read an older one loses.

    `base`: what `body` is told by if that is an earlier state; a step that does not change it does not write it either.
    """

    __tablename__ = "process_instance"

    id: Mapped[bigint_pk]
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    process_id: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    business_key: Mapped[str]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    state: Mapped[InstanceState] = mapped_column(default=InstanceState.ACTIVE)
    outcome: Mapped[str | None]
    rev: Mapped[int] = mapped_column(default=1)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    base: Mapped[bytes | None] = mapped_column(LargeBinary)
    started_at: Mapped[created_at]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "case_id"),
        Index(None, "business_key"),
        Index(None, "process_id", "state"),
        Index(None, "definition_id", "state", "id"),
        {"postgresql_with": {"fillfactor": "85", "autovacuum_vacuum_scale_factor": "0.02"}},
    )


class InstanceRow(NamedTuple):
    """What a step needs of a process instance, read straight; names and meanings are those of ProcessInstance."""

    id: int
    definition_id: int
    process_id: str
    case_id: int | None
    region_code: str
    state: str
    rev: int
    body: bytes | None
    base: bytes | None


def lock(session: Session, instance_id: int) -> ProcessInstance:
    """The instance, locked until the end of the transaction. Raises NotFound."""
    row = session.scalar(select(ProcessInstance).where(ProcessInstance.id == instance_id).with_for_update())
    if row is None:
        raise NotFound(f"No process instance {instance_id}.")
    return row
