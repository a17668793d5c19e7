"""A database that goes away under a job: no fault of the job, and no reason to wait for the end of its lease."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.casework import failing, work
from engine.casework.work import JobContext
from engine.store.jobs import Job, JobState
from engine.store.session import make_engine, make_sessions, unit_of_work
from tests import factories
from tests.bpmn import diagrams as d

BODY = d.process(d.start(), d.service("s"), d.end(), d.chain("start", "s", "end"))
CUT = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> :own")


def test_an_attempt_that_the_database_cut_off_does_not_count(committed_db: str) -> None:
    engine, outside = make_engine(committed_db), make_engine(committed_db)
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as session:
        factories.deploy(session, {"p/p.bpmn": BODY})
        factories.start(session, "p")
    cuts: list[int] = []

    def cut_off(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        cuts.append(context.attempt)
        with outside.begin() as connection:
            own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            connection.execute(CUT, {"own": own})
        session.execute(text("SELECT 1"))
        raise AssertionError("the line was cut")

    for _ in range(4):
        assert work.run_job(sessions, {"work": cut_off})
    assert cuts == [1, 1, 1, 1]
    with sessions() as session:
        job = session.scalars(select(Job)).one()
        assert (job.state, job.attempts) == (JobState.READY, 0)
    engine.dispose()
    outside.dispose()


def test_what_could_not_even_be_noted_is_given_back_when_the_database_answers(committed_db: str) -> None:
    engine = make_engine(committed_db)
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as session:
        factories.deploy(session, {"p/p.bpmn": BODY})
        factories.start(session, "p")
    with unit_of_work(sessions) as session:
        claimed = work.store.claim(session, None, 30)
    assert claimed is not None
    failing.owe(*claimed)
    assert work.run_job(sessions, {"work": lambda *_: {}}), "in the same breath as the next claim"
    assert not work.run_job(sessions, {"work": lambda *_: {}})
    assert failing._owed == []
    with sessions() as session:
        job = session.scalars(select(Job)).one()
        assert (job.state, job.attempts) == (JobState.DONE, 1)
    engine.dispose()
