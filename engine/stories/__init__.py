"""Stories: cases told as steps and expectations in YAML, carried out with the real commands on a moved clock."""

from engine.stories.script import Step, Story, StoryError, read, read_folder
from engine.stories.stage import Stage
from engine.stories.telling import Telling, tell

__all__ = ["Stage", "Step", "Story", "StoryError", "Telling", "read", "read_folder", "tell"]
