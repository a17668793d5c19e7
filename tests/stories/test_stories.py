"""Every story of workflows/*/stories, told straight and with save and load between all steps."""

import pytest
from sqlalchemy.orm import Session

from engine.settings import PROJECT
from engine.stories import Story, read_folder, tell

STORIES = read_folder(PROJECT / "workflows")


@pytest.mark.parametrize("keep", [True, False], ids=["straight", "reloaded"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_story(stage_session: Session, story: Story, keep: bool) -> None:
    assert tell(stage_session, story, keep=keep).lines
