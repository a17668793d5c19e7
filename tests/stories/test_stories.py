"""Every story of workflows/*/stories, told straight and with save and load between all steps."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from engine.bpmn import codec
from engine.bpmn.cold import unpack
from engine.settings import PROJECT
from engine.store.history import History
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job
from engine.store.messages import InboundMessage, Outbox
from engine.store.tasks import Task
from engine.stories import Stage, Story, read_folder, tell

STORIES = read_folder(PROJECT / "workflows")
SHORTEST = 5  # shorter words turn up by chance


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_straight(stage_session: Session, story: Story) -> None:
    assert tell(stage_session, story, keep=True).lines


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_with_save_and_load_between_all_steps(stage_session: Session, story: Story) -> None:
    """The process knows facts only: nothing that was typed about people is in a state or beside it."""
    told = tell(stage_session, story, after_step=no_personal_word_in_states)
    for text in beside_the_states(stage_session):
        assert_free_of(told.personal, text)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_it_is_told_in_both_languages(story: Story) -> None:
    assert all((story.title, story.title_en))
    assert [step.number for step in story.steps if ("note" in step.more) != ("note:en" in step.more)] == []


def no_personal_word_in_states(stage: Stage) -> None:
    query = select(ProcessInstance.body).where(ProcessInstance.id > stage.first_instance)
    for body in stage.session.scalars(query):
        for part in codec._parts(bytes(body)) if body is not None else ():
            assert_free_of(stage.personal, json.dumps(unpack(part), ensure_ascii=False))


def beside_the_states(session: Session) -> Iterator[str]:
    """History, jobs, messages and the local variables of tasks, as text."""
    for column in (History.detail, Job.inputs, Outbox.variables, InboundMessage.variables, Task.local):
        yield from session.scalars(select(cast(column, String)))


def assert_free_of(personal: set[str], text: str) -> None:
    assert not [word for word in personal if len(word) >= SHORTEST and word in text]
