"""What happened on a case, ready to be told in words: who, what, when, and by which rules it was decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session, aliased

from engine.actors import Actor
from engine.casework import reading
from engine.queries.decided import UNKNOWN, Chosen, Decided, Known, about, chosen_in
from engine.queries.outcomes import Outcome, outcomes_in
from engine.queries.walks import missed_in, name_at
from engine.store.history import History
from engine.store.tasks import Task
from engine.store.workers import Worker

SIZE = 40
# Told by other rows, or of interest to operators only.
_UNTOLD = ("instance.started", "instance.proceeded", "definition.published")

# Elsewhere `to` is a village, an element, a version.
_TO_A_WORKER = ("task.assigned", "case.access_granted")


@dataclass(frozen=True, slots=True)
class Happening:
    """One row of the history. `name`: the element it happened at; `to`: the worker it was given to.

    `outcomes`: what tables were asked; `deadlines`: those that only set a time; `chosen`: the ways that gateways took;
    `opened`: where the case went on to. `is_late`: a time ran out that watched over something;
    `missed`: how many times it had run out again before anybody heard it.
    """

    id: int
    at: datetime
    kind: str
    by: str
    name: str
    name_en: str
    to: str
    outcomes: Sequence[Outcome]
    deadlines: Sequence[Decided]
    chosen: Sequence[Chosen]
    opened: Sequence[tuple[str, str]]
    is_late: bool = False
    missed: int = 0

    @property
    def decided(self) -> list[Decided]:
        """Every table that was asked."""
        own = [one.decided for one in self.outcomes if one.decided is not None]
        return [*own, *(each for one in self.outcomes for part in one.parts for each in part), *self.deadlines]


def of_case(
    session: Session, actor: Actor, case_id: int, *, before: int | None = None, size: int = SIZE
) -> list[Happening]:
    """The newest of the case's history (older than row `before`); one statement, definitions apart.

    The caller has checked that the actor may read the case.
    """
    receiver = aliased(Worker)
    given_to = case((History.kind.in_(_TO_A_WORKER), History.detail["to"].as_integer()))
    query = (
        select(History, Worker.name, receiver.name, Task.name, Task.name_en, Task.form_id)
        .outerjoin(Worker, Worker.id == History.actor_id)
        .outerjoin(receiver, receiver.id == given_to)
        .outerjoin(Task, Task.id == History.task_id)
        .where(History.case_id == case_id, History.kind.not_in(_UNTOLD))
        .order_by(History.id.desc())
        .limit(size)
    )
    if before is not None:
        query = query.where(History.id < before)
    rows = session.execute(query).all()
    reader = reading.of(session, actor)
    known = {number: about(session, number, reader) for number in {row.definition_id for row, *_ in rows} if number}
    return [
        _happening(
            row,
            by or "",
            to or "",
            (task, task_en or task) if task else None,
            known.get(row.definition_id or 0, UNKNOWN).in_form(form_id),
        )
        for row, by, to, task, task_en, form_id in rows
    ]


def _happening(row: History, by: str, to: str, task: tuple[str, str] | None, known: Known) -> Happening:
    steps = row.detail.get("steps") or ()
    name, name_en = task or name_at(row, steps, known.names)
    outcomes, deadlines = outcomes_in(row, known)
    return Happening(
        id=row.id,
        at=row.at,
        kind=row.kind,
        by=by,
        name=name,
        name_en=name_en,
        to=to,
        outcomes=outcomes,
        deadlines=deadlines,
        chosen=[
            one
            for kind, flow_id, process_id, detail in steps
            if kind == "taken" and (one := chosen_in(process_id, flow_id, detail, known)) is not None
        ],
        opened=_opened(steps, known),
        is_late=row.kind == "timer.fired" and _type_at(row, steps, known) != "intermediateCatchEvent",
        missed=missed_in(row, steps),
    )


def _type_at(row: History, steps: Iterable[Any], known: Known) -> str:
    processes = [process_id for _, element_id, process_id, _ in steps if element_id == row.element_id]
    return known.type_of(processes[0] if processes else row.process_id, row.element_id)


def _opened(steps: Iterable[Any], known: Known) -> list[tuple[str, str]]:
    """What the step began and did not finish: where the case went on to, by name."""
    begun: dict[tuple[str, str], int] = {}
    for kind, element_id, process_id, _ in steps:
        key = (process_id, element_id)
        if kind == "entered":
            begun[key] = begun.get(key, 0) + 1
        elif kind in ("completed", "cancelled"):
            begun[key] = begun.get(key, 0) - 1
    standing = [key for key, number in begun.items() if number > 0]
    # Where several events are waited for, the gateway before them says so.
    waits = {process for process, element in standing if known.type_of(process, element) == "eventBasedGateway"}
    told = (key for key in standing if not (key[0] in waits and known.type_of(*key) == "intermediateCatchEvent"))
    return [known.names[key] for key in told if known.names.get(key, ("", ""))[0]]
