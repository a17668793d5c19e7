"""What cases wait for without a task: an agency's answer, the limit set for it, or a moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bpmn import Definition as Compiled
from engine.bpmn import Instance, MessageWait, TimerWait
from engine.bpmn.definition import ElementInfo
from engine.casework import definitions
from engine.store.definitions import Definition
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.messages import Subscription

_STANDING = ("intermediateCatchEvent", "receiveTask")
MESSAGE, LIMIT, TIMER = "message", "limit", "timer"


@dataclass(frozen=True, slots=True)
class Pending:
    """Something that the case waits for. `kind`: message (somebody outside), limit (how long it waits for one), or
    timer (a moment). `why` says what the wait is for, if the diagram does; `then`: the next step."""

    kind: str
    name: str
    name_en: str
    since: datetime | None
    due_at: datetime | None
    why: str = ""
    why_en: str = ""
    then: str = ""
    then_en: str = ""


def pending_of(session: Session, case_ids: Sequence[int]) -> dict[int, list[Pending]]:
    """What each case waits for, agencies first, then by time; two statements, definitions apart.

    What only watches over other work is left out. The caller has checked the cases.
    """
    if not case_ids:
        return {}
    running = (ProcessInstance.case_id.in_(case_ids), ProcessInstance.state == InstanceState.ACTIVE)
    instances = session.execute(
        select(ProcessInstance, Definition)
        .join(Definition, Definition.id == ProcessInstance.definition_id)
        .where(*running)
        .order_by(ProcessInstance.id)
    ).all()
    begun = session.execute(
        select(Subscription.instance_id, Subscription.wait_id, Subscription.created_at)
        .join(ProcessInstance, ProcessInstance.id == Subscription.instance_id)
        .where(*running)
    )
    since = {(instance_id, wait_id): at for instance_id, wait_id, at in begun}
    found: dict[int, list[Pending]] = {case_id: [] for case_id in case_ids}
    for row, version in instances:
        if row.case_id is not None and row.body is not None:
            found[row.case_id] += _waits(definitions.compiled(session, version.id), row, since)
    return {case_id: sorted(waits, key=_place) for case_id, waits in found.items()}


def _waits(compiled: Compiled, row: ProcessInstance, since: Mapping[tuple[int, str], datetime]) -> Iterable[Pending]:
    for wait in Instance.load(compiled, row.body, row.base).waits():
        if isinstance(wait, MessageWait | TimerWait):
            element = _element(compiled, wait.process_id, wait.element_id)
            if element is not None:
                yield _pending(compiled, wait, element, since.get((row.id, wait.id)))


def _element(compiled: Compiled, process_id: str, element_id: str) -> ElementInfo | None:
    """The element, if the case itself stands at it. Ids are unique within a process, not within a bundle."""
    found = (one for one in compiled.elements(process_id) if one.id == element_id)
    return next((one for one in found if one.type in _STANDING and one.name), None)


def _pending(
    compiled: Compiled, wait: MessageWait | TimerWait, element: ElementInfo, since: datetime | None
) -> Pending:
    before, after = compiled.around(wait.process_id, wait.element_id)
    names: dict[str, Any] = {
        "name": element.name,
        "name_en": element.name_en or element.name,
        "why": element.documentation,
        "why_en": (element.properties or {}).get("documentation:en", "") or element.documentation,
    }
    if isinstance(wait, MessageWait):
        return Pending(MESSAGE, since=since, due_at=None, **names)
    is_limit = any(one.type == "eventBasedGateway" for one in before)
    then = next((one for one in after if one.name), None)
    names |= {"then": then.name, "then_en": then.name_en or then.name} if then else {}
    return Pending(LIMIT if is_limit else TIMER, since=None, due_at=wait.due_at, **names)


def _place(one: Pending) -> tuple[int, float]:
    return (MESSAGE, LIMIT, TIMER).index(one.kind), one.due_at.timestamp() if one.due_at else 0.0
