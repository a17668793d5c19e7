"""The demo's cases: shipped stories told up to a step, some time ago, about other invented people.

An entry of workflows/demo.yaml says how. A story's waits stay, its moments become waits, and the dates in its answers
move along, so that the demo is as old on every day. After the last step time passes until now.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, feel
from engine.casework import failing
from engine.store.jobs import Job, JobState
from engine.stories.script import MOVES, ZONE, Step, Story, StoryError, moment, read, unexpecting
from engine.stories.telling import tell

FILE = "demo.yaml"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}.*)?")
_LIFE = "birth"  # a date of birth stays what it is
_OLD = timedelta(days=400)  # so do dates long before the story


def load_cases(session: Session, workflows: Path) -> int:
    """Tell every story that workflows/demo.yaml names; how many. Raises StoryError."""
    path = workflows / FILE
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []
    for entry in entries or []:
        load_case(session, workflows, entry)
    return len(entries or [])


def load_case(session: Session, workflows: Path, entry: Mapping[str, Any]) -> None:
    """Tell one story as an entry of workflows/demo.yaml asks for it. Raises StoryError."""
    tell(session, _retold(workflows, entry), is_watched=False)
    if "incident" in entry:
        _stand_still(session, str(entry["incident"]))


def _retold(workflows: Path, entry: Mapping[str, Any]) -> Story:
    family, _, name = str(entry["story"]).partition("/")
    story = read(workflows / family / "stories" / f"{name}.yaml")
    begun = _ago(str(entry["ago"]))
    later = begun - story.now
    steps = [_about_others(step, entry) for step in _until(story, entry) if step.kind in MOVES]
    steps = [_moved(unexpecting(step), story.now, later) for step in _without_moments(story, steps)]
    roster = [{**day, "day": moment(day["day"], "roster") + timedelta(days=later.days)} for day in story.roster]
    claims = [Step(0, "claim", task, {"by": worker}) for task, worker in (entry.get("claim") or {}).items()]
    told = (*_paced(steps, entry), Step(0, "until", clock.now()), *claims)
    return replace(story, now=begun, steps=told, roster=tuple(roster), settings={})


def _until(story: Story, entry: Mapping[str, Any]) -> Sequence[Step]:
    """The first `steps`, or all up to and with the first (or `times`-th) step about `through`."""
    if "steps" in entry:
        return story.steps[: int(entry["steps"])]
    places = [place for place, step in enumerate(story.steps, start=1) if step.subject == entry["through"]]
    times = int(entry.get("times", 1))
    if len(places) < times:
        raise StoryError(f"{story.name} has no step number {times} about {entry['through']}.")
    return story.steps[: places[times - 1]]


def _about_others(step: Step, entry: Mapping[str, Any]) -> Step:
    """The same step by other workers, with other answers: `answers` of the report, `tasks` by their elements."""
    more = dict(step.more)
    workers = entry.get("workers") or {}
    if more.get("by") in workers:
        more["by"] = workers[more["by"]]
    answers = dict(more.get("answers") or {})
    if "client_name" in answers:
        answers |= entry.get("answers") or {}
    answers |= (entry.get("tasks") or {}).get(str(step.subject)) or {}
    if answers:
        more["answers"] = answers
    if step.kind == "message" and step.subject in (entry.get("messages") or {}):
        more["facts"] = {**(more.get("facts") or {}), **entry["messages"][step.subject]}
    return replace(step, more=more)


def _without_moments(story: Story, steps: Sequence[Step]) -> Iterator[Step]:
    """`until` a moment of the story becomes a wait as long as the one that the story tells."""
    before = story.now
    for step in steps:
        if step.kind != "until":
            yield step
            continue
        at = moment(step.subject, "until")
        yield replace(step, kind="wait", subject=f"PT{int((at - before).total_seconds())}S")
        before = at


def _paced(steps: Sequence[Step], entry: Mapping[str, Any]) -> Iterator[Step]:
    """A pause of `pace` between two steps."""
    pause = Step(0, "wait", str(entry.get("pace", "PT0S")))
    for place, step in enumerate(steps):
        if place:
            yield pause
        yield step


def _moved(step: Step, told: datetime, later: timedelta) -> Step:
    """The dates in what is typed and reported, moved by as much as the story is told later."""
    more = {name: _shifted(step.more[name], told, later) for name in ("answers", "facts") if name in step.more}
    return replace(step, more={**step.more, **more})


def _shifted(value: Any, told: datetime, later: timedelta) -> Any:
    if isinstance(value, Mapping):
        return {name: inner if _LIFE in name else _shifted(inner, told, later) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shifted(inner, told, later) for inner in value]
    text = value.isoformat() if hasattr(value, "isoformat") else value
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        return value
    at = moment(text, "date")
    if at < told - _OLD:
        return value
    if "T" not in text:
        return (at.date() + timedelta(days=later.days)).isoformat()
    return (at + later).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def _stand_still(session: Session, element_id: str) -> None:
    """The newest job that waits at an element has used up its attempts: the operator finds an incident."""
    waiting = select(Job).where(Job.element_id == element_id, Job.state == JobState.READY)
    job = session.scalar(waiting.order_by(Job.id.desc()).limit(1))
    if job is None:
        raise StoryError(f"No job waits at {element_id}.")
    job.state = JobState.DEAD
    session.flush()
    failing.raise_incident(session, job.id, "lease_expired")


def _ago(text: str) -> datetime:
    """The moment an ISO 8601 duration before now."""
    environment = feel.Environment(now=clock.now(), timezone=ZoneInfo("UTC"))
    begun = feel.compile(f'now() - duration("{text}")').evaluate({}, environment)
    if not isinstance(begun, feel.DateTime):
        raise StoryError(f"ago: {text} is no duration.")
    return begun.to_python(ZoneInfo("UTC"))
