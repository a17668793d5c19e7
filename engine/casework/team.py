"""Sharing out work: give several tasks to one worker, with an honest answer for each."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.casework import tasks
from engine.errors import EngineError


@dataclass(frozen=True, slots=True)
class Given:
    """What became of one task. `code`: empty when it was given, else the error's code."""

    task_id: int
    code: str = ""

    @property
    def ok(self) -> bool:
        """Whether the worker has the task now."""
        return not self.code


def assign_all(session: Session, actor: Actor, task_ids: Iterable[int], worker_id: int) -> list[Given]:
    """Give each task to the worker; one that cannot be given does not hold up the others. Raises Forbidden."""
    permissions.check_may_assign(actor)
    return [_give(session, actor, task_id, worker_id) for task_id in dict.fromkeys(task_ids)]


def _give(session: Session, actor: Actor, task_id: int, worker_id: int) -> Given:
    try:
        with session.begin_nested():
            tasks.assign(session, actor, task_id, worker_id)
    except EngineError as error:
        return Given(task_id, error.code)
    return Given(task_id)
