"""Everything behind a task page: the task, its form, the client, the way so far; in few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager

import forms
from engine import permissions
from engine.actors import Actor
from engine.bpmn import Definition as Compiled
from engine.bpmn import Instance
from engine.casework import definitions, form_answers, reading
from engine.errors import NotFound
from engine.feel import from_json
from engine.queries.choices import Choices, choices_for
from engine.queries.decided import about
from engine.queries.following import Next, following
from engine.queries.outcomes import Outcome, read_outcomes
from engine.queries.pending import Pending, pending_of
from engine.queries.phases import Stage, phase_of, phases_done, way_of
from engine.queries.places import village_of_task
from engine.queries.prefill import known_of, numbers_in
from engine.queries.walks import Event, Place, Told, Walk, read_walk, read_way
from engine.store.answers import Answer
from engine.store.cases import Case
from engine.store.definitions import Definition, DefinitionFile, files_of
from engine.store.documents import Document
from engine.store.history import History
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.people import Household, Person
from engine.store.regions import Region
from engine.store.tasks import Task, TaskDraft, TaskState
from engine.store.workers import Worker

MOST_HISTORY = 200


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the case."""

    id: int
    name: str
    kind: str
    content_type: str
    size: int
    added_at: datetime
    task_id: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """Who has the task, or closed it, and when: for the sentence that tells the loser of a race."""

    assignee_id: int | None
    assignee_name: str
    closed_by_name: str


@dataclass(frozen=True)
class TaskPage:
    """What the page shows. `known`: what the form may be filled with; `draft`: what the reader typed before.

    `numbers`: questions answered by somebody's number, seen in full by who has the task; `phases`: now, and done.
    """

    task: Task
    instance: ProcessInstance
    case: Case | None
    number: str
    region: str
    village: str
    who: Sent
    form: forms.Form | None
    situation: forms.Situation
    draft: Mapping[str, Any] | None
    draft_saved_at: datetime | None
    draft_form: str
    known: Mapping[str, Any]
    old_form: forms.Form | None
    choices: Choices
    process_names: tuple[str, str]
    way: Sequence[Place]
    events: Sequence[Event]
    walk: Walk
    papers: Sequence[Paper]
    following: Sequence[Next] = ()
    pending: Sequence[Pending] = ()
    is_open: bool = field(default=False)
    is_mine: bool = field(default=False)
    may_work: bool = field(default=False)
    other_worked: bool = field(default=False)
    sent_before: bool = field(default=False)
    categories: Sequence[str] = ()
    withheld: frozenset[str] = frozenset()
    numbers: Sequence[forms.Component] = ()
    phases: tuple[str, Sequence[str]] = ("", ())
    outcomes: Sequence[Outcome] = ()


def page(session: Session, actor: Actor, task_id: int) -> TaskPage:
    """The page of a task that the actor may see. Raises NotFound."""
    # The definition is held on to: everything below reads it from the session.
    task, instance, definition, case, region, village, assignee, closer, draft, answer = _read(session, actor, task_id)
    form = definitions.form(session, definition.id, task.form_id) if task.form_id else None
    facts = _facts(session, instance, task)
    situation = form_answers.situation(session, facts)
    history = _history(session, task)
    compiled = definitions.compiled(session, definition.id)
    reader = reading.of(session, actor)
    spoken = about(session, definition.id, reader)
    walk, events = read_walk(spoken, history, instance.id)
    next_tasks = following(session, actor, task) if task.state is not TaskState.OPEN else []
    four_eyes = permissions.is_four_eyes(task) and _has_worked(history, actor)
    known = reader.answers(form, known_of(form, case, answer, situation)) if form else {}
    return TaskPage(
        task=task,
        instance=instance,
        case=case,
        number=case.case_no if case else instance.business_key,
        region=region or "",
        village=village or "",
        who=Sent(task.assignee_id, assignee or "", closer or ""),
        form=form,
        situation=situation,
        draft=draft.answers if draft else None,
        draft_saved_at=draft.saved_at if draft else None,
        draft_form=draft.form_sha256 if draft else "",
        known=known,
        old_form=_old_form(session, draft, form),
        choices=choices_for(session, actor, form, task.region_code) if form else {},
        process_names=compiled.name(task.process_id),
        way=read_way(compiled, task.process_id, walk, task.element_id),
        events=events,
        walk=walk,
        papers=_papers(session, case),
        following=next_tasks,
        pending=_pending(session, actor, task, instance) if task.state is not TaskState.OPEN and not next_tasks else (),
        is_open=task.state is TaskState.OPEN and instance.state is InstanceState.ACTIVE,
        is_mine=task.assignee_id == actor.id,
        may_work=permissions.may_do(actor, task) and not four_eyes,
        other_worked=four_eyes,
        sent_before=answer is not None,
        categories=reader.categories(case.pmks_codes) if case else (),
        withheld=reader.withheld(form) if form else frozenset(),
        numbers=numbers_in(form, known) if form and task.assignee_id != actor.id else (),
        phases=_phases(compiled, instance.process_id, history, task),
        outcomes=read_outcomes(spoken, (told.row for told in history), task.process_id, instance.id),
    )


def form_hash(session: Session, actor: Actor, task_id: int) -> str:
    """The content hash of the task's form, for a draft. Raises NotFound."""
    row = session.execute(
        select(Task.form_id, ProcessInstance.definition_id)
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .where(Task.id == task_id, permissions.sees_task(actor))
    ).first()
    if row is None:
        raise NotFound(f"No task {task_id}.")
    return definitions.form(session, row.definition_id, row.form_id).hash if row.form_id else ""


def diagram(session: Session, actor: Actor, task_id: int) -> tuple[bytes, str]:
    """The diagram that the task stands in, as deployed for its instance, with its content hash. Raises NotFound."""
    row = session.execute(
        select(Task.process_id, Definition)
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .join(Definition, Definition.id == ProcessInstance.definition_id)
        .where(Task.id == task_id, permissions.sees_task(actor))
    ).first()
    if row is None:
        raise NotFound(f"No task {task_id}.")
    process_id, definition = row
    name = definitions.compiled(session, definition.id).file_of(process_id)
    sha256 = definition.manifest[name]
    return files_of(session, {name: sha256})[name], sha256


def _read(session: Session, actor: Actor, task_id: int) -> tuple[Any, ...]:
    """Task, instance, case with client and household, names, draft and the last answers of the same form: one row."""
    village, assignee, closer = aliased(Region), aliased(Worker), aliased(Worker)
    last_answer = (
        select(Answer.id)
        .where(
            or_(Answer.task_id == Task.id, Answer.case_id == Task.case_id),
            Answer.form_id == Task.form_id,
            Answer.element_id == Task.element_id,
        )
        .order_by((Answer.task_id == Task.id).desc(), Answer.id.desc())
        .limit(1)
        .correlate(Task)
        .scalar_subquery()
    )
    query = (
        select(
            Task,
            ProcessInstance,
            Definition,
            Case,
            Region.name,
            village.name,
            assignee.name,
            closer.name,
            TaskDraft,
            Answer,
        )
        .join(ProcessInstance, ProcessInstance.id == Task.instance_id)
        .join(Definition, Definition.id == ProcessInstance.definition_id)
        .join(Region, Region.code == Task.region_code)
        .outerjoin(Case, Case.id == Task.case_id)
        .outerjoin(Person, Person.id == Case.client_id)
        .outerjoin(Household, Household.id == Case.household_id)
        .outerjoin(village, village.code == village_of_task())
        .outerjoin(assignee, assignee.id == Task.assignee_id)
        .outerjoin(closer, closer.id == Task.closed_by)
        .outerjoin(TaskDraft, and_(TaskDraft.task_id == Task.id, TaskDraft.worker_id == actor.id))
        .outerjoin(Answer, Answer.id == last_answer)
        .options(contains_eager(Case.client), contains_eager(Case.household))
        .where(Task.id == task_id, permissions.sees_task(actor))
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).first()
    if row is None:
        raise NotFound(f"No task {task_id}.")
    return tuple(row)


def _facts(session: Session, instance: ProcessInstance, task: Task) -> dict[str, Any]:
    """The facts that the form's conditions may see: the variables of the task's own scope and of those around it."""
    if instance.body is None or task.state is not TaskState.OPEN:
        return dict(from_json(task.local))
    compiled = definitions.compiled(session, instance.definition_id)
    return Instance.load(compiled, instance.body, instance.base).seen_by(task.wait_id)


def _old_form(session: Session, draft: TaskDraft | None, form: forms.Form | None) -> forms.Form | None:
    """The form that the draft was typed into, when it is another one than today's."""
    if draft is None or form is None or draft.form_sha256 in ("", form.hash):
        return None
    file = session.get(DefinitionFile, draft.form_sha256)
    return forms.read(bytes(file.body)) if file is not None else None


def _history(session: Session, task: Task) -> list[Told]:
    """What happened on the case (or, without a case, on the instance), oldest first."""
    of_case = History.case_id == task.case_id if task.case_id is not None else History.instance_id == task.instance_id
    about = aliased(Task)
    newest = (
        select(History, Worker.name, about.name, about.name_en, about.process_id, about.properties)
        .outerjoin(Worker, Worker.id == History.actor_id)
        .outerjoin(about, about.id == History.task_id)
        .where(or_(of_case, History.instance_id == task.instance_id))
        .order_by(History.id.desc())
        .limit(MOST_HISTORY)
    )
    found = [
        Told(row, by or "", (name, name_en or name) if name else None, process_id or "", properties or {})
        for row, by, name, name_en, process_id, properties in session.execute(newest)
    ]
    return found[::-1]


def _has_worked(history: Sequence[Told], actor: Actor) -> bool:
    """Did the actor do other work on the case? Decisions of their own do not count. A hint: the command decides."""
    return any(
        told.row.kind == "task.completed" and told.row.actor_id == actor.id and not told.is_decision for told in history
    )


def _phases(compiled: Compiled, root: str, history: Sequence[Told], task: Task) -> tuple[str, list[str]]:
    """The case's phase and those done, as far as this page knows: by what was done, and this task if it is open."""
    stages = [
        Stage(told.phase, way_of(compiled, root, told.process_id, told.row.element_id), is_open=False)
        for told in history
        if told.row.kind == "task.completed"
    ]
    if task.state is TaskState.OPEN:
        way = way_of(compiled, root, task.process_id, task.element_id)
        stages.append(Stage(str(task.properties.get("phase") or ""), way, is_open=True))
    return (now := phase_of(stages)), phases_done(stages, now)


def _pending(session: Session, actor: Actor, task: Task, instance: ProcessInstance) -> Sequence[Pending]:
    """What the case waits for, for those who may read the case."""
    if task.case_id is None or instance.state is not InstanceState.ACTIVE:
        return ()
    may_read = session.scalar(select(permissions.sees_case(actor)).where(Case.id == task.case_id))
    return pending_of(session, [task.case_id])[task.case_id] if may_read else ()


def _papers(session: Session, case: Case | None) -> list[Paper]:
    if case is None:
        return []
    rows = session.scalars(select(Document).where(Document.case_id == case.id).order_by(Document.id))
    return [Paper(r.id, r.name, r.kind, r.content_type, r.size, r.added_at, r.task_id) for r in rows]
