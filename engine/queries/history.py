"""What happened on a case, ready to be told in words: who, what, when, and by which rules it was decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from engine.actors import Actor
from engine.casework import definitions
from engine.queries import reading
from engine.queries.reading import Reading
from engine.queries.tables import TableWords, words_of
from engine.store.definitions import Definition
from engine.store.history import History
from engine.store.tasks import Task
from engine.store.workers import Worker
from forms.model import walk

SIZE = 40
# Told by other rows, or of interest to operators only.
_UNTOLD = ("instance.started", "instance.proceeded", "definition.published")


@dataclass(frozen=True, slots=True)
class Input:
    """What a table looked at, or one column of what came out; without a label there is one column only.

    `answers`: what the forms call the codes that the value may hold.
    """

    label: str
    label_en: str
    value: Any
    answers: "Answers" = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision table that was asked in this step: the rules that matched, counted from 1, and what came out."""

    name: str
    name_en: str
    rules: Sequence[int]
    inputs: Sequence[Input]
    outputs: Sequence[Input]


@dataclass(frozen=True, slots=True)
class Happening:
    """One row of the history. `name`: the element it happened at; `to`: the worker it was given to."""

    id: int
    at: datetime
    kind: str
    by: str
    name: str
    name_en: str
    to: str
    decided: Sequence[Decided]
    opened: Sequence[tuple[str, str]]


def of_case(
    session: Session, actor: Actor, case_id: int, *, before: int | None = None, size: int = SIZE
) -> list[Happening]:
    """The newest of the case's history (older than row `before`); one statement, definitions apart.

    The caller has checked that the actor may read the case.
    """
    receiver = aliased(Worker)
    query = (
        select(History, Worker.name, receiver.name, Task.name, Task.name_en)
        .outerjoin(Worker, Worker.id == History.actor_id)
        .outerjoin(receiver, receiver.id == History.detail["to"].as_integer())
        .outerjoin(Task, Task.id == History.task_id)
        .where(History.case_id == case_id, History.kind.not_in(_UNTOLD))
        .order_by(History.id.desc())
        .limit(size)
    )
    if before is not None:
        query = query.where(History.id < before)
    rows = session.execute(query).all()
    reader = reading.of(session, actor)
    about = {number: _about(session, number, reader) for number in {row.definition_id for row, *_ in rows} if number}
    return [
        _happening(
            row, by or "", to or "", (task, task_en or task) if task else None, about.get(row.definition_id or 0)
        )
        for row, by, to, task, task_en in rows
    ]


Names = Mapping[tuple[str, str], tuple[str, str]]
Answers = Mapping[str, tuple[str, str]]
_answers: dict[str, Mapping[str, Answers]] = {}


@dataclass(frozen=True, slots=True)
class _Known:
    """What a version calls its elements and tables, and what of them the reader may know."""

    names: Names
    words: TableWords
    answers: Mapping[str, Answers]
    reader: Reading
    secret: frozenset[str]


_UNKNOWN = _Known({}, TableWords(), {}, Reading(frozenset(), frozenset()), frozenset())


def _about(session: Session, definition_id: int, reader: Reading) -> _Known:
    """What a version calls its elements and tables. The row is held, so that it is read once."""
    held = session.get(Definition, definition_id)
    if held is None:
        return _UNKNOWN
    secret = reading.secret_facts(session, held.id, reader)
    return _Known(_names(session, held.id), words_of(session, held.id), _answers_of(session, held), reader, secret)


def _answers_of(session: Session, row: Definition) -> Mapping[str, Answers]:
    """Question -> code -> what the version's forms call it and its English; kept by the version's content."""
    if row.sha256 not in _answers:
        found: dict[str, dict[str, tuple[str, str]]] = {}
        for form in definitions.forms_of(session, row.id):
            for question in walk(form.components):
                for option in question.options:
                    found.setdefault(question.key, {})[option.value] = (option.label, option.label_en)
        _answers[row.sha256] = found
    return _answers[row.sha256]


def _happening(row: History, by: str, to: str, task: tuple[str, str] | None, known: _Known | None) -> Happening:
    known = known or _UNKNOWN
    steps = row.detail.get("steps") or ()
    name, name_en = task or _name_at(row, steps, known.names)
    return Happening(
        id=row.id,
        at=row.at,
        kind=row.kind,
        by=by,
        name=name,
        name_en=name_en,
        to=to,
        decided=[one for kind, _, _, detail in steps if kind == "decided" for one in _decided(detail, known)],
        opened=_opened(steps, known.names),
    )


def _names(session: Session, definition_id: int) -> Names:
    """(process, element) -> (name, English name): ids are unique within a process, not within a bundle."""
    compiled = definitions.compiled(session, definition_id)
    return {
        (process_id, element.id): (element.name, element.name_en or element.name)
        for process_id in compiled.processes
        for element in compiled.elements(process_id)
    }


def _name_at(row: History, steps: Iterable[Any], names: Names) -> tuple[str, str]:
    """The name of the element that a row is about, in whichever process the step touched it."""
    processes = [process_id for _, element_id, process_id, _ in steps if element_id == row.element_id]
    return names.get((processes[0] if processes else row.process_id, row.element_id), ("", ""))


def _opened(steps: Iterable[Any], names: Names) -> list[tuple[str, str]]:
    """What the step began and did not finish: where the case went on to, by name."""
    begun: dict[tuple[str, str], int] = {}
    for kind, element_id, process_id, _ in steps:
        key = (process_id, element_id)
        if kind == "entered":
            begun[key] = begun.get(key, 0) + 1
        elif kind in ("completed", "cancelled"):
            begun[key] = begun.get(key, 0) - 1
    return [names[key] for key, number in begun.items() if number > 0 and names.get(key, ("", ""))[0]]


def _decided(detail: Mapping[str, Any], known: _Known) -> Iterable[Decided]:
    for trace in detail.get("traces") or ():
        if not known.reader.may_know(trace, known.secret):
            continue
        decision_id = str(trace.get("decision") or "")
        name, name_en = known.words.names.get(decision_id, (str(trace.get("name") or decision_id),) * 2)
        for table in trace.get("tables") or ():
            table_id = str(table.get("table") or "")
            yield Decided(
                name=name,
                name_en=name_en,
                rules=[int(rule["number"]) for rule in table.get("rules") or ()],
                inputs=list(_inputs(table_id, table.get("inputs") or (), known)),
                outputs=list(_outputs(table_id, table.get("output"), known)),
            )


def _inputs(table_id: str, columns: Iterable[Any], known: _Known) -> Iterable[Input]:
    for place, one in enumerate(columns):
        expression = str(one["expression"])
        if expression == "step":
            continue  # how tables of deadlines call the task that the history names anyway
        said = str(one["label"] or expression)
        label_en = known.words.inputs.get((table_id, place), ("", said))[1] or said
        yield Input(said, label_en, one["value"], known.answers.get(expression, {}))


def _outputs(table_id: str, output: Any, known: _Known) -> Iterable[Input]:
    if isinstance(output, Mapping):
        for column, value in output.items():
            label, label_en = known.words.columns.get((table_id, column), ("", ""))
            yield Input(label or column, label_en or column, value, known.answers.get(column, {}))
    elif output is not None:
        yield Input("", "", output)
