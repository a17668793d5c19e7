"""Decisions as they were made, ready to be told: what a table looked at, which rules matched, what came out, and which
way a gateway took."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn import Definition as Compiled
from engine.bpmn import ElementInfo
from engine.casework import definitions, reading
from engine.casework.reading import Reading
from engine.feel import from_json, to_plain
from engine.queries.tables import TableWords, words_of
from engine.store.definitions import Definition
from forms.model import Form, walk

Names = tuple[str, str]
"""A name and its English."""
Answers = Mapping[str, Names]
"""Code -> what the forms call it."""

# How tables of deadlines call a task: the history names it anyway.
_STEP = "step"
_spoken: dict[str, "Spoken"] = {}


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the forms of a version call their questions and the codes that answer them.

    A code that two forms call differently has no words but in its own form (`forms`).
    """

    questions: Mapping[str, Names] = field(default_factory=dict)
    answers: Mapping[str, Answers] = field(default_factory=dict)
    forms: Mapping[str, "Spoken"] = field(default_factory=dict)

    def in_form(self, form_id: str | None) -> "Spoken":
        """The same, as one form says it where it does."""
        own = self.forms.get(form_id or "")
        if own is None:
            return self
        return Spoken({**self.questions, **own.questions}, {**self.answers, **own.answers}, self.forms)


@dataclass(frozen=True, slots=True)
class Input:
    """A value that was looked at or came out; without a label there is only this one.

    `answers`: what the forms call the codes that the value may hold. `format`: rupiah, or nothing. `items`: the columns
    of each row, where several rows of a table came out. `name`: the fact, which has no label if nobody asks for it.
    """

    label: str
    label_en: str
    value: Any
    answers: Answers = field(default_factory=dict, repr=False)
    format: str = ""
    items: Sequence[Sequence["Input"]] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision table that was asked: the rules that matched, counted from 1, what they say, and what came out."""

    name: str
    name_en: str
    rules: Sequence[int]
    inputs: Sequence[Input]
    outputs: Sequence[Input]
    remarks: Sequence[Names] = ()
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The way that a gateway took: its name, the flow's and the next element's.

    `values`: of what the conditions asked; without a condition it is the way for all other cases.
    """

    gateway: Names
    flow: Names
    to: Names
    condition: str
    values: Sequence[Input]


@dataclass(frozen=True, slots=True)
class Known:
    """What a version calls its elements, tables and questions, and what of them the reader may know."""

    compiled: Compiled | None
    names: Mapping[tuple[str, str], Names]
    words: TableWords
    spoken: Spoken
    reader: Reading
    secret: frozenset[str]
    elements: Mapping[tuple[str, str], ElementInfo] = field(default_factory=dict)

    def in_form(self, form_id: str | None) -> "Known":
        """The same, with questions and codes as one form calls them."""
        return replace(self, spoken=self.spoken.in_form(form_id)) if form_id else self

    def type_of(self, process_id: str, element_id: str) -> str:
        """The BPMN tag of an element."""
        found = self.elements.get((process_id, element_id))
        return found.type if found is not None else ""


UNKNOWN = Known(None, {}, TableWords(), Spoken(), Reading(frozenset(), frozenset()), frozenset())


def about(session: Session, definition_id: int, reader: Reading) -> Known:
    """What a version calls things. The row is held, so that it is read once."""
    held = session.get(Definition, definition_id)
    if held is None:
        return UNKNOWN
    compiled = definitions.compiled(session, held.id)
    secret = reading.secret_facts(session, held.id, reader)
    words, spoken = words_of(session, held.id), _spoken_of(session, held)
    elements = _elements(compiled)
    names = {place: (element.name, element.name_en or element.name) for place, element in elements.items()}
    return Known(compiled, names, words, spoken, reader, secret, elements)


def _elements(compiled: Compiled) -> dict[tuple[str, str], ElementInfo]:
    """By (process, element): ids are unique within a process, not within a bundle."""
    return {
        (process_id, element.id): element
        for process_id in compiled.processes
        for element in compiled.elements(process_id)
    }


def _spoken_of(session: Session, row: Definition) -> Spoken:
    """Kept by the version's content."""
    if row.sha256 not in _spoken:
        forms = {form.id: _spoken_in(form) for form in definitions.forms_of(session, row.id)}
        questions: dict[str, Names] = {}
        answers: dict[str, dict[str, Names]] = {}
        for one in forms.values():
            questions = {**one.questions, **questions}
            for key, words in one.answers.items():
                known = answers.setdefault(key, {})
                for code, names in words.items():
                    known[code] = names if known.get(code, names) == names else ("", "")
        _spoken[row.sha256] = Spoken(questions, answers, forms)
    return _spoken[row.sha256]


def _spoken_in(form: Form) -> Spoken:
    asked = [question for question in walk(form.components) if question.key]
    return Spoken(
        {question.key: (question.label_in("id"), question.label_in("en")) for question in asked},
        {
            question.key: {option.value: (option.label, option.label_en) for option in question.options}
            for question in asked
            if question.options
        },
    )


def plain(detail: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a step kept, with numbers and dates as values to show."""
    found: Mapping[str, Any] = to_plain(from_json(detail))
    return found


def decided_in(detail: Mapping[str, Any], known: Known) -> Iterator[Decided]:
    """The tables behind one recorded decision, those asked first before those that rest on them."""
    for trace in plain(detail).get("traces") or ():
        if not known.reader.may_know(trace, known.secret):
            continue
        decision_id = str(trace.get("decision") or "")
        name, name_en = name_of(decision_id, trace, known)
        for table in trace.get("tables") or ():
            table_id = str(table.get("table") or "")
            rules = [int(rule["number"]) for rule in table.get("rules") or ()]
            said = (known.words.remarks.get((table_id, number), ("", "")) for number in dict.fromkeys(rules))
            yield Decided(
                name=name,
                name_en=name_en,
                rules=rules,
                inputs=list(_inputs(table_id, table.get("inputs") or (), known)),
                outputs=list(outputs_of(table_id, table.get("output"), known)),
                remarks=[names for names in said if names[0]],
                decision=decision_id,
            )


def name_of(decision_id: str, trace: Mapping[str, Any], known: Known) -> Names:
    """What a decision is called, as its table says, else as its trace does."""
    return known.words.names.get(decision_id, (str(trace.get("name") or decision_id),) * 2)


def _inputs(table_id: str, columns: Iterable[Any], known: Known) -> Iterator[Input]:
    for place, one in enumerate(columns):
        expression = str(one["expression"])
        if expression == _STEP:
            continue
        said = str(one["label"] or expression)
        label_en = known.words.inputs.get((table_id, place), ("", said))[1] or said
        yield Input(said, label_en, one["value"], known.spoken.answers.get(expression, {}))


def outputs_of(table_id: str, output: Any, known: Known) -> Iterator[Input]:
    """The columns of what came out, in the order of the table, or the one value."""
    if isinstance(output, Mapping):
        drawn = [column for table, column in known.words.columns if table == table_id and column in output]
        for column in (*drawn, *(column for column in output if column not in drawn)):
            if column == _STEP:
                continue
            label, label_en = known.words.columns.get((table_id, column), ("", ""))
            yield Input(label or column, label_en or column, output[column], known.spoken.answers.get(column, {}))
    elif isinstance(output, list) and output and all(isinstance(item, Mapping) for item in output):
        yield Input("", "", output, items=[list(outputs_of(table_id, item, known)) for item in output])
    elif output is not None:
        yield Input("", "", output)


def chosen_in(process_id: str, flow_id: str, detail: Mapping[str, Any], known: Known) -> Chosen | None:
    """The way taken, if a condition or a default decided it and the reader may know by what."""
    if known.compiled is None or not ("condition" in detail or detail.get("default")):
        return None
    source, name = known.compiled.source_of(process_id, flow_id)
    gateway = known.names.get((process_id, source), ("", ""))
    to = known.names.get((process_id, str(detail.get("to", ""))), ("", ""))
    values = plain(detail).get("values") or {}
    is_always = str(detail.get("condition", "")).strip("= ") == "true"
    if not gateway[0] or is_always or not known.reader.may_know_facts(values, known.secret):
        return None
    return Chosen(gateway, name, to, str(detail.get("condition", "")), list(_facts(values, known)))


def _facts(values: Mapping[str, Any], known: Known) -> Iterator[Input]:
    """The facts that conditions asked about; a result with several columns is told column by column."""
    for fact, value in values.items():
        if isinstance(value, Mapping):
            yield from _facts(value, known)
        else:
            label, label_en = known.spoken.questions.get(fact) or _column(fact, known)
            yield Input(label, label_en, value, known.spoken.answers.get(fact, {}), name=fact)


def _column(fact: str, known: Known) -> Names:
    """The head of the table column that bears the fact's name, if there is one."""
    heads = (names for (_, column), names in known.words.columns.items() if column == fact and names[0])
    return next(heads, ("", ""))
