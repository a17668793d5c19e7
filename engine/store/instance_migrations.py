"""Migrations of running instances to another version: each run, and what became of each instance in it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.store.base import Base, bigint_pk, created_at, json_object


class Outcome(StrEnum):
    """What became of an instance in a run."""

    MIGRATED = "migrated"
    IN_THE_WAY = "in_the_way"  # something stands against it: nothing was changed
    TAKEN_BACK = "taken_back"


class MigrationRun(Base):
    """One plan, applied to the instances of one version. Without `finished_at` it goes on when it is started again."""

    __tablename__ = "migration_run"

    id: Mapped[bigint_pk]
    family: Mapped[str]
    from_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    plan: Mapped[json_object]
    reason: Mapped[str]
    actor_id: Mapped[int] = mapped_column(ForeignKey("worker.id"))
    created_at: Mapped[created_at]
    finished_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "family", "id"),)


class InstanceMigration(Base):
    """One instance in a run. `former` is its state before, kept until its next step; `rev` what it became by moving."""

    __tablename__ = "instance_migration"

    id: Mapped[bigint_pk]
    run_id: Mapped[int] = mapped_column(ForeignKey("migration_run.id"))
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    outcome: Mapped[Outcome]
    detail: Mapped[json_object]
    former: Mapped[bytes | None] = mapped_column(LargeBinary)
    former_process_id: Mapped[str] = mapped_column(default="")
    rev: Mapped[int]
    at: Mapped[created_at]
    taken_back_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("run_id", "instance_id"),
        Index(None, "instance_id"),
        Index("ix_instance_migration_former", "id", postgresql_where=text("former IS NOT NULL")),
    )


_FORGET = text(
    """
    UPDATE instance_migration SET former = NULL WHERE id IN (
      SELECT m.id FROM instance_migration m JOIN process_instance p ON p.id = m.instance_id
      WHERE m.former IS NOT NULL AND p.rev <> m.rev ORDER BY m.id LIMIT :most FOR UPDATE OF m SKIP LOCKED)
    """
)


def unfinished(session: Session, family: str, from_id: int, to_id: int) -> list[MigrationRun]:
    """Runs between two versions that did not come to their end, newest first."""
    query = select(MigrationRun).where(
        MigrationRun.family == family,
        MigrationRun.from_id == from_id,
        MigrationRun.to_id == to_id,
        MigrationRun.finished_at.is_(None),
    )
    return list(session.scalars(query.order_by(MigrationRun.id.desc())))


def find(session: Session, run_id: int, instance_id: int) -> InstanceMigration | None:
    """What became of an instance in a run."""
    return session.scalar(
        select(InstanceMigration).where(
            InstanceMigration.run_id == run_id, InstanceMigration.instance_id == instance_id
        )
    )


def forget_former(session: Session, most: int = 500) -> None:
    """Let go of the former states of instances that have moved on since."""
    session.execute(_FORGET, {"most": most})
