"""Commands on cases: register, note, name somebody for a restricted case, tell the process what happened outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

import forms
from engine import clock, permissions
from engine.actors import Actor
from engine.casework import beginnings, definitions, documents, form_answers, idempotency, messages, record, step, tasks
from engine.casework.tasks import Completed
from engine.errors import Conflict, Forbidden, InvalidForm, NotFound
from engine.store import audit
from engine.store.answers import Note
from engine.store.cases import Case, CaseAccess
from engine.store.instances import ProcessInstance
from engine.store.people import Person
from engine.store.workers import Worker
from forms.model import Form

REGISTER = "RegisterReport"
BREAK_GLASS = timedelta(hours=2)
EVENTS = ("consent_withdrawn", "client_died", "client_moved", "new_danger")


@dataclass(frozen=True, slots=True)
class Registered:
    """A new case."""

    case_id: int
    case_no: str
    replayed: bool = False


def find(session: Session, actor: Actor, case_id: int) -> Case:
    """The case, if the actor may read it. Raises NotFound."""
    case = session.scalar(select(Case).where(Case.id == case_id, permissions.sees_case(actor)))
    if case is None:
        raise NotFound(f"No case {case_id}.")
    return case


def register_form(session: Session) -> Form:
    """The form that registers a case today."""
    definition = definitions.latest_of_process(session, beginnings.CASE)
    return definitions.form(session, definition.id, REGISTER)


def register(
    session: Session,
    actor: Actor,
    typed: Mapping[str, Any],
    *,
    person_id: int | None = None,
    idempotency_key: str | None = None,
) -> Registered:
    """Register a report: client (new, or the found person), case, its files, process, and its first task done.

    Files were kept before, without a case (`documents.keep_all`); `typed` holds their numbers.

    Raises Forbidden, InvalidForm, NotFound (a person the actor may not know of).
    """
    permissions.check_may_enter(actor, permissions.Area.REGISTER)
    sha256 = idempotency.digest("register", person_id, {key: typed[key] for key in sorted(typed)})
    return step.retrying(session, lambda: _register(session, actor, typed, person_id, idempotency_key, sha256))


def _register(
    session: Session, actor: Actor, typed: Mapping[str, Any], person_id: int | None, key: str | None, sha256: str
) -> Registered:
    repeat = idempotency.first_answer(session, actor, key, sha256)
    if repeat is not None:
        return Registered(**repeat, replayed=True)
    form = register_form(session)
    result = forms.check(form, typed, form_answers.situation(session, {}))
    if not result.ok:
        raise InvalidForm(result.errors)
    village_code = str(forms.records_of(form, result.answers).get("person.village_code") or "")
    if not permissions.in_regions(actor, village_code):
        raise InvalidForm({_village_key(form): ["outside_your_region"]})
    client = _client(session, actor, person_id)
    case = beginnings.open_case(session, actor, client, village_code)
    documents.attach(session, actor, case, files_of(form, result.answers))
    instance = beginnings.start_case(session, actor, case)
    _complete_first(session, actor, instance.id, typed)
    done = Registered(case.id, case.case_no)
    record.note(session, actor, "case.opened", case_id=case.id, instance_id=instance.id)
    answer = {"case_id": done.case_id, "case_no": done.case_no}
    idempotency.keep(session, actor, key, "register", sha256, answer)
    return done


def files_of(form: Form, answers: Mapping[str, Any]) -> list[str]:
    """The numbers of the files that answers name."""
    found = (answers.get(key) or () for key, field in form.questions.items() if field.type == "filepicker")
    return [str(number) for numbers in found for number in numbers]


def _client(session: Session, actor: Actor, person_id: int | None) -> Person:
    if person_id is None:
        client = Person(name=beginnings.UNRECORDED, created_at=clock.now())
        session.add(client)
        return client
    found = session.scalar(select(Person).where(Person.id == person_id, permissions.sees_person(actor)))
    if found is None:
        raise NotFound(f"No person {person_id}.")
    return found


def _village_key(form: Form) -> str:
    return next((key for key, field in form.questions.items() if field.record == "person.village_code"), "village_code")


def _complete_first(session: Session, actor: Actor, instance_id: int, typed: Mapping[str, Any]) -> Completed:
    task = tasks.open_task(session, instance_id, REGISTER)
    if task is None:
        raise Conflict(f"The process does not begin with {REGISTER}.")
    task.assignee_id = actor.id
    session.flush()
    return tasks.complete(session, actor, task.id, typed)


def add_note(session: Session, actor: Actor, case_id: int, body: str) -> Note:
    """Add a note to a case. Raises NotFound, InvalidForm (empty)."""
    case = find(session, actor, case_id)
    if not body.strip():
        raise InvalidForm({"body": ["required"]})
    row = Note(case_id=case.id, author_id=actor.id, body=body.strip(), created_at=clock.now())
    session.add(row)
    record.note(session, actor, "note.added", case_id=case.id)
    session.flush()
    return row


def grant(session: Session, actor: Actor, case_id: int, worker_id: int) -> None:
    """Name a worker for a restricted case. Only supervisors who read it themselves may."""
    case = find(session, actor, case_id)
    permissions.check_may_assign(actor)
    if session.get(Worker, worker_id) is None:
        raise NotFound(f"No worker {worker_id}.")
    tasks.name_for_case(session, case.id, worker_id, actor, "granted")
    record.note(session, actor, "case.access_granted", case_id=case.id, detail={"to": worker_id})
    audit.append(session, actor.id, "grant", "worker", worker_id, case_id=case.id)


def break_glass(session: Session, actor: Actor, case_no: str, reason: str) -> Case:
    """Open a restricted case in one's own region for two hours, with a written reason; it is recorded and reviewed."""
    if not actor.has(*permissions.READS_REGION):
        raise Forbidden("Only caseworkers and supervisors open a case in an emergency.")
    if len(reason.strip()) < 10:
        raise InvalidForm({"reason": ["required"]})
    case = session.scalar(select(Case).where(Case.case_no == case_no.strip(), Case.restricted))
    if case is None or not permissions.in_regions(actor, case.village_code):
        raise NotFound(f"No case {case_no}.")
    until = clock.now() + BREAK_GLASS
    row = insert(CaseAccess).values(
        case_id=case.id,
        worker_id=actor.id,
        reason="break_glass",
        granted_by=actor.id,
        created_at=clock.now(),
        until=until,
    )
    # Opened before in an emergency: the two hours begin anew. Named for good: nothing is taken away.
    session.execute(
        row.on_conflict_do_update(
            index_elements=["case_id", "worker_id"],
            set_={"until": until, "reason": "break_glass"},
            where=CaseAccess.until.is_not(None),
        )
    )
    record.note(session, actor, "case.glass_broken", case_id=case.id)
    audit.append(session, actor.id, "break_glass", "case", case.id, case_id=case.id, reason=reason.strip())
    return case


def event_form(session: Session, actor: Actor, case_id: int, event: str) -> Form | None:
    """The form of the event's message, in the version that the case runs on; None if it carries nothing more."""
    case = find(session, actor, case_id)
    runs = select(ProcessInstance).where(ProcessInstance.case_id == case.id).order_by(ProcessInstance.id).limit(1)
    instance = session.scalar(runs)
    return definitions.message_form(session, instance.definition_id, event) if instance is not None else None


def event_facts(
    session: Session, actor: Actor, case_id: int, event: str, typed: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The facts that a report of the event carries. Raises NotFound, InvalidForm."""
    form = event_form(session, actor, case_id, event)
    if form is None:
        return {}
    result = forms.check(form, typed, form_answers.situation(session, {}))
    if not result.ok:
        raise InvalidForm(result.errors)
    return forms.facts_of(form, result.answers)


def report_event(
    session: Session,
    actor: Actor,
    case_id: int,
    event: str,
    variables: Mapping[str, Any],
    message_id: str,
    *,
    note: str = "",
) -> None:
    """Tell the case's process what happened outside: consent withdrawn, client died or moved, new danger.

    `note` is kept as a note on the case. A repeat under the same `message_id` changes nothing.
    """
    case = find(session, actor, case_id)
    if event not in EVENTS:
        raise NotFound(f"No event {event}.")
    source = f"worker:{actor.id}"
    if messages.is_known(session, source, message_id):
        return
    if note:
        add_note(session, actor, case_id, note)
    messages.receive(session, actor, event, case.case_no, variables, source=source, message_id=message_id)
    record.note(session, actor, f"case.{event}", case_id=case.id)


def record_read(session: Session, actor: Actor, case: Case, action: str = "read") -> None:
    """Write to the access log that the actor read a case's client. Call it from every page that shows one."""
    audit.append(session, actor.id, action, "person", case.client_id, case_id=case.id)
