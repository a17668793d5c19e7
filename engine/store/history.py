"""History: who did what, when, on which element and version. Append-only; ids and codes, never names or answers."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine import clock
from engine.store.base import Base, json_object


class History(Base):
    """One thing that happened. `kind`: task.completed, decision.made, flow.taken, message.sent, case.opened …"""

    __tablename__ = "history"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=clock.now, primary_key=True)
    kind: Mapped[str]
    case_id: Mapped[int | None]
    instance_id: Mapped[int | None]
    task_id: Mapped[int | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    definition_id: Mapped[int | None]
    process_id: Mapped[str] = mapped_column(default="")
    element_id: Mapped[str] = mapped_column(default="")
    detail: Mapped[json_object]
    __table_args__ = (
        Index(None, "case_id", "id"),
        Index(None, "instance_id", "id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )
    __mapper_args__ = {"primary_key": [id]}
