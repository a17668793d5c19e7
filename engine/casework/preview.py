"""What would happen if: a task completed on a copy of its instance, and what would open next. Nothing is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.bpmn import ElementInfo, Instance
from engine.bpmn.model import JobWait, MessageWait, TimerWait, UserTaskWait, Wait
from engine.casework import running
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
        loaded = running.load(session, task.instance_id)
    except EngineError:
        return {}
    body = bytes(loaded.row.body or b"")
    places = _places(loaded)
    found = {}
    for value in values:
        try:
            advance = Instance.load(loaded.compiled, body).complete_task(task.wait_id, {key: value}, runtime(session))
        except EngineError:
            continue
        if not advance.incidents:
            opens = [
                one for wait in advance.opened if (one := _opens(wait, places.get((wait.process_id, wait.element_id))))
            ]
            found[value] = Outcome(value, opens, advance.ended is not None)
    return found


def _places(loaded: running.Loaded) -> dict[tuple[str, str], ElementInfo]:
    """(process, element) -> element: ids are unique within a process, not within a bundle."""
    compiled = loaded.compiled
    return {(process, element.id): element for process in compiled.processes for element in compiled.elements(process)}


def _opens(wait: Wait, place: ElementInfo | None) -> Opens | None:
    name, name_en = (place.name, place.name_en or place.name) if place else ("", "")
    if isinstance(wait, UserTaskWait):
        return Opens("task", wait.name, wait.name_en or wait.name, wait.candidate_groups, wait.due_at)
    if isinstance(wait, JobWait):
        return Opens("job", name, name_en) if name else None
    # Boundary events only watch over other work: the case itself does not stand at them.
    if place is None or place.type not in _STANDING or not name:
        return None
    if isinstance(wait, MessageWait):
        return Opens("message", name, name_en)
    return Opens("timer", name, name_en, due_at=wait.due_at) if isinstance(wait, TimerWait) else None
