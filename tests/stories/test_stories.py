"""Every story of workflows/*/stories, told straight and with save and load between all steps."""

import logging
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from prometheus_client import generate_latest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from engine.bpmn import together
from engine.bpmn.deltas import decode
from engine.bpmn.packing import decompress
from engine.casework import definitions
from engine.settings import PROJECT
from engine.store.base import Base
from engine.store.instances import ProcessInstance
from engine.stories import Stage, Story, Telling, read_folder, tell

STORIES = read_folder(PROJECT / "workflows")
SHORTEST = 5  # shorter words turn up by chance
# The record of people, whose names are searched for, and the directory of agencies.
NAMED = {"person", "partner"}


@pytest.fixture(scope="module")
def straight(office: Engine) -> Callable[[Story], Telling]:
    """What telling a story straight came to; each is told once."""

    by_name = {story.name: story for story in STORIES}

    @cache
    def told(name: str) -> Telling:
        with office.connect() as connection, connection.begin() as outer:
            with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
                telling = tell(session, by_name[name], keep=True)
            outer.rollback()
        return telling

    return lambda story: told(story.name)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_straight(story: Story, straight: Callable[[Story], Telling]) -> None:
    assert straight(story).lines


def test_every_flow_is_walked(office: Engine, straight: Callable[[Story], Telling]) -> None:
    """Every sequence flow of every shipped process is walked by some story."""
    walked = set().union(*(straight(story).flows for story in STORIES))
    assert sorted(all_flows(office) - walked) == []


def all_flows(office: Engine) -> set[tuple[str, str]]:
    """(process, flow) of every process, from the deployed definitions."""
    found = set()
    with Session(office) as session:
        for family in definitions.latest_versions(session):
            compiled = definitions.compiled(session, family.id)
            for process_id in definitions.own_processes(session, family):
                found |= {(process_id, flow) for flow in compiled.flow_ids(process_id)}
    return found


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_with_save_and_load_between_all_steps(
    stage_session: Session, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    """The process knows facts only: nothing that was typed about people is in a state, a row, a log or a figure.

    Answers, notes and addresses are kept encrypted: not even their tables show them.
    """
    caplog.set_level(logging.DEBUG)
    told = tell(stage_session, story, after_step=no_personal_word_in_states)
    for place, said in (*rows(stage_session), ("log", caplog.text), ("metrics", metrics_text())):
        assert_free_of(told.personal, said, place)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_it_is_told_in_both_languages(story: Story) -> None:
    assert all((story.title, story.title_en))
    assert [step.number for step in story.steps if ("note" in step.more) != ("note:en" in step.more)] == []


def no_personal_word_in_states(stage: Stage) -> None:
    query = select(ProcessInstance).where(ProcessInstance.id > stage.first_instance, ProcessInstance.body.is_not(None))
    for row in stage.session.scalars(query):
        found = decode(together(row.body, row.base))
        for part in (found.main, *map(decompress, found.chunks), found.base.contents if found.base else b""):
            assert_free_of(stage.personal, part.decode(errors="replace"))


def rows(session: Session) -> Iterator[tuple[str, str]]:
    """Every table but those of names, with its rows as text: jobs, messages, waits, tasks, history, audit, answers."""
    for table in Base.metadata.sorted_tables:
        if table.name in NAMED:
            continue
        name = session.get_bind().dialect.identifier_preparer.format_table(table)
        yield table.name, "\n".join(session.scalars(text(f"SELECT t::text FROM {name} t")))  # noqa: S608 - our own tables


def metrics_text() -> str:
    return generate_latest().decode()


def assert_free_of(personal: set[str], said: str, place: str = "state") -> None:
    assert not [word for word in personal if len(word) >= SHORTEST and word in said], place
