"""History: who did what, when, on which element and version. Append-only; ids and codes, never names or answers."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, bigint_pk, created_at, json_object


class History(Base):
    """One thing that happened. `kind`: task.completed, decision.made, flow.taken, message.sent, case.opened …"""

    __tablename__ = "history"

    id: Mapped[bigint_pk]
    at: Mapped[created_at]
    kind: Mapped[str]
    case_id: Mapped[int | None]
    instance_id: Mapped[int | None]
    task_id: Mapped[int | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    definition_id: Mapped[int | None]
    process_id: Mapped[str] = mapped_column(default="")
    element_id: Mapped[str] = mapped_column(default="")
    detail: Mapped[json_object]
    __table_args__ = (Index(None, "case_id", "id"), Index(None, "instance_id", "id"))
