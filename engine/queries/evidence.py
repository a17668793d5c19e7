"""What was sent on a case: every form with its answers, the newest of each, and what changed between two of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

import forms
from engine import permissions
from engine.actors import Actor
from engine.casework import definitions, form_answers, reading
from engine.casework.reading import Reading
from engine.errors import NotFound
from engine.store.answers import Answer
from engine.store.cases import Case
from engine.store.definitions import Definition
from engine.store.documents import Document
from engine.store.instances import ProcessInstance
from engine.store.partners import Partner
from engine.store.regions import Region
from engine.store.tasks import Task
from engine.store.workers import Worker

MOST = 200
DECISION = "decision"
RETURNED = "return"


@dataclass(frozen=True, slots=True)
class Sent:
    """One form as it was sent. `is_decision`: sent by a second pair of eyes; `withheld`: not shown to the reader."""

    task_id: int
    form: forms.Form
    answers: Mapping[str, Any]
    element_id: str
    process_id: str
    name: str
    name_en: str
    by: str
    by_id: int | None
    at: datetime
    is_decision: bool
    withheld: frozenset[str] = frozenset()

    @property
    def decision(self) -> str:
        """What was decided, for a form that decides."""
        return str(self.answers.get(DECISION) or "")


@dataclass(frozen=True, slots=True)
class Pin:
    """What somebody who returned a case said of one answer. `field` is "FormId.key", empty when it is about all."""

    field: str
    comment: str
    by: str
    at: datetime
    label: str = ""
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """A form that was sent again: what differs."""

    sent: Sent
    changes: Sequence[forms.Change]


@dataclass(frozen=True, slots=True)
class Records:
    """What was sent before a task on its case or instance, the newest of each form; `files`: names by number."""

    task: Task
    case: Case | None
    number: str
    sent: Sequence[Sent]
    names: Mapping[str, str]
    files: Mapping[str, str]


def before_task(session: Session, actor: Actor, task_id: int) -> Records:
    """What whoever works on a task should have read, the last one sent first. Raises NotFound.

    Of a case only for those who may read it: a task alone does not open everything.
    """
    query = (
        select(Task, ProcessInstance.business_key)
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .where(Task.id == task_id, permissions.sees_task(actor))
    )
    row = session.execute(query).first()
    if row is None:
        raise NotFound(f"No task {task_id}.")
    task, number = row
    case = session.scalar(select(Case).where(Case.id == task.case_id, permissions.sees_case(actor)))
    if case is None and task.case_id is not None:
        raise NotFound(f"No task {task_id}.")
    whole = sent_on(session, actor, task.case_id) if task.case_id else sent_in(session, actor, task.instance_id)
    files = session.execute(select(Document.id, Document.name).where(Document.case_id == task.case_id)).all()
    return Records(
        task,
        case,
        case.case_no if case is not None else number,
        sorted(newest(one for one in whole if not one.is_decision), key=lambda one: one.at)[::-1],
        office_names(session, whole),
        {str(file_id): name for file_id, name in files},
    )


def sent_on(session: Session, actor: Actor, case_id: int) -> list[Sent]:
    """Every form sent on the case, oldest first (of many: the newest two hundred). One statement, definitions apart.

    The caller has checked that the actor may read the case.
    """
    return _sent(session, reading.of(session, actor), Answer.case_id == case_id)


def sent_in(session: Session, actor: Actor, instance_id: int) -> list[Sent]:
    """The same for an instance that belongs to no case, such as a disaster's."""
    return _sent(session, reading.of(session, actor), Answer.instance_id == instance_id)


def sent_for(session: Session, actor: Actor, tasks: Iterable[int]) -> dict[int, Sent]:
    """What was sent for each of some tasks that the actor may see, by the task's id."""
    found = _sent(session, reading.of(session, actor), Answer.task_id.in_(tasks))
    return {one.task_id: one for one in found}


def _sent(session: Session, reader: Reading, condition: ColumnElement[bool]) -> list[Sent]:
    query = (
        select(Answer, Task.name, Task.name_en, Task.properties, Worker.name, Task.process_id)
        .join(Task, Task.id == Answer.task_id)
        .outerjoin(Worker, Worker.id == Answer.sent_by)
        .where(condition)
        .order_by(Answer.id.desc())
        .limit(MOST)
    )
    around = form_answers.situation(session, {})
    found = []
    rows = session.execute(query).all()
    # Held while their forms are looked up, so that each version's row is read once.
    versions = [session.get(Definition, number) for number in {answer.definition_id for answer, *_ in rows}]
    for answer, name, name_en, properties, by, process_id in rows:
        form = definitions.form(session, answer.definition_id, answer.form_id)
        found.append(
            Sent(
                task_id=answer.task_id,
                form=form,
                answers=reader.answers(form, forms.load(form, answer.body, around)),
                element_id=answer.element_id,
                process_id=process_id,
                name=name,
                name_en=name_en or name,
                by=by or "",
                by_id=answer.sent_by,
                at=answer.sent_at,
                is_decision=str(properties.get("fourEyes", "")).lower() == "true",
                withheld=reader.withheld(form),
            )
        )
    del versions
    return found[::-1]


def newest(sent: Iterable[Sent]) -> list[Sent]:
    """The last of each form, in the order in which the forms were first sent."""
    last: dict[tuple[str, str, str], Sent] = {}
    for one in sent:
        last[one.form.id, one.process_id, one.element_id] = one
    return list(last.values())


def last_return(sent: Sequence[Sent]) -> Sent | None:
    """The decision that sent the case back, if the newest decision did."""
    decisions = [one for one in sent if one.is_decision and one.decision]
    return decisions[-1] if decisions and decisions[-1].decision == RETURNED else None


def pins_of(returned: Sent | None, sent: Sequence[Sent]) -> list[Pin]:
    """The reasons per field of a return; its general reason comes first, under no field."""
    if returned is None:
        return []
    general = str(returned.answers.get("reason") or "")
    pins = [Pin("", general, returned.by, returned.at)] if general else []
    asked = {f"{one.form.id}.{key}": field for one in sent for key, field in one.form.questions.items()}
    withheld = {f"{one.form.id}.{key}" for one in sent for key in one.withheld}
    for row in returned.answers.get("corrections") or ():
        field = str(row.get("field") or "")
        if row.get("comment") and field not in withheld:
            found = asked.get(field)
            labels = (found.label_in("id"), found.label_in("en")) if found else ("", "")
            pins.append(Pin(field, str(row["comment"]), returned.by, returned.at, *labels))
    return pins


def revisions(sent: Sequence[Sent], since: datetime) -> list[Revision]:
    """Every form sent again after `since`, with what differs from what stood there before."""
    before = {(one.form.id, one.process_id, one.element_id): one for one in sent if one.at <= since}
    found = []
    for one in newest([one for one in sent if one.at > since and not one.is_decision]):
        old = before.get((one.form.id, one.process_id, one.element_id))
        changes = forms.changes(one.form, old.answers if old else {}, one.answers)
        found.append(Revision(one, changes))
    return found


def office_names(session: Session, sent: Iterable[Sent]) -> dict[str, str]:
    """What stands behind codes of the office's lists in the answers: villages, workers, partners. Three statements."""
    codes = {
        str(item)
        for one in sent
        for component in forms.questions(one.form.components)
        if component.format == "village" or component.properties.get("options")
        for item in _items(one.answers.get(component.key))
    }
    if not codes:
        return {}
    villages = session.execute(select(Region.code, Region.name).where(Region.code.in_(codes)))
    workers = session.execute(select(Worker.username, Worker.name).where(Worker.username.in_(codes)))
    partners = session.execute(select(Partner.code, Partner.name).where(Partner.code.in_(codes)))
    return {**dict(partners.all()), **dict(workers.all()), **dict(villages.all())}


def _items(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
