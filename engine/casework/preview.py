"""What would happen if: a task completed on a copy of its instance, and what would open next. Nothing is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn import Instance
from engine.bpmn.model import JobWait, MessageWait, TimerWait, UserTaskWait
from engine.casework import definitions, step
from engine.casework.rules import runtime
from engine.errors import EngineError
from engine.store.tasks import Task

_STANDING = ("intermediateCatchEvent", "receiveTask")


@dataclass(frozen=True, slots=True)
class Opens:
    """One thing that would wait next. `kind`: task, job (Pilar works), message or timer (the case waits)."""

    kind: str
    name: str
    name_en: str
    groups: Sequence[str] = ()
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one choice would lead to. `has_ended`: nothing would be left to do in the process."""

    value: str
    opens: Sequence[Opens]
    has_ended: bool


def outcomes(session: Session, task: Task, key: str, values: Iterable[str]) -> dict[str, Outcome]:
    """The outcome of each value of the fact `key`, all else unanswered; choices that cannot be tried are left out.

    The caller has checked that the actor may see the task.
    """
    try:
        loaded = step.load(session, task.instance_id)
    except EngineError:
        return {}
    body = bytes(loaded.row.body or b"")
    names = definitions.element_names(session, loaded.definition.id)
    standing = _standing(loaded)
    found = {}
    for value in values:
        try:
            advance = Instance.load(loaded.compiled, body).complete_task(task.wait_id, {key: value}, runtime(session))
        except EngineError:
            continue
        if not advance.incidents:
            opens = [one for wait in advance.opened if (one := _opens(wait, names, standing))]
            found[value] = Outcome(value, opens, advance.ended is not None)
    return found


def _standing(loaded: step.Loaded) -> set[str]:
    """Elements at which the case itself stands still; boundary events only watch over other work."""
    compiled = loaded.compiled
    return {
        element.id
        for process_id in compiled.processes
        for element in compiled.elements(process_id)
        if element.type in _STANDING
    }


def _opens(wait: Any, names: Mapping[str, tuple[str, str]], standing: set[str]) -> Opens | None:
    name, name_en = names.get(wait.element_id, ("", ""))
    if isinstance(wait, UserTaskWait):
        return Opens("task", wait.name, wait.name_en or wait.name, wait.candidate_groups, wait.due_at)
    if isinstance(wait, JobWait):
        return Opens("job", name, name_en) if name else None
    if wait.element_id not in standing or not name:
        return None
    if isinstance(wait, MessageWait):
        return Opens("message", name, name_en)
    return Opens("timer", name, name_en, due_at=wait.due_at) if isinstance(wait, TimerWait) else None
