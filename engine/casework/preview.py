"""What would happen if: a task completed on a copy of its instance, and what would open next. Nothing is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from engine import permissions
from engine.actors import Actor
from engine.bpmn import Advance, ElementInfo, Instance
from engine.bpmn.model import JobWait, MessageWait, TimerWait, UserTaskWait, Wait
from engine.casework import definitions, form_answers, records, running, tasks
from engine.casework.rules import runtime
from engine.errors import EngineError
from engine.store.instances import ProcessInstance
from engine.store.tasks import Task
from engine.store.workers import Worker
from forms.model import Form

_STANDING = ("intermediateCatchEvent", "receiveTask")
Places = Mapping[tuple[str, str], ElementInfo]


@dataclass(frozen=True, slots=True)
class Opens:
    """One thing that would wait next, or be sent. `kind`: task, job (Pilar works), message or timer (the case waits),
    or sent (what leaves the office). `assignee`: whose task it would be at once."""

    kind: str
    name: str
    name_en: str
    groups: Sequence[str] = ()
    due_at: datetime | None = None
    assignee: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one choice would lead to. `has_ended`: nothing would be left to do in the process.

    `stops_at`: the name of the element where the case could not go on.
    """

    value: str
    opens: Sequence[Opens]
    has_ended: bool
    stops_at: tuple[str, str] | None = None


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
    form = definitions.form(session, loaded.row.definition_id, task.form_id) if task.form_id else None
    found = {}
    for value in values:
        facts = {**(forms.facts_of(form, {}) if form is not None else {}), key: value}
        try:
            advance = Instance.load(loaded.compiled, body).complete_task(task.wait_id, facts, runtime(session))
        except EngineError:
            continue
        if not advance.incidents:
            found[value] = _outcome(session, value, advance, places)
    return found


def if_sent(session: Session, actor: Actor, task_id: int, typed: Mapping[str, Any]) -> Outcome:
    """What sending these answers would lead to.

    Files that are still to be uploaded count as given. Raises NotFound, Forbidden, InvalidForm, Conflict.
    """
    task = tasks.find(session, actor, task_id)
    permissions.check_may_work(actor, task, tasks.worked_on(session, task))
    loaded = running.load(session, task.instance_id)
    # A copy: within stories instances are kept between steps.
    copy = Instance.load(loaded.compiled, bytes(loaded.row.body or b""))
    facts = _facts(session, actor, loaded, task, typed) if task.form_id is not None else {}
    advance = copy.complete_task(task.wait_id, facts, runtime(session))
    return _outcome(session, "", advance, _places(loaded))


def form_of(session: Session, actor: Actor, task_id: int) -> Form | None:
    """The form of a task that the actor may see. Raises NotFound."""
    task = tasks.find(session, actor, task_id)
    row = session.get_one(ProcessInstance, task.instance_id)
    return definitions.form(session, row.definition_id, task.form_id) if task.form_id else None


def _facts(
    session: Session, actor: Actor, loaded: running.Loaded, task: Task, typed: Mapping[str, Any]
) -> dict[str, Any]:
    """The facts that the answers would give, with those that follow from the record; the record stays as it is."""
    form = definitions.form(session, loaded.row.definition_id, task.form_id or "")
    files = {key: ["0"] for key, field in form.questions.items() if field.type == "filepicker" and not typed.get(key)}
    answers, facts, _ = form_answers.read(session, actor, loaded, task, {**typed, **files})
    with session.begin_nested() as tried:
        facts |= records.apply(session, actor, loaded, form, answers)
        tried.rollback()
    return facts


def _places(loaded: running.Loaded) -> Places:
    """(process, element) -> element: ids are unique within a process, not within a bundle."""
    compiled = loaded.compiled
    return {(process, element.id): element for process in compiled.processes for element in compiled.elements(process)}


def _outcome(session: Session, value: str, advance: Advance, places: Places) -> Outcome:
    waits = (_opens(session, wait, places.get((wait.process_id, wait.element_id))) for wait in advance.opened)
    stop = next((step for step in advance.steps if step.kind == "error"), None) if advance.incidents else None
    place = places.get((stop.process_id, stop.element_id)) if stop else None
    return Outcome(
        value,
        [*_sent(advance, places), *(one for one in waits if one is not None)],
        advance.ended is not None,
        (place.name, place.name_en or place.name) if place else None,
    )


def _sent(advance: Advance, places: Places) -> Iterable[Opens]:
    """What leaves the office: the elements that sent a message."""
    for step in advance.steps:
        place = places.get((step.process_id, step.element_id))
        if step.kind == "thrown" and "message" in step.detail and place is not None and place.name:
            yield Opens("sent", place.name, place.name_en or place.name)


def _opens(session: Session, wait: Wait, place: ElementInfo | None) -> Opens | None:
    name, name_en = (place.name, place.name_en or place.name) if place else ("", "")
    if isinstance(wait, UserTaskWait):
        assignee = _name(session, wait.assignee)
        return Opens("task", wait.name, wait.name_en or wait.name, wait.candidate_groups, wait.due_at, assignee)
    if isinstance(wait, JobWait):
        return Opens("job", name, name_en) if name else None
    # Boundary events only watch over other work: the case itself does not stand at them.
    if place is None or place.type not in _STANDING or not name:
        return None
    if isinstance(wait, MessageWait):
        return Opens("message", name, name_en)
    return Opens("timer", name, name_en, due_at=wait.due_at) if isinstance(wait, TimerWait) else None


def _name(session: Session, username: str | None) -> str:
    return (session.scalar(select(Worker.name).where(Worker.username == username)) or "") if username else ""
