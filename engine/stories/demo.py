"""The demo's cases: shipped stories told up to a step, some time ago, about other invented people.

The dates in what is typed move along, so that the demo can be loaded on every day.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy.orm import Session

from engine import clock, feel
from engine.stories.script import Step, Story, StoryError, moment, read, unexpecting
from engine.stories.telling import tell

FILE = "demo.yaml"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# Dates long before the story, such as those of birth, stay what they are.
_OLD = timedelta(days=400)


def load_cases(session: Session, workflows: Path) -> int:
    """Tell every story that workflows/demo.yaml names; how many. Raises StoryError."""
    path = workflows / FILE
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []
    for entry in entries or []:
        load_case(session, workflows, entry)
    return len(entries or [])


def load_case(session: Session, workflows: Path, entry: Mapping[str, Any]) -> None:
    """Tell one story as an entry of workflows/demo.yaml asks for it. Raises StoryError."""
    tell(session, _shortened(workflows, entry))


def _shortened(workflows: Path, entry: Mapping[str, Any]) -> Story:
    family, _, name = str(entry["story"]).partition("/")
    story = read(workflows / family / "stories" / f"{name}.yaml")
    steps = [unexpecting(step) for step in story.steps[: int(entry["steps"])]]
    changes = entry.get("answers") or {}
    begun = _ago(str(entry["ago"]))
    steps = [_moved(_about_another(step, changes), story.now, begun - story.now) for step in steps]
    pace = Step(0, "wait", str(entry.get("pace", "PT0S")))
    paced = [each for step in steps for each in (step, pace)][:-1]
    return replace(story, now=begun, steps=tuple(paced))


def _about_another(step: Step, changes: Mapping[str, Any]) -> Step:
    """The report of a story, about another person."""
    answers = step.more.get("answers") or {}
    if not changes or "client_name" not in answers:
        return step
    return replace(step, more={**step.more, "answers": {**answers, **changes}})


def _moved(step: Step, told: datetime, later: timedelta) -> Step:
    """The dates in what is typed and reported, moved by as much as the story is told later."""
    more = {name: _shifted(step.more[name], told, later) for name in ("answers", "facts") if name in step.more}
    return replace(step, more={**step.more, **more})


def _shifted(value: Any, told: datetime, later: timedelta) -> Any:
    if isinstance(value, Mapping):
        return {name: _shifted(inner, told, later) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shifted(inner, told, later) for inner in value]
    text = value.isoformat() if hasattr(value, "isoformat") else value
    if not isinstance(text, str) or not _DATE.fullmatch(text) or moment(text, "date") < told - _OLD:
        return value
    return (moment(text, "date").date() + timedelta(days=later.days)).isoformat()


def _ago(text: str) -> datetime:
    """The moment an ISO 8601 duration before now."""
    environment = feel.Environment(now=clock.now(), timezone=ZoneInfo("UTC"))
    begun = feel.compile(f'now() - duration("{text}")').evaluate({}, environment)
    if not isinstance(begun, feel.DateTime):
        raise StoryError(f"ago: {text} is no duration.")
    return begun.to_python(ZoneInfo("UTC"))
