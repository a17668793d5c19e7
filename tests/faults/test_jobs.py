"""A case goes on by itself: the worker killed inside a service task, Valkey flushed, killed, or never there."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import func, select, text

from engine.jobs import Bell
from engine.settings import PROJECT
from engine.store.history import History
from engine.store.incidents import Incident
from engine.store.jobs import Job, JobState
from engine.store.session import Sessions, make_engine, make_sessions, unit_of_work
from engine.store.tasks import Task, TaskState
from tests import factories
from tests.bpmn import diagrams as d
from tests.faults.running import until

WITH_JOB = d.process(
    d.start(),
    d.service("Ask", "ask-provider"),
    d.user("Go", d.z("assignmentDefinition", candidateGroups="tksk")),
    d.end(),
    d.flow("start", "Ask"),
    d.flow("Ask", "Go"),
    d.flow("Go", "end"),
)
StartWorker = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def sessions(committed_db: str) -> Iterator[Sessions]:
    """Commands as the web makes them, without a bell: only workers ring here."""
    engine = make_engine(committed_db)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """What the outside saw: a line for each attempt of an effect."""
    return tmp_path / "ledger"


@pytest.fixture
def start_worker(committed_db: str, ledger: Path) -> Iterator[StartWorker]:
    """Starts worker processes and ends them with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(manner: str = "answer", redis_url: str = "") -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.faults.worker_process", committed_db, redis_url, str(ledger), manner]
        started.append(subprocess.Popen(command, cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)}))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def begin(sessions: Sessions, count: int = 1) -> None:
    with unit_of_work(sessions) as session:
        factories.places(session)
        factories.deploy(session, {"p/p.bpmn": WITH_JOB})
        for _ in range(count):
            factories.start(session, "p", {})


def open_tasks(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(Task).where(Task.state == TaskState.OPEN)) or 0


def attempts(ledger: Path) -> list[list[str]]:
    return [line.split() for line in ledger.read_text().splitlines()] if ledger.exists() else []


def test_a_worker_killed_in_a_service_task_leaves_the_case_to_another(
    sessions: Sessions, start_worker: StartWorker, ledger: Path
) -> None:
    begin(sessions)
    first = start_worker("hang")
    until(lambda: len(attempts(ledger)) == 1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert open_tasks(sessions) == 0
    start_worker()
    until(lambda: open_tasks(sessions) == 1)
    (key, one), (again, two) = attempts(ledger)
    assert (key, one, two) == (again, "1", "2")
    _assert_done_once(sessions, count=1)


def test_everything_goes_on_with_no_redis_at_all(sessions: Sessions, start_worker: StartWorker, ledger: Path) -> None:
    start_worker(redis_url="redis://127.0.0.1:1/0")
    begin(sessions, count=5)
    until(lambda: open_tasks(sessions) == 5)
    _assert_done_once(sessions, count=5)


def test_a_flushed_valkey_loses_no_work(
    sessions: Sessions, start_worker: StartWorker, ledger: Path, valkey: str
) -> None:
    start_worker(redis_url=valkey)
    for _ in range(3):
        begin(sessions, count=3)
        with sessions() as session:
            ids = list(session.scalars(select(Job.id).where(Job.state == JobState.READY)))
        Bell(valkey).ring(ids)
        with redis.Redis.from_url(valkey) as client:
            client.flushall()
    until(lambda: open_tasks(sessions) == 9)
    _assert_done_once(sessions, count=9)


def test_a_job_that_kills_every_worker_ends_as_an_incident(
    sessions: Sessions, start_worker: StartWorker, ledger: Path
) -> None:
    begin(sessions)
    with unit_of_work(sessions) as session:
        session.execute(text("UPDATE job SET max_attempts = 2"))
    for number in (1, 2):
        worker = start_worker("hang")
        until(lambda number=number: len(attempts(ledger)) == number)  # type: ignore[misc]
        worker.kill()
        worker.wait()
    start_worker()
    until(lambda: _count_incidents(sessions) == 1)
    assert open_tasks(sessions) == 0


def test_a_worker_asked_to_stop_does_so_within_ten_seconds(start_worker: StartWorker, ledger: Path) -> None:
    worker = start_worker()
    until(ledger.with_suffix(".ready").exists)
    worker.terminate()
    assert worker.wait(10) == 0


def test_a_worker_asked_to_stop_gives_back_what_it_cannot_finish(
    sessions: Sessions, start_worker: StartWorker, ledger: Path
) -> None:
    """At once, not when its lease ends, and the attempt does not count."""
    begin(sessions)
    with unit_of_work(sessions) as session:
        session.execute(text("UPDATE job SET max_attempts = 1"))
    worker = start_worker("hang")
    until(lambda: len(attempts(ledger)) == 1)
    worker.terminate()
    assert worker.wait(10) == 0
    with sessions() as session:
        job = session.scalars(select(Job)).one()
        assert (job.state, job.attempts, job.lease_token) == (JobState.READY, 0, None)
    start_worker()
    until(lambda: open_tasks(sessions) == 1)
    _assert_done_once(sessions, count=1)


def _assert_done_once(sessions: Sessions, count: int) -> None:
    """Each job is done, and history tells of each just once."""
    with sessions() as session:
        states = list(session.scalars(select(Job.state)))
        told = session.scalar(select(func.count()).select_from(History).where(History.kind == "job.done"))
    assert states == [JobState.DONE] * count
    assert told == count


def _count_incidents(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(Incident)) or 0
