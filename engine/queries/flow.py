"""The way a case has walked through its diagrams: where it stands, what is done, which flows were taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.bpmn import Definition as Compiled
from engine.casework import definitions
from engine.errors import NotFound
from engine.store.cases import Case
from engine.store.definitions import Definition, files_of
from engine.store.history import History
from engine.store.instances import ProcessInstance

# A subprocess is open while something in it is: the case stands at that.
_AROUND = ("subProcess", "transaction", "adHocSubProcess")
# What a reader of the way in words wants to see; gateways and flows are for the picture.
_TOLD = (
    "userTask",
    "serviceTask",
    "businessRuleTask",
    "callActivity",
    "receiveTask",
    "manualTask",
    "sendTask",
    "endEvent",
)


@dataclass(frozen=True, slots=True)
class Place:
    """One element walked, in the order of its first visit. `is_here`: the case stands at it."""

    id: str
    type: str
    name: str
    name_en: str
    visits: int
    is_here: bool


@dataclass(slots=True)
class Walked:
    """One process of an instance: ids for the picture, places for the words."""

    process_id: str
    name: str
    name_en: str
    here: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Flow:
    """Every process that an instance of the case walked through, the first one first."""

    instance_id: int
    version: int
    walked: Sequence[Walked]


def of_case(session: Session, case_id: int) -> Flow | None:
    """The walk of the case's own instance; None before it began. The caller has checked the case."""
    query = (
        select(ProcessInstance, Definition.number)
        .join(Definition, Definition.id == ProcessInstance.definition_id)
        .where(ProcessInstance.case_id == case_id)
        .order_by(ProcessInstance.id)
        .limit(1)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    instance, number = found
    steps = session.scalars(
        select(History.detail["steps"]).where(History.instance_id == instance.id).order_by(History.id)
    )
    compiled = definitions.compiled(session, instance.definition_id)
    ended = instance.ended_at is not None
    return Flow(instance.id, number, walk(compiled, (step for row in steps for step in row or ()), has_ended=ended))


def walk(compiled: Compiled, steps: Iterable[Any], *, has_ended: bool = False) -> list[Walked]:
    """Counts per process and element: what was entered more often than left is where the case stands."""
    entered: dict[str, dict[str, int]] = {}
    left: dict[str, dict[str, int]] = {}
    completed: dict[str, dict[str, int]] = {}
    flows: dict[str, dict[str, None]] = {}
    for kind, element_id, process_id, _ in steps:
        if kind == "entered":
            _count(entered, process_id, element_id)
        elif kind in ("completed", "cancelled"):
            _count(left, process_id, element_id)
            if kind == "completed":
                _count(completed, process_id, element_id)
        elif kind == "taken":
            flows.setdefault(process_id, {})[element_id] = None
    found = []
    for process_id, visits in entered.items():
        here = [
            element
            for element, number in visits.items()
            if not has_ended and number > left.get(process_id, {}).get(element, 0)
        ]
        found.append(_walked(compiled, process_id, visits, here, completed.get(process_id, {}), flows))
    return found


def _count(into: dict[str, dict[str, int]], process_id: str, element_id: str) -> None:
    of_process = into.setdefault(process_id, {})
    of_process[element_id] = of_process.get(element_id, 0) + 1


def _walked(
    compiled: Compiled,
    process_id: str,
    visits: dict[str, int],
    here: list[str],
    completed: dict[str, int],
    flows: dict[str, dict[str, None]],
) -> Walked:
    name, name_en = compiled.name(process_id)
    elements = {element.id: element for element in compiled.elements(process_id)}
    here = [key for key in here if key not in elements or elements[key].type not in _AROUND]
    places = [
        Place(element.id, element.type, element.name, element.name_en or element.name, number, element.id in here)
        for element, number in ((elements[key], number) for key, number in visits.items() if key in elements)
        if element.type in _TOLD and element.name
    ]
    return Walked(
        process_id,
        name or process_id,
        name_en or name or process_id,
        here,
        [element for element in visits if element in completed and element not in here],
        list(flows.get(process_id, {})),
        places,
    )


def diagram(session: Session, actor: Actor, case_id: int, process_id: str) -> bytes:
    """The BPMN file that draws a process of the case, in the version the case runs on. Raises NotFound."""
    query = (
        select(Definition)
        .join(ProcessInstance, ProcessInstance.definition_id == Definition.id)
        .join(Case, Case.id == ProcessInstance.case_id)
        .where(Case.id == case_id, permissions.sees_case(actor))
        .order_by(ProcessInstance.id)
        .limit(1)
    )
    row = session.scalar(query)
    compiled = definitions.compiled(session, row.id) if row is not None else None
    if row is None or compiled is None or process_id not in compiled.processes:
        raise NotFound(f"No diagram {process_id} of case {case_id}.")
    name = compiled.file_of(process_id)
    return files_of(session, {name: row.manifest[name]})[name]
