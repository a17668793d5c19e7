"""The office of a story: who is there, what has happened since it began, and answers as a page would send them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from engine import feel
from engine.actors import Actor
from engine.bpmn import ElementInfo
from engine.casework import definitions, documents, form_answers
from engine.casework.documents import Upload
from engine.errors import InvalidForm
from engine.store.cases import Case
from engine.store.definitions import Definition
from engine.store.history import History
from engine.store.instances import ProcessInstance
from engine.store.tasks import Task, TaskState
from engine.store.workers import by_username
from engine.stories.script import Step, Story, StoryError
from forms.model import Component, Form, questions

PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


@dataclass
class Stage:
    """The office of a story, inside one transaction that its caller rolls back."""

    session: Session
    story: Story
    now: datetime
    language: str = "id"
    is_watched: bool = True
    first_instance: int = 0
    first_history: int = 0
    cases: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    personal: set[str] = field(default_factory=set)
    told: int = 0
    last_task: int = 0
    elements: dict[tuple[str, str], ElementInfo] = field(default_factory=dict)

    # -- what happened since the story began --------------------------------------------------------------------------

    def instances(self, case_id: int | None = None) -> list[ProcessInstance]:
        """The story's instances, oldest first."""
        query = select(ProcessInstance).where(ProcessInstance.id > self.first_instance).order_by(ProcessInstance.id)
        rows = self.session.scalars(query.execution_options(populate_existing=True))
        return [row for row in rows if case_id is None or row.case_id == case_id]

    def open_tasks(self, case_id: int | None = None) -> list[Task]:
        """Open tasks of the story's instances, oldest first."""
        query = select(Task).where(Task.instance_id > self.first_instance, Task.state == TaskState.OPEN)
        if case_id is not None:
            query = query.where(Task.case_id == case_id)
        return list(self.session.scalars(query.order_by(Task.id).execution_options(populate_existing=True)))

    def history(self) -> list[list[Any]]:
        """Every step of every advance since the start: [kind, element, process, detail]."""
        own = History.instance_id > self.first_instance
        query = select(History.detail).where(History.id > self.first_history, own).order_by(History.id)
        return [entry for detail in self.session.scalars(query) for entry in detail.get("steps") or []]

    def element(self, process_id: str, element_id: str) -> ElementInfo:
        """What the diagram says of an element."""
        if (process_id, element_id) not in self.elements:
            for row in self.instances():
                compiled = definitions.compiled(self.session, row.definition_id)
                for name in compiled.processes:
                    self.elements |= {(name, element.id): element for element in compiled.elements(name)}
        return self.elements[process_id, element_id]

    def case_id(self, more: Mapping[str, Any]) -> int | None:
        """The case that a step names by its alias; None for a step about all."""
        alias = more.get("case")
        if alias is None:
            return None
        if alias not in self.cases:
            raise StoryError(f"There is no case {alias}.")
        return self.cases[alias]

    def first_case(self) -> int:
        """The case that the story is about when a step names none: the first registered, else the first begun."""
        begun = (row.case_id for row in self.instances() if row.case_id is not None)
        found = next(iter([*self.cases.values(), *begun]), None)
        if found is None:
            raise StoryError("The story has no case.")
        return found

    def actor(self, more: Mapping[str, Any], default: str | None = None) -> Actor:
        """Who does the step."""
        name = more.get("by", default)
        worker = by_username(self.session, str(name)) if name else None
        if worker is None:
            raise StoryError(f"by: there is no worker {name}.")
        return worker.actor()

    def task(self, step: Step) -> Task:
        """The oldest open task of the element the step names."""
        where = feel.from_python(dict(step.more.get("where") or {}))
        for task in self.open_tasks(self.case_id(step.more)):
            local = feel.from_json(task.local)
            if task.element_id == step.subject and all(local.get(name) == value for name, value in where.items()):
                return task
        open_now = ", ".join(sorted(task.element_id for task in self.open_tasks()))
        raise StoryError(f"{step.subject} is not open. Open are: {open_now or 'none'}.")

    # -- what is typed ------------------------------------------------------------------------------------------------

    def facts(self, step: Step) -> dict[str, Any]:
        """A step's facts; a form of the message's name turns what an agency says into typed facts."""
        found = dict(step.more.get("facts") or {})
        form = self.message_form(str(step.subject)) if step.kind in ("message", "event") else None
        if form is None:
            return {name: feel.from_python(value) for name, value in found.items()}
        result = forms.check(form, plain(found), form_answers.situation(self.session, {}))
        if not result.ok:
            raise InvalidForm(result.errors)
        return forms.facts_of(form, result.answers) | {
            name: feel.from_python(value) for name, value in found.items() if name not in form.questions
        }

    def message_form(self, name: str) -> Form | None:
        """The form with the message's name, in the family of the process that knows the message."""
        rows = self.session.scalars(select(Definition).order_by(Definition.id.desc()))
        for row in rows:
            if any(file.endswith(f"/{name}.form") for file in row.manifest):
                return definitions.form(self.session, row.id, name)
        return None

    def typed(self, form: Form | None, more: Mapping[str, Any], actor: Actor, task: Task | None) -> dict[str, Any]:
        """A step's answers as a page would send them: named files are kept first, their numbers are sent."""
        answers: dict[str, Any] = plain(dict(more.get("answers") or {}))
        if form is None:
            return answers
        unknown = set(answers) - {*form.questions, *(f"{key}_reason" for key in form.questions)}
        if unknown:
            raise StoryError(f"{form.id} does not ask for {', '.join(sorted(unknown))}.")
        case = self.session.get(Case, task.case_id) if task is not None and task.case_id is not None else None
        for key, field_ in form.questions.items():
            if field_.type in ("filepicker", "documents") and key in answers:
                names = answers[key] if isinstance(answers[key], list) else [answers[key]]
                uploads = [Upload(str(name), PAPER) for name in names]
                kept = [documents.keep(self.session, actor, case, key, upload) for upload in uploads]
                answers[key] = [str(row.id) for row in kept]
        self.personal |= personal_words(form.components, answers)
        return answers


def plain(value: Any) -> Any:
    """What YAML made of dates goes back to the text that a person types."""
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def personal_words(components: tuple[Component, ...], answers: Mapping[str, Any]) -> set[str]:
    """The texts typed into personal questions, with those in the rows of lists."""
    found: set[str] = set()
    for component in questions(components):
        value = answers.get(component.key)
        if component.children and isinstance(value, list):
            found |= {word for row in value for word in personal_words(component.children, row)}
        elif component.is_personal:
            found |= {value} if isinstance(value, str) else set()
    return found
