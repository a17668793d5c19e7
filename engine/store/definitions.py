"""Process definitions: content-addressed files, numbered versions per family, and drafts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.store.base import Base, bigint_pk, created_at, json_object


class DefinitionState(StrEnum):
    """Life of a version."""

    PUBLISHED = "published"
    RETIRED = "retired"


class DefinitionFile(Base):
    """The bytes of one .bpmn, .dmn or .form, kept once per content."""

    __tablename__ = "definition_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Definition(Base):
    """A version of a family: `manifest` maps 'family/name.bpmn' -> sha256, with all it calls."""

    __tablename__ = "definition"

    id: Mapped[bigint_pk]
    family: Mapped[str]
    number: Mapped[int]
    sha256: Mapped[str]
    manifest: Mapped[json_object]
    state: Mapped[DefinitionState] = mapped_column(default=DefinitionState.PUBLISHED)
    comment: Mapped[str] = mapped_column(default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    published_at: Mapped[created_at]
    __table_args__ = (UniqueConstraint("family", "number"),)


class DraftState(StrEnum):
    """Life of a draft: edited, sent for review, then published or sent back."""

    EDITING = "editing"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class DefinitionDraft(Base):
    """An analyst's change to a family: `changes` maps file name -> sha256 (None: removed)."""

    __tablename__ = "definition_draft"

    id: Mapped[bigint_pk]
    family: Mapped[str]
    base_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("worker.id"))
    changes: Mapped[json_object]
    state: Mapped[DraftState] = mapped_column(default=DraftState.EDITING)
    comment: Mapped[str] = mapped_column(default="")
    review_comment: Mapped[str] = mapped_column(default="")
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    published_id: Mapped[int | None] = mapped_column(ForeignKey("definition.id"))
    rev: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[created_at]
    updated_at: Mapped[datetime]
    __table_args__ = (Index(None, "family", "state"),)


def put_file(session: Session, sha256: str, body: bytes) -> None:
    """Keep a file once."""
    session.execute(insert(DefinitionFile).values(sha256=sha256, body=body).on_conflict_do_nothing())


def files_of(session: Session, manifest: dict[str, str]) -> dict[str, bytes]:
    """File name -> bytes, for a manifest."""
    rows = session.execute(
        select(DefinitionFile.sha256, DefinitionFile.body).where(DefinitionFile.sha256.in_(set(manifest.values())))
    )
    bodies = dict(rows.all())
    return {name: bytes(bodies[sha]) for name, sha in manifest.items()}


def latest(session: Session, family: str) -> Definition | None:
    """The newest published version of a family."""
    return session.scalar(
        select(Definition)
        .where(Definition.family == family, Definition.state == DefinitionState.PUBLISHED)
        .order_by(Definition.number.desc())
        .limit(1)
    )


def next_number(session: Session, family: str) -> int:
    """1 for a new family, else one more than the highest."""
    highest = session.scalar(select(func.max(Definition.number)).where(Definition.family == family))
    return (highest or 0) + 1
