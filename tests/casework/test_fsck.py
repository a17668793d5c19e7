"""The checker of promises: silent while they are kept, and naming each row that breaks one."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from engine.casework import fsck
from engine.store.session import Sessions, make_engine, make_sessions, unit_of_work
from tests import factories
from tests.bpmn import diagrams as d

DIAGRAM = d.process(
    d.start(),
    d.service("Ask", "ask-provider"),
    d.user("Go", d.z("assignmentDefinition", candidateGroups="tksk")),
    d.end(),
    d.flow("start", "Ask"),
    d.flow("Ask", "Go"),
    d.flow("Go", "end"),
)


@pytest.fixture
def sessions(committed_db: str) -> Iterator[Sessions]:
    """A database with one instance that waits for a job."""
    engine = make_engine(committed_db)
    made = make_sessions(engine)
    with unit_of_work(made) as session:
        factories.deploy(session, {"p/p.bpmn": DIAGRAM})
        factories.start(session, "p", {})
    yield made
    engine.dispose()


@pytest.fixture
def broken(sessions: Sessions) -> Callable[[str], list[str]]:
    """Damages rows with a statement; the rules that the checker then finds broken."""

    def damage(statement: str) -> list[str]:
        with unit_of_work(sessions) as session:
            session.execute(text(statement))
        with sessions() as session:
            return [breach.rule for breach in fsck.check(session)]

    return damage


def test_all_is_well_at_first(sessions: Sessions) -> None:
    with sessions() as session:
        assert fsck.check(session) == []
        assert fsck.instances(session) == 1


@pytest.mark.parametrize(
    ("statement", "rules"),
    [
        ("UPDATE job SET due_at = now() - interval '2 minutes'", ["job_late"]),
        ("UPDATE job SET state = 'running', lease_until = now() - interval '2 minutes'", ["lease_forgotten"]),
        ("UPDATE job SET state = 'dead'", ["dead_without_incident", "nothing_to_wait_for"]),
        ("UPDATE job SET state = 'done'", ["nothing_to_wait_for", "wait_without_row"]),
        (r"UPDATE process_instance SET body = '\x00ff'", ["state_unreadable"]),
    ],
)
def test_damage_is_found(broken: Callable[[str], list[str]], statement: str, rules: list[str]) -> None:
    assert broken(statement) == rules
