"""Backups: taken while people work, restored whole or not at all, and harmless to whoever is ahead of them."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import func, make_url, select, text
from sqlalchemy.orm import Session

from engine import jobs
from engine.casework import fsck, work
from engine.casework.work import JobContext
from engine.jobs import Bell
from engine.serve.backup import manifest_of
from engine.settings import Keys
from engine.store import audit
from engine.store import jobs as job_rows
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job
from engine.store.session import Sessions, unit_of_work
from engine.worker import Stop
from engine.worker import work as work_until
from tests import factories
from tests.bpmn import diagrams as d
from tests.faults.running import until
from tests.platform.running import Run, opened

ASKING = d.process(d.start(), d.service("ask", "ask-provider"), d.end(), d.chain("start", "ask", "end"))
VISITING = d.process(
    d.start(), d.user("visit", d.z("assignmentDefinition", candidateGroups="tksk")), d.end(),
    d.chain("start", "visit", "end"), id="q",
)  # fmt: skip


@pytest.fixture
def sessions(run: Run, committed_db: str) -> Iterator[Sessions]:
    """The database that is backed up, with two small families."""
    with opened(committed_db) as sessions:
        with unit_of_work(sessions) as session:
            factories.places(session)
            factories.deploy(session, {"p/p.bpmn": ASKING, "q/q.bpmn": VISITING})
        yield sessions


@pytest.fixture
def restore(run: Run, empty_db: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`pilar restore` into an empty database; what it printed."""

    def call(file: Path, *, code: int = 0, into: str = empty_db) -> str:
        with monkeypatch.context() as patch:
            patch.setenv("DATABASE_URL", into)
            return run("restore", str(file), code=code)

    return call


class Outside:
    """A receiver that knows a repeat by its key."""

    def __init__(self) -> None:
        self.effects: dict[str, int] = {}

    def ask(self, session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        self.effects.setdefault(context.effect_key, context.instance_id)
        return {"place": 3}


def begin(sessions: Sessions, process_id: str) -> int:
    with unit_of_work(sessions) as session:
        instance = factories.start(session, process_id).id
        audit.append(session, None, "read", "case", instance)
        return instance


def is_completed(sessions: Sessions, instance: int) -> bool:
    with sessions() as session:
        row = session.get(ProcessInstance, instance)
        return row is not None and row.state is InstanceState.COMPLETED


def clean(sessions: Sessions) -> bool:
    with sessions() as session:
        return fsck.check(session) == []


def test_a_backup_taken_while_people_work_is_of_one_moment(
    run: Run, sessions: Sessions, restore: Callable[..., str], empty_db: str, tmp_path: Path
) -> None:
    over, begun = threading.Event(), list[int]()

    def write() -> None:
        while not over.is_set():
            begun.append(begin(sessions, "q"))

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        until(lambda: len(begun) > 10)
        said = run("backup", str(tmp_path / "a.dump"))
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert "The keys are not in it" in said
    assert "0 broken promises" in restore(tmp_path / "a.dump")
    with opened(empty_db) as restored, restored() as session:
        count = session.scalar(select(func.count()).select_from(ProcessInstance)) or 0
        logged = session.scalar(select(func.count()).select_from(audit.AccessLog))
        assert (10 < count < len(begun), logged) == (True, count), "each instance with its row of the log"


def test_a_restored_case_goes_on_by_itself(
    run: Run, sessions: Sessions, restore: Callable[..., str], empty_db: str, tmp_path: Path
) -> None:
    """One job waits, one was under way: a worker that is gone held it when the backup was taken."""
    waiting, under_way = begin(sessions, "p"), begin(sessions, "p")
    with unit_of_work(sessions) as session:
        held = session.scalars(select(Job.id).where(Job.instance_id == under_way)).one()
        assert job_rows.claim(session, held, 1)
    run("backup", str(tmp_path))
    (file,) = tmp_path.glob("pilar-*.dump")
    assert (file.stat().st_mode & 0o077, list(tmp_path.glob("*.part*"))) == (0, [])
    assert "0 broken promises" in restore(file)
    outside = Outside()
    with opened(empty_db) as restored:

        def both_done() -> bool:
            work.sweep(restored)
            while work.run_job(restored, {"ask-provider": outside.ask}):
                pass
            return is_completed(restored, waiting) and is_completed(restored, under_way)

        until(both_done)
        assert sorted(outside.effects.values()) == [waiting, under_way]
        assert clean(restored)


def test_an_older_moment_does_no_harm_where_bells_and_the_outside_are_ahead(
    run: Run, sessions: Sessions, restore: Callable[..., str], empty_db: str, tmp_path: Path, valkey: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """What the outside knows is not done twice, and nothing new is taken for it: numbers are not given out again."""
    monkeypatch.setenv("REDIS_URL", valkey)
    outside = Outside()
    known = begin(sessions, "p")
    run("backup", str(tmp_path / "a.dump"))
    lost = begin(sessions, "p")
    while work.run_job(sessions, {"ask-provider": outside.ask}):
        pass
    assert sorted(outside.effects.values()) == [known, lost]
    bell = Bell(valkey)
    bell.ring(range(1, 20))
    restore(tmp_path / "a.dump")
    with redis.Redis.from_url(valkey) as client:
        assert client.llen(f"rq:queue:{jobs.QUEUE}") == 0
    bell.ring(range(1, 20))  # by a process that knows nothing of it
    with opened(empty_db) as restored:
        new = begin(restored, "p")
        stop = Stop()
        operations = {"ask-provider": outside.ask}
        worker = threading.Thread(
            target=work_until, args=(lambda job_id: work.run_job(restored, operations, job_id), stop, valkey)
        )
        worker.start()
        try:
            until(lambda: is_completed(restored, known) and is_completed(restored, new))
        finally:
            stop.request()
            worker.join()
        assert new > lost, "or the lost one's number would mean another"
        assert sorted(outside.effects.values()) == [known, lost, new], "one effect each, also for what is new"
        assert clean(restored)


def test_numbers_are_skipped_also_after_a_recovery_by_other_means(run: Run, sessions: Sessions) -> None:
    before = begin(sessions, "q")
    with unit_of_work(sessions) as session:
        session.execute(text("INSERT INTO case_counter VALUES ('99', 2025, 7), ('99', 2026, 7)"))
    assert "0 broken promises" in run("after-recovery")
    assert begin(sessions, "q") > before + 100_000
    with sessions() as session:
        assert session.execute(text("SELECT last FROM case_counter ORDER BY year")).scalars().all() == [7, 107]


def test_a_log_whose_end_was_cut_off_is_found(
    run: Run, sessions: Sessions, restore: Callable[..., str], tmp_path: Path
) -> None:
    begin(sessions, "q")
    run("backup", str(tmp_path / "a.dump"))
    manifest = manifest_of(tmp_path / "a.dump")
    said = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(said | {"access_log": [said["access_log"][0] + 1, "00"]}))
    assert "access_log_changed" in restore(tmp_path / "a.dump", code=1)


def _broken(file: Path) -> None:
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(body)


def _shortened(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _said(**other: object) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        manifest_of(file).write_text(json.dumps(json.loads(manifest_of(file).read_text()) | other))

    return change


@pytest.mark.parametrize(
    ("harm", "words", "advice"),
    [
        (_broken, "is not what was backed up", "another copy"),
        (_shortened, "is not what was backed up", "another copy"),
        (lambda file: file.unlink(), "There is no file", "name the dump"),
        (lambda file: manifest_of(file).unlink(), "There is no", "beside it"),
        (lambda file: manifest_of(file).write_text("[]"), "no manifest", "another copy"),
        (_said(format=9), "of format 9", "the Pilar that made it"),
        (_said(migration="9999"), "stands at migration 9999", "or with a newer one"),
        (_said(dumped_by=999), "no pg_restore of version 999", "install PostgreSQL's client programs"),
        (_said(rows={"job": 5}), "Rows are missing or too many: job 0 of 5", "into a new one"),
    ],
)
def test_what_is_not_right_is_said_with_what_to_do(
    run: Run, restore: Callable[..., str], tmp_path: Path, harm: Callable[[Path], object], words: str, advice: str
) -> None:
    run("backup", str(tmp_path / "a.dump"))
    harm(tmp_path / "a.dump")
    said = restore(tmp_path / "a.dump", code=1)
    assert (words in said, advice in said) == (True, True), said


def test_a_database_that_holds_something_is_left_alone(
    run: Run, restore: Callable[..., str], tmp_path: Path, committed_db: str
) -> None:
    run("backup", str(tmp_path / "a.dump"))
    said = restore(tmp_path / "a.dump", code=1, into=committed_db)
    assert ("is not empty" in said, "createdb" in said) == (True, True)
    assert "exists" in run("backup", str(tmp_path / "a.dump"), code=1), "nor is a backup written over"


def test_another_key_is_refused_before_anything_is_restored(
    run: Run, restore: Callable[..., str], tmp_path: Path, empty_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", str(tmp_path / "a.dump"))
    Keys.create(tmp_path / "others")
    monkeypatch.setenv("PILAR_KEYS", str(tmp_path / "others"))
    assert "The key file does not hold the backup's keys: 1, lookup" in restore(tmp_path / "a.dump", code=1)
    with opened(empty_db) as target, target() as session:
        assert session.scalar(text("SELECT to_regclass('job')")) is None


def test_a_database_on_several_hosts_is_backed_up_from_the_one_that_answers(
    run: Run, tmp_path: Path, committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(committed_db)
    hosts = f"host=127.0.0.1:1&host=127.0.0.1:{url.port}&target_session_attrs=read-write"
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{url.username}:{url.password}@/{url.database}?{hosts}")
    assert "The keys are not in it" in run("backup", str(tmp_path / "a.dump"))


def test_a_database_without_pilar_is_not_backed_up(
    run: Run, tmp_path: Path, empty_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_db)
    assert "holds no Pilar" in run("backup", str(tmp_path / "a.dump"), code=1)
    assert "There is no folder" in run("backup", str(tmp_path / "none" / "a.dump"), code=1)
    assert list(tmp_path.glob("*.dump*")) == []
