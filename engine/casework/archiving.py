"""Moving closed cases out of the database into files, and back: durable in the one place before it leaves the other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import Actor
from engine.casework import archive_file, retention
from engine.casework.archive_file import Damaged, Record, Writer
from engine.casework.retention import Due, Place
from engine.errors import Conflict, InvalidForm, NotFound
from engine.permissions import Area
from engine.store import archived, audit, case_rows, partitions
from engine.store.archived import ArchivedCase, ArchiveFile, CaseHold
from engine.store.cases import Case
from engine.store.people import Person
from engine.store.session import Sessions, unit_of_work

MOST_BYTES = 64_000_000
"""A file ends behind the case with which it has become this large."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One file that was written: its name, cases, rows and bytes, and how far the run has come by it."""

    name: str
    cases: Sequence[str]
    rows: int
    bytes: int
    place: Place


@dataclass(frozen=True, slots=True)
class Settled:
    """What earlier runs left in a folder: files that got their names now, drafts that were removed (their cases are in
    the database), and files that this database does not know."""

    finished: Sequence[str]
    removed: Sequence[str]
    unknown: Sequence[str]


def settle(sessions: Sessions, actor: Actor, folder: Path) -> Settled:
    """Bring a folder to what the database says, after a run that was killed. Raises Forbidden, Damaged."""
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    finished, removed = [], []
    with unit_of_work(sessions) as session:
        archived.lock(session)
        known = {row.name: row for row in session.scalars(select(ArchiveFile))}
        for draft in sorted(folder.glob(f"*{archive_file.PART}")):
            row = known.get(draft.name.removesuffix(archive_file.PART))
            if row is None:
                draft.unlink()
                removed.append(draft.name)
                continue
            if archive_file.digest(draft) != row.sha256:
                raise Damaged(f"{draft} is not what was written. Take another copy.")
            archive_file.finish(folder / row.name)
            finished.append(row.name)
    unknown = [path.name for path in sorted(folder.glob("archive-*.tar")) if path.name not in known]
    return Settled(finished, removed, unknown)


def archive_some(
    sessions: Sessions, actor: Actor, folder: Path, migration: str, after: Place, most: int
) -> Batch | None:
    """Move the next cases into a new file, in one transaction; None if there are none.

    The file is on the disk and was read again before a row is deleted; it gets its name when that is committed.
    Raises Forbidden, Conflict (rows changed meanwhile), Damaged (the disk did not keep what was written).
    """
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    with unit_of_work(sessions) as session:
        archived.lock(session)
        due = retention.following(session, after, most)
        if not due:
            return None
        number = archived.next_number(session)
        path = folder / f"archive-{due[0].closed_at.year}-{number:06}.tar"
        try:
            batch = _move(session, actor, Writer(path, migration, clock.now()), number, due)
        except BaseException:
            archive_file.part(path).unlink(missing_ok=True)
            raise
    archive_file.finish(path)
    return batch


def _move(session: Session, actor: Actor, writer: Writer, number: int, due: Sequence[Due]) -> Batch:
    shared = case_rows.lock_shared(session, [one.id for one in due])
    with writer:
        written = _write(session, writer, due)
        size, sha256 = writer.close()
    _read_again(writer, written)
    taken = due[: len(writer.records)]
    ids = [one.id for one in taken]
    name = writer.path.name
    session.add(ArchiveFile(id=number, name=name, archived_by=actor.id, cases=len(ids), bytes=size, sha256=sha256))
    session.flush()
    session.add_all(_stubs(session, ids, number, writer.records))
    session.flush()
    if case_rows.take_away(session, ids) != case_rows.own(written):
        raise Conflict("Rows changed while the file was written; nothing was archived. Begin again.")
    case_rows.take_shared(session, shared)
    audit.append_all(session, actor.id, "archive", "case", ids, reason=name)
    rows = sum(record.rows for record in writer.records)
    return Batch(name, [one.case_no for one in taken], rows, size, Place(taken[-1].closed_at, taken[-1].id))


def _write(session: Session, writer: Writer, due: Sequence[Due]) -> Counter[case_rows.Mark]:
    """Write case after case, until the file is large enough; the marks of all rows that are in it."""
    marks: Counter[case_rows.Mark] = Counter()
    size = 0
    for one in due:
        rows = case_rows.read(session, one.id)
        size += writer.add(one.case_no, rows).length
        marks.update(map(case_rows.mark, rows))
        if size >= MOST_BYTES:
            break
    return marks


def _read_again(writer: Writer, written: Counter[case_rows.Mark]) -> None:
    found: Counter[case_rows.Mark] = Counter()
    for record in writer.records:
        found.update(map(case_rows.mark, _read(archive_file.part(writer.path), record)))
    if found != written:
        raise Damaged(f"{writer.path} does not hold what was written; nothing was archived.")


def _read(path: Path, record: Record) -> list[case_rows.Row]:
    rows = archive_file.read(path, record)
    if len(rows) != record.rows:
        raise Damaged(f"{path}: case {record.case_no} should have {record.rows} rows, not {len(rows)}.")
    return rows


def _stubs(session: Session, ids: Sequence[int], number: int, records: Sequence[Record]) -> Iterator[ArchivedCase]:
    places = {record.case_no: record for record in records}
    query = select(Case, Person.nik_index).join(Person, Person.id == Case.client_id).where(Case.id.in_(ids))
    for case, nik_index in session.execute(query):
        record = places[case.case_no]
        yield ArchivedCase(
            case_id=case.id, case_no=case.case_no, village_code=case.village_code, status=case.status,
            restricted=case.restricted, opened_at=case.opened_at, closed_at=case.closed_at, nik_index=nik_index,
            file_id=number, place=record.place, length=record.length, sha256=record.sha256, rows=record.rows,
        )  # fmt: skip


def drop_empty_years(sessions: Sessions, actor: Actor) -> list[str]:
    """Drop past years of the history of which nothing is left; their names. None while others hold them."""
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    try:
        with unit_of_work(sessions) as session:
            return partitions.drop_empty(session, clock.now())
    except OperationalError:
        return []  # somebody reads it at this moment: the next run drops it


def restore(session: Session, actor: Actor, folder: Path, case_no: str, reason: str) -> int:
    """Bring one case back, row by row as it was; its number. It is held until somebody releases it.

    Raises Forbidden, InvalidForm (no reason), NotFound (not in the archive), Damaged.
    """
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    if not reason.strip():
        raise InvalidForm({"reason": ["required"]})
    archived.lock(session)
    stub = session.scalar(select(ArchivedCase).where(ArchivedCase.case_no == case_no.strip()).with_for_update())
    if stub is None:
        raise NotFound(f"Case {case_no} is not in the archive.")
    file = session.get_one(ArchiveFile, stub.file_id)
    case_rows.put_back(session, _read(folder / file.name, _record(stub)))
    session.delete(stub)
    session.add(CaseHold(case_id=stub.case_id, reason=reason.strip(), placed_by=actor.id))
    audit.append_all(session, actor.id, "unarchive", "case", [stub.case_id], reason=reason.strip())
    return stub.case_id


def check(session: Session, actor: Actor, folder: Path) -> Iterator[str]:
    """What is not right with a folder's files: every file's length and SHA-256, every case opened and counted."""
    permissions.check_may_enter(actor, Area.ADMINISTRATION)
    for file in session.scalars(select(ArchiveFile).order_by(ArchiveFile.id)):
        path = folder / file.name
        if not path.is_file():
            yield f"{file.name} is not there."
            continue
        if (path.stat().st_size, archive_file.digest(path)) != (file.bytes, file.sha256):
            yield f"{file.name} is not what was written."
        for stub in session.scalars(select(ArchivedCase).where(ArchivedCase.file_id == file.id)):
            try:
                _read(path, _record(stub))
            except Damaged as error:
                yield str(error)


def _record(stub: ArchivedCase) -> Record:
    return Record(stub.case_no, stub.place, stub.length, stub.sha256, stub.rows)
