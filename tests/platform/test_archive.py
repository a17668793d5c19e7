"""`pilar archive`: closed cases leave when their time is over, whole and once, whatever happens meanwhile."""

import json
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import archive_file, archiving, fsck, retention
from engine.casework.retention import Place
from engine.errors import Conflict, EngineError, Forbidden
from engine.settings import PROJECT, Keys
from engine.store import archived, audit, case_rows
from engine.store.archived import ArchivedCase, ArchiveFile
from engine.store.audit import AccessLog
from engine.store.base import Base
from engine.store.cases import Case
from engine.store.people import Person
from engine.store.session import Sessions, unit_of_work
from tests import factories
from tests.casework.closed_cases import LONG_AGO, NOW, TABLES, closed, everywhere, office, rows
from tests.faults.running import until
from tests.platform.running import Run, opened

BY = ("--by", "admin01")
Archive = Callable[..., str]


@pytest.fixture
def sessions(run: Run, committed_db: str) -> Iterator[Sessions]:
    with opened(committed_db) as sessions:
        with unit_of_work(sessions) as session:
            office(session)
        yield sessions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "archive").mkdir()
    return tmp_path / "archive"


def some(sessions: Sessions, *names: str, **options: object) -> list[str]:
    """Closed cases long past their time; their numbers."""
    with unit_of_work(sessions) as session:
        return [closed(session, name, **options).case_no for name in names]  # type: ignore[arg-type]


def in_database(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Case.case_no).order_by(Case.id)))


def in_archive(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(ArchivedCase.case_no).order_by(ArchivedCase.case_id)))


def broken(sessions: Sessions) -> list[fsck.Breach]:
    with sessions() as session:
        return fsck.check(session)


def admin(sessions: Sessions) -> Actor:
    with sessions() as session:
        return factories_actor(session, "admin01")


def factories_actor(session: Session, username: str) -> Actor:
    from engine.store.workers import by_username

    worker = by_username(session, username)
    assert worker is not None
    return worker.actor()


def test_a_case_comes_back_as_it_was(run: Run, sessions: Sessions, folder: Path) -> None:
    with unit_of_work(sessions) as session:
        case = closed(session)
        everywhere(session, case)
        case_no = case.case_no
    before = rows(sessions)
    assert [name for name in TABLES if not before[name]] == [], "a row in every table, or nothing is tested of it"

    assert "1 cases may go" in run("archive", str(folder), *BY, "--dry-run")
    assert rows(sessions) == before
    assert "1 cases archived" in run("archive", str(folder), *BY)
    with sessions() as session:
        assert case_rows.read(session, 1) == []
    left = {name for name, found in rows(sessions).items() if found}
    assert left == {"history"}, "what is of no case"
    assert (in_archive(sessions), broken(sessions)) == ([case_no], [])
    assert "can be read" in run("archive-check", str(folder), *BY)
    assert "0 cases archived" in run("archive", str(folder), *BY)

    run("unarchive", str(folder), case_no, *BY, "--reason", "Diminta pengadilan")
    after = rows(sessions)
    holds = set(after.pop("case_hold")) - set(before.pop("case_hold"))
    assert after == before
    assert (len(holds), in_archive(sessions), broken(sessions)) == (1, [], [])
    assert "0 cases archived" in run("archive", str(folder), *BY), "it is held until somebody lets go of it"
    run("hold", case_no, *BY, "--reason", "Selesai", "--release")
    assert "1 cases archived" in run("archive", str(folder), *BY)
    with sessions() as session:
        logged = session.execute(
            select(AccessLog.action, AccessLog.case_id, AccessLog.actor_id).order_by(AccessLog.id)
        ).all()
        actor = factories_actor(session, "admin01")
        assert audit.first_break(session) is None
    acts = ["archive", "unarchive", "release", "archive"]
    assert [tuple(row) for row in logged if row.action in acts] == [(act, 1, actor.id) for act in acts]


def test_what_must_stay_stays_and_says_why(run: Run, sessions: Sessions, folder: Path) -> None:
    with unit_of_work(sessions) as session:
        closed(session, "Baru Contoh", at=NOW - timedelta(days=4 * 366))
        closed(session, "Anak Contoh", born=LONG_AGO.date() - timedelta(days=365 * 10))
        hidden = closed(session, "Rahasia Contoh", born=None)
        hidden.restricted = True
        waiting = closed(session, "Menunggu Contoh")
        everywhere(session, waiting)
        session.execute(text("UPDATE outbox SET state = 'pending'"))
        again = closed(session, "Lagi Contoh")
        still = closed(session, "Masih Contoh")
        still.client_id, still.closed_at, still.status = again.client_id, None, "monitoring"
        flooded = closed(session, "Banjir Contoh")
        flooded.event_no = "B-1"
        session.execute(
            text("INSERT INTO disaster_event (event_no, kind, region_code, status, opened_at) "
                 "VALUES ('B-1', 'flood', '99.01', 'active', now())")
        )  # fmt: skip
        held, goes = closed(session, "Sengketa Contoh").case_no, closed(session, "Tua Contoh").case_no
    run("hold", held, *BY, "--reason", "Perkara 12")
    said = run("archive", str(folder), *BY, "--dry-run")
    assert "1 cases may go" in said
    assert [line.split()[0] for line in said.splitlines()[1:-1]] == ["1", "2", "1", "1", "1"], said
    before = in_database(sessions)
    assert "1 cases archived" in run("archive", str(folder), *BY)
    assert (in_database(sessions), in_archive(sessions)) == ([no for no in before if no != goes], [goes])
    assert broken(sessions) == []


def test_who_was_a_child_is_waited_for(sessions: Sessions) -> None:
    """Seventeen then and 23 by now: over. Seventeen then and 22: not yet."""
    years = timedelta(days=365.25)
    with unit_of_work(sessions) as session:
        closed(session, "Dewasa Contoh", born=(NOW - 23.1 * years).date())
        closed(session, "Muda Contoh", born=(NOW - 22.9 * years).date())
        found = retention.counted(session, factories_actor(session, "admin01"))
    assert found == {"may_go": 1, "child": 1}


def test_only_an_administrator_archives(run: Run, sessions: Sessions, folder: Path) -> None:
    (case_no,) = some(sessions, "Rukmini Contoh")
    why = ("--reason", "x")
    for words in (
        ("archive", str(folder)),
        ("archive", str(folder), "--dry-run"),
        ("archive-check", str(folder)),
        ("hold", case_no, *why),
        ("unarchive", str(folder), case_no, *why),
    ):
        assert "administration is not open to you" in run(*words, "--by", "tksk0", code=1)
    assert in_database(sessions) == [case_no]


def test_killed_between_writing_and_deleting_nothing_is_lost(
    run: Run, sessions: Sessions, folder: Path, committed_db: str
) -> None:
    """The run waits for the log's lock, with the file written and the rows deleted but not committed, and is killed."""
    some(sessions, "Satu Contoh", "Dua Contoh")
    before = rows(sessions)
    command = [sys.executable, "-m", "engine.cli", "archive", str(folder), *BY]
    with sessions() as holder:
        holder.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": audit._CHAIN_LOCK})
        process = subprocess.Popen(command, cwd=PROJECT, env=dict(os.environ), stdout=subprocess.DEVNULL)
        try:
            until(lambda: _waits_for_the_log(sessions), 60)
            (draft,) = folder.iterdir()
            process.send_signal(signal.SIGKILL)
        finally:
            process.kill()
            process.wait()
    assert draft.name.endswith(archive_file.PART)
    until(lambda: not _anybody_archives(sessions), 60)
    assert (rows(sessions), in_archive(sessions)) == (before, [])
    said = run("archive", str(folder), *BY)
    assert ("removed, its cases are in the database" in said, "2 cases archived" in said) == (True, True), said
    assert (in_database(sessions), len(in_archive(sessions)), broken(sessions)) == ([], 2, [])
    assert [path.suffix for path in folder.iterdir()] == [".tar"]


def _waits_for_the_log(sessions: Sessions) -> bool:
    with sessions() as session:
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(session.scalar(waiting))


def _anybody_archives(sessions: Sessions) -> bool:
    with sessions() as session:
        held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key")
        return bool(session.scalar(held, {"key": archived._LOCK}))


def test_killed_behind_the_commit_the_file_gets_its_name(run: Run, sessions: Sessions, folder: Path) -> None:
    some(sessions, "Satu Contoh")
    run("archive", str(folder), *BY)
    (file,) = folder.iterdir()
    file.rename(archive_file.part(file))
    assert "was finished by a run" in run("archive", str(folder), *BY)
    assert [path.name for path in folder.iterdir()] == [file.name]


def test_rows_that_come_while_the_file_is_written_are_not_lost(
    sessions: Sessions, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody changes a row between the writing of the file and the deletion: nothing is archived then."""
    some(sessions, "Satu Contoh")
    close = archive_file.Writer.close

    def late(writer: archive_file.Writer) -> tuple[int, str]:
        with unit_of_work(sessions) as other:
            other.execute(text("UPDATE note SET created_at = now()"))
        return close(writer)

    monkeypatch.setattr(archive_file.Writer, "close", late)
    with pytest.raises(Conflict, match="changed while"):
        archiving.archive_some(sessions, admin(sessions), folder, "0009", Place(), 10)
    assert (len(in_database(sessions)), in_archive(sessions), list(folder.iterdir())) == (1, [], [])
    monkeypatch.undo()
    assert archiving.archive_some(sessions, admin(sessions), folder, "0009", Place(), 10) is not None


def test_a_run_works_in_batches_of_one_year_and_goes_on(
    run: Run, sessions: Sessions, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    year = LONG_AGO.replace(month=6, day=1)
    with unit_of_work(sessions) as session:
        for number in range(3):
            closed(session, f"Lama{number} Contoh", at=year - timedelta(days=366))
        closed(session, "Baru Contoh", at=year)
    assert "2 cases archived" in run("archive", str(folder), *BY, "--most", "2")
    assert "2 cases archived" in run("archive", str(folder), *BY, "--batch", "3")
    assert [path.name[:12] for path in sorted(folder.iterdir())] == [
        f"archive-{year.year - 1}",
        f"archive-{year.year - 1}",
        f"archive-{year.year}",
    ]
    with sessions() as session:
        assert list(session.scalars(select(ArchiveFile.cases).order_by(ArchiveFile.id))) == [2, 1, 1]


def test_a_large_file_ends_early(sessions: Sessions, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = some(sessions, "Satu Contoh", "Dua Contoh")
    monkeypatch.setattr(archiving, "MOST_BYTES", 10)
    batch = archiving.archive_some(sessions, admin(sessions), folder, "0009", Place(), 10)
    assert batch is not None
    assert (list(batch.cases), in_database(sessions), broken(sessions)) == (numbers[:1], numbers[1:], [])


def test_people_stay_as_long_as_a_case_needs_them(run: Run, sessions: Sessions, folder: Path) -> None:
    with unit_of_work(sessions) as session:
        first, second = closed(session, "Ibu Contoh"), closed(session, "Ibu Contoh Lagi")
        second.client_id, second.household_id = first.client_id, first.household_id
        person, number = first.client_id, first.case_no
    before = {name: found for name, found in rows(sessions).items() if name.startswith(("person", "household"))}
    run("archive", str(folder), *BY, "--most", "1")
    with sessions() as session:
        assert session.get(Person, person) is not None
    run("archive", str(folder), *BY)
    with sessions() as session:
        assert session.get(Person, person) is None
    run("unarchive", str(folder), number, *BY, "--reason", "Diminta")
    after = rows(sessions)
    assert all(set(after[name]) <= set(before[name]) and after[name] for name in before)
    assert in_database(sessions) == [number]


def test_a_damaged_or_missing_file_is_found_and_brings_nothing_back(run: Run, sessions: Sessions, folder: Path) -> None:
    (case_no,) = some(sessions, "Satu Contoh")
    run("archive", str(folder), *BY)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    with sessions() as session:
        place = session.scalars(select(ArchivedCase.place)).one()
    file.write_bytes(whole[: place + 40] + bytes([whole[place + 40] ^ 1]) + whole[place + 41 :])
    assert "2 to mend" in run("archive-check", str(folder), *BY, code=1)
    assert "not what was written" in run("unarchive", str(folder), case_no, *BY, "--reason", "x", code=1)
    assert (in_database(sessions), in_archive(sessions)) == ([], [case_no])
    file.unlink()
    assert f"{file.name} is not there" in run("archive-check", str(folder), *BY, code=1)
    file.write_bytes(whole)
    run("unarchive", str(folder), case_no, *BY, "--reason", "x")
    assert in_database(sessions) == [case_no]


def test_without_its_key_a_case_stays_closed(
    run: Run, sessions: Sessions, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case_no,) = some(sessions, "Satu Contoh")
    run("archive", str(folder), *BY)
    Keys.create(tmp_path / "others")
    with monkeypatch.context() as patch:
        patch.setenv("PILAR_KEYS", str(tmp_path / "others"))
        assert "cannot be opened" in run("unarchive", str(folder), case_no, *BY, "--reason", "x", code=1)


def test_a_file_tells_what_it_is_and_nobodys_name(run: Run, sessions: Sessions, folder: Path) -> None:
    (case_no,) = some(sessions, "Zulaikha Contoh")
    run("archive", str(folder), *BY)
    (file,) = folder.iterdir()
    assert (b"Zulaikha" in file.read_bytes(), file.stat().st_mode & 0o077) == (False, 0)
    with tarfile.open(file) as tar:
        assert tar.getnames() == ["README", f"cases/{case_no}", "manifest.json"]
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert [one["case_no"] for one in manifest["cases"]] == [case_no]


def test_a_file_that_the_database_does_not_know_is_left_alone(run: Run, sessions: Sessions, folder: Path) -> None:
    some(sessions, "Satu Contoh")
    other = folder / "archive-2019-000999.tar"
    other.write_bytes(b"of a later moment")
    assert "is not known to this database" in run("archive", str(folder), *BY)
    assert other.read_bytes() == b"of a later moment"
    with pytest.raises(EngineError, match="exists"):
        archive_file.Writer(other, "0009", NOW)


def test_every_table_that_refers_to_a_case_goes_with_it() -> None:
    """A new table that refers to what leaves has to leave too, or be named here with its reason."""
    stays = {("disaster_event", "process_instance")}  # cases with one are not archived
    refers = {
        (table.name, key.column.table.name)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in TABLES
    }
    assert {(table, to) for table, to in refers if table not in TABLES} == stays


def test_nobody_archives_without_permission(sessions: Sessions, folder: Path) -> None:
    with unit_of_work(sessions) as session:
        actor = factories.worker(session, "kadis01", "kadis")
    with pytest.raises(Forbidden):
        archiving.archive_some(sessions, actor, folder, "0009", Place(), 1)
    with pytest.raises(Forbidden):
        archiving.settle(sessions, actor, folder)
