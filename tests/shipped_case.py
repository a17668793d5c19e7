"""Cases of the shipped processes in the demo's office: stories told up to a step, about other invented people."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.settings import PROJECT
from engine.store.cases import Case
from engine.store.tasks import Task, TaskState
from engine.stories.script import Step, read
from engine.stories.telling import tell


def told(session: Session, story: str, last: str, **changes: Any) -> None:
    """Tell a story (family/name) up to the step that does `last`; `changes`: other answers in its first report."""
    family, _, name = story.partition("/")
    whole = read(PROJECT / "workflows" / family / "stories" / f"{name}.yaml")
    place = next(place for place, one in enumerate(whole.steps) if one.subject == last and one.kind != "refuse")
    kept = tuple(_step(step, changes) for step in whole.steps[: place + 1])
    tell(session, replace(whole, steps=kept))


def _step(step: Step, changes: Mapping[str, Any]) -> Step:
    more = {key: value for key, value in step.more.items() if key != "expect"}
    if "client_name" in (more.get("answers") or {}):
        more["answers"] = {**more["answers"], **changes}
    return replace(step, more=more)


def newest_case(session: Session) -> Case:
    """The case that was opened last."""
    return session.scalars(select(Case).order_by(Case.id.desc())).first() or Case()


def open_task(session: Session, element_id: str) -> Task:
    """The newest open task at an element."""
    query = select(Task).where(Task.element_id == element_id, Task.state == TaskState.OPEN).order_by(Task.id.desc())
    return session.scalars(query.execution_options(populate_existing=True)).first() or Task()
