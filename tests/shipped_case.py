"""Cases of the shipped processes in the demo's office: stories told up to a step, about other invented people."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.settings import PROJECT
from engine.store.cases import Case
from engine.store.tasks import Task, TaskState
from engine.stories.script import Step, read
from engine.stories.telling import tell

AGO = timedelta(days=3)


def told(session: Session, story: str, steps: int, **changes: Any) -> int:
    """Tell the first steps of a story (family/name) as if they happened three days ago; the id of its newest task.

    `changes`: other answers in its first report.
    """
    family, _, name = story.partition("/")
    whole = read(PROJECT / "workflows" / family / "stories" / f"{name}.yaml")
    kept = [_step(step, changes) for step in whole.steps[:steps]]
    tell(session, replace(whole, now=clock.now() - AGO, steps=tuple(kept)))
    return session.scalars(select(Task.id).order_by(Task.id.desc())).first() or 0


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
