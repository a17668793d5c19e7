"""Tells a story: step by step, with what is due in between, what is expected after each, and a readable trace."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.casework import rules, running, work
from engine.errors import EngineError, InvalidForm
from engine.service_tasks import OPERATIONS
from engine.store.disasters import DutyRoster
from engine.store.history import History
from engine.store.incidents import Incident
from engine.store.instances import ProcessInstance
from engine.store.office import OfficeSetting
from engine.store.workers import by_username
from engine.stories import trace
from engine.stories.deeds import DEEDS
from engine.stories.expectations import check
from engine.stories.script import Step, Story, StoryError, moment
from engine.stories.stage import Stage

MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Telling:
    """How a story went: readable lines, the sequence flows taken (process, flow), and what was typed about people."""

    lines: list[str]
    flows: set[tuple[str, str]]
    personal: set[str]


def tell(
    session: Session,
    story: Story,
    *,
    keep: bool = False,
    after_step: Callable[[Stage], None] | None = None,
    language: str = "id",
    is_watched: bool = True,
) -> Telling:
    """Carry the story out in `session`, whose caller rolls back. `keep`: instances stay in memory between steps.

    `after_step` may look on. `language` is that of the lines: id or en; what is not watched has none, and is quicker
    told. Raises StoryError naming the step that did not go as told.
    """
    stage = Stage(session, story, story.now, language, is_watched)
    if keep:
        session.info[running.KEPT] = {}
    try:
        _prepare(stage)
        for each in story.steps:
            _play(stage, each)
            if after_step is not None:
                after_step(stage)
    finally:
        session.info.pop(running.KEPT, None)
    flows = {(process, element) for kind, element, process, _ in stage.history() if kind == "taken"}
    return Telling(stage.lines, flows, stage.personal)


def _play(stage: Stage, each: Step) -> None:
    """Carry out one step, let what is due run, and check what is expected."""
    try:
        with clock.travel(stage.now):
            DEEDS[each.kind](stage, each)
            if each.kind not in ("wait", "until", "expect"):
                work.run_due(stage.session, OPERATIONS)
        if not stage.is_watched:
            return
        with clock.travel(stage.now):
            _no_incidents(stage)
            trace.write_down(stage, each)
            check(stage, each.expect, stage.case_id(each.more))
    except EngineError as error:
        told = "\n".join(stage.lines[-MOST_LINES:])
        problems = f" {dict(error.messages)}" if isinstance(error, InvalidForm) else ""
        place = f"{stage.story.name}, step {each.number} ({each.kind} {each.subject})"
        raise StoryError(f"{place}: {error} [{error.code}]{problems}\n{told}") from error


def _prepare(stage: Stage) -> None:
    """The office as the story tells it: its settings and its duty roster."""
    session, story = stage.session, stage.story
    stage.first_instance = session.scalar(select(func.max(ProcessInstance.id))) or 0
    stage.first_history = session.scalar(select(func.max(History.id))) or 0
    since = story.now.date() - timedelta(days=1)
    for name, value in story.settings.items():
        session.add(OfficeSetting(name=name, value=value, effective_from=since, created_at=story.now))
    for day in story.roster:
        _put_roster(session, day)
    session.flush()
    rules.forget(session)


def _put_roster(session: Session, day: Mapping[str, Any]) -> None:
    on = moment(day.get("day"), "roster").date()
    for row in session.scalars(select(DutyRoster).where(DutyRoster.on == on, DutyRoster.region_code == day["region"])):
        session.delete(row)
    session.flush()
    for position, name in enumerate(day["workers"], start=1):
        worker = by_username(session, str(name))
        if worker is None:
            raise StoryError(f"roster: there is no worker {name}.")
        session.add(DutyRoster(region_code=str(day["region"]), on=on, position=position, worker_id=worker.id))


def _no_incidents(stage: Stage) -> None:
    """A story never leaves an incident behind."""
    found = stage.session.scalars(select(Incident).where(Incident.instance_id > stage.first_instance)).first()
    if found is not None:
        raise StoryError(f"Incident at {found.element_id}: {found.code} {found.message}")
