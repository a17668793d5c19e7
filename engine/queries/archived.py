"""Cases that are in the archive: whoever might have read one is told that it is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.store import folding
from engine.store.archived import ArchivedCase, ArchiveFile
from engine.store.regions import Region

MOST = 20


@dataclass(frozen=True, slots=True)
class Archived:
    """A case that left. `file`: where it is, by the name of the archive's file."""

    case_id: int
    case_no: str
    village: str
    restricted: bool
    closed_at: datetime
    archived_at: datetime
    file: str


def search(session: Session, actor: Actor, text: str) -> Sequence[Archived]:
    """Those with exactly this case number, or of the client with this NIK; newest first."""
    text = text.strip()
    wanted: ColumnElement[bool] = ArchivedCase.case_no == text
    if len(folding.digits(text)) == 16:
        wanted |= ArchivedCase.nik_index == folding.nik_index(folding.digits(text))
    return _found(session, actor, wanted) if any(sign.isdigit() for sign in text) else ()


def find(session: Session, actor: Actor, case_id: int) -> Archived | None:
    """The case of that number, if it is in the archive and the actor may know so."""
    return next(iter(_found(session, actor, ArchivedCase.case_id == case_id)), None)


def _found(session: Session, actor: Actor, wanted: ColumnElement[bool]) -> Sequence[Archived]:
    query = (
        select(
            ArchivedCase.case_id,
            ArchivedCase.case_no,
            Region.name,
            ArchivedCase.restricted,
            ArchivedCase.closed_at,
            ArchiveFile.archived_at,
            ArchiveFile.name,
        )
        .join(ArchiveFile, ArchiveFile.id == ArchivedCase.file_id)
        .join(Region, Region.code == ArchivedCase.village_code)
        .where(wanted, permissions.sees_archived(actor))
        .order_by(ArchivedCase.closed_at.desc())
        .limit(MOST)
    )
    return [Archived(*row) for row in session.execute(query)]
