"""What would happen if: a task completed on a copy, Pilar's own jobs done ahead, everything taken back again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import forms
from engine import clock, permissions, service_tasks
from engine.actors import Actor
from engine.bpmn import Advance, ElementInfo, Instance
from engine.bpmn.model import JobWait, MessageWait, Step, TimerWait, UserTaskWait, Wait
from engine.casework import definitions, form_answers, reading, records, running, tasks
from engine.casework.projection import assignee_of, case_changes
from engine.casework.rules import runtime
from engine.casework.work import BpmnError, JobContext
from engine.errors import EngineError
from engine.feel import to_json
from engine.queries import outcomes as told
from engine.queries.decided import Chosen, Known, about, chosen_in
from engine.store.cases import Case
from engine.store.history import History
from engine.store.instances import ProcessInstance
from engine.store.tasks import Task
from engine.store.workers import Worker
from forms.model import Form

_STANDING = ("intermediateCatchEvent", "receiveTask")
_MOST_JOBS = 20
# A look ahead waits for nobody: who holds a row keeps it, and the job stays unknown.
_LOCKS = text("SET LOCAL lock_timeout = '300ms'")
# What an operation may raise over inputs that it cannot work with; its job would be tried again.
_FAILURES = (EngineError, SQLAlchemyError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Opens:
    """One thing that would happen, or wait next.

    `kind`: sent (it leaves the office), done (Pilar does it at once), task, job (Pilar works, and what comes of it is
    not known), message or timer (the case waits). `assignee`: whose task it would be at once. `asks`: the question that
    the job's result answers, and its English.
    """

    kind: str
    name: str
    name_en: str
    groups: Sequence[str] = ()
    due_at: datetime | None = None
    assignee: str = ""
    asks: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one choice would lead to. `has_ended`: nothing would be left to do in the process.

    `stops_at`: the name of the element where the case could not go on. `results`, `ways`: what tables would decide and
    which ways gateways would take, as far as the actor may know.
    """

    value: str
    opens: Sequence[Opens]
    has_ended: bool
    stops_at: tuple[str, str] | None = None
    results: Sequence[told.Outcome] = ()
    ways: Sequence[Chosen] = ()


@dataclass(slots=True)
class _Course:
    """Everything that a trial has brought so far. `happened`: what was sent and what Pilar did, in order."""

    loaded: running.Loaded
    known: Known
    happened: list[Opens] = field(default_factory=list)
    open: dict[str, Wait] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    last: Advance = field(default_factory=Advance)

    def add(self, advance: Advance) -> None:
        """Go on by what one operation on the copy did."""
        self.last = advance
        self.steps += advance.steps
        self.open |= {wait.id: wait for wait in (*advance.opened, *advance.changed)}
        for wait_id in advance.closed:
            self.open.pop(wait_id, None)
        for step in advance.steps:
            place = self.known.elements.get((step.process_id, step.element_id))
            if step.kind == "thrown" and "message" in step.detail and place is not None and place.name:
                self.happened.append(Opens("sent", *_names(place)))


def outcomes(session: Session, actor: Actor, task: Task, key: str, values: Iterable[str]) -> dict[str, Outcome]:
    """The outcome of each value of the fact `key`, all else unanswered; choices that cannot be tried are left out.

    The caller has checked that the actor may see the task.
    """
    try:
        loaded = running.load(session, task.instance_id)
    except EngineError:
        return {}
    known = about(session, loaded.definition_id, reading.of(session, actor))
    form = definitions.form(session, loaded.definition_id, task.form_id) if task.form_id else None
    found = {}
    for value in values:
        facts = {**(forms.facts_of(form, {}) if form is not None else {}), key: value}
        course = _Course(replace(loaded, instance=_copy(loaded)), known)
        try:
            _complete(session, course, task.wait_id, facts)
        except EngineError:
            continue
        if any(isinstance(wait, JobWait) for wait in course.open.values()):
            with _taken_back(session) as apart:
                _do_jobs(apart, course)
        if not course.last.incidents:
            tried = _outcome(session, value, course)
            # That the choice itself leads here needs no reason.
            others = [way for way in tried.ways if {asked.name for asked in way.values} != {key}]
            found[value] = replace(tried, ways=others)
    return found


def if_sent(session: Session, actor: Actor, task_id: int, typed: Mapping[str, Any]) -> Outcome:
    """What sending these answers would lead to.

    Files that are still to be uploaded count as given. Raises NotFound, Forbidden, InvalidForm, Conflict.
    """
    with _taken_back(session) as apart:
        task = tasks.find(apart, actor, task_id)
        permissions.check_may_work(actor, task, tasks.worked_on(apart, task))
        loaded = running.load(apart, task.instance_id)
        course = _Course(loaded, about(apart, loaded.definition_id, reading.of(apart, actor)))
        who = _identity(apart, loaded)
        facts = _facts(apart, actor, loaded, task, typed) if task.form_id is not None else {}
        _complete(apart, course, task.wait_id, facts)
        _do_jobs(apart, course, is_new_number=_identity(apart, loaded) != who)
        return _outcome(apart, "", course)


def form_of(session: Session, actor: Actor, task_id: int) -> Form | None:
    """The form of a task that the actor may see. Raises NotFound."""
    task = tasks.find(session, actor, task_id)
    row = session.get_one(ProcessInstance, task.instance_id)
    return definitions.form(session, row.definition_id, task.form_id) if task.form_id else None


@contextmanager
def _taken_back(session: Session) -> Iterator[Session]:
    """A session of its own on the same connection; whatever is done with it, even committed, is undone at the end."""
    session.flush()
    connection = session.connection()
    begun = connection.begin_nested()
    try:
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as apart:
            apart.execute(_LOCKS)
            yield apart
            apart.rollback()
    finally:
        begun.rollback()


def _copy(loaded: running.Loaded) -> Instance:
    return Instance.load(loaded.compiled, loaded.row.body, loaded.row.base)


def _facts(
    session: Session, actor: Actor, loaded: running.Loaded, task: Task, typed: Mapping[str, Any]
) -> dict[str, Any]:
    """The facts that the answers would give, with those that follow from the record, which has them from here on."""
    form = definitions.form(session, loaded.definition_id, task.form_id or "")
    files = {key: ["0"] for key, field in form.questions.items() if field.type == "filepicker" and not typed.get(key)}
    answers, facts, _ = form_answers.read(session, actor, loaded, task, {**typed, **files})
    return facts | records.apply(session, actor, loaded, form, answers)


def _identity(session: Session, loaded: running.Loaded) -> bytes | None:
    """By what the client is found again."""
    case = session.get(Case, loaded.case.id) if loaded.case is not None else None
    return case.client.nik_index if case is not None else None


def _complete(session: Session, course: _Course, wait_id: str, facts: Mapping[str, Any]) -> None:
    course.add(course.loaded.instance.complete_task(wait_id, facts, runtime(session)))
    _go_on(session, course)


def _go_on(session: Session, course: _Course) -> None:
    """To the next wait states, although a step's budget was used up."""
    for _ in range(_MOST_JOBS):
        if not course.last.unfinished:
            return
        course.add(course.loaded.instance.proceed(runtime(session)))


def _do_jobs(apart: Session, course: _Course, *, is_new_number: bool = False) -> None:
    """Do what Pilar itself would do next, as far as it may be tried; what stays open is not known."""
    tried: set[str] = set()
    while len(tried) < _MOST_JOBS and not course.last.incidents:
        jobs = (wait for wait in course.open.values() if isinstance(wait, JobWait) and wait.id not in tried)
        job = next(jobs, None)
        if job is None:
            return
        tried.add(job.id)
        # Whether somebody else has a number that was only just typed is told when it is sent, and recorded then.
        if job.operation in service_tasks.FORESEEN and not (is_new_number and job.operation in service_tasks.LOOKS_UP):
            _try_job(apart, course, job)


def _try_job(apart: Session, course: _Course, job: JobWait) -> None:
    """One job on the copy; one that fails stays open."""
    loaded, place = course.loaded, course.known.elements.get((job.process_id, job.element_id))
    failure: BpmnError | None = None
    outputs: Mapping[str, Any] = {}
    _mirror(apart, loaded)
    context = JobContext(0, loaded.row.id, loaded.row.case_id, loaded.row.region_code, job.element_id, 1, "")
    try:
        with apart.begin_nested():
            outputs = service_tasks.OPERATIONS[job.operation](apart, context, job.inputs)
    except BpmnError as error:
        failure = error
    except _FAILURES:
        return
    if place is not None and place.name:
        course.happened.append(Opens("done", *_names(place)))
    if failure is None:
        course.add(loaded.instance.complete_job(job.id, dict(outputs), runtime(apart)))
    else:
        about_it = (failure.error_code, str(failure), failure.variables)
        course.add(loaded.instance.throw_error(job.id, *about_it, runtime(apart)))
    _go_on(apart, course)


def _mirror(apart: Session, loaded: running.Loaded) -> None:
    """The case's row says what the copy says by now: operations read it."""
    if loaded.case is not None:
        case = apart.get_one(Case, loaded.case.id)
        for name, value in case_changes(loaded, ended=False).items():
            setattr(case, name, value)


def _outcome(session: Session, value: str, course: _Course) -> Outcome:
    opens = (_opens(session, wait, course) for wait in course.open.values())
    return Outcome(
        value,
        [*course.happened, *(one for one in opens if one is not None)],
        course.last.ended is not None,
        _stop(course),
        _results(course),
        list(_ways(course)),
    )


def _stop(course: _Course) -> tuple[str, str] | None:
    errors = (step for step in course.last.steps if step.kind == "error") if course.last.incidents else ()
    place = next((course.known.elements.get((step.process_id, step.element_id)) for step in errors), None)
    return _names(place) if place is not None else None


def _results(course: _Course) -> Sequence[told.Outcome]:
    """What the tables would come to, as the history would tell it."""
    steps = [[step.kind, step.element_id, step.process_id, dict(step.detail)] for step in course.steps]
    found, _ = told.outcomes_in(History(at=clock.now(), detail={"steps": to_json(steps)}), course.known)
    return found


def _ways(course: _Course) -> Iterator[Chosen]:
    for step in course.steps:
        if step.kind == "taken":
            chosen = chosen_in(step.process_id, step.element_id, to_json(dict(step.detail)), course.known)
            if chosen is not None:
                yield chosen


def _opens(session: Session, wait: Wait, course: _Course) -> Opens | None:
    place = course.known.elements.get((wait.process_id, wait.element_id))
    name, name_en = _names(place) if place else ("", "")
    if isinstance(wait, UserTaskWait):
        assignee = _assignee(session, wait, course)
        return Opens("task", wait.name, wait.name_en or wait.name, wait.candidate_groups, wait.due_at, assignee)
    if isinstance(wait, JobWait):
        return Opens("job", name, name_en, asks=_question(wait, course)) if name else None
    # Boundary events only watch over other work: the case itself does not stand at them.
    if place is None or place.type not in _STANDING or not name:
        return None
    if isinstance(wait, MessageWait):
        return Opens("message", name, name_en)
    return Opens("timer", name, name_en, due_at=wait.due_at) if isinstance(wait, TimerWait) else None


def _question(wait: JobWait, course: _Course) -> tuple[str, str]:
    """What the gateway behind a job asks."""
    _, after = course.loaded.compiled.around(wait.process_id, wait.element_id)
    asked = next((one for one in after if one.type.endswith("Gateway") and one.name), None)
    return _names(asked) if asked is not None else ("", "")


def _assignee(session: Session, wait: UserTaskWait, course: _Course) -> str:
    worker_id = assignee_of(session, wait.assignee, course.loaded.row.region_code)
    return session.get_one(Worker, worker_id).name if worker_id is not None else ""


def _names(place: ElementInfo) -> tuple[str, str]:
    return place.name, place.name_en or place.name
