"""Which instances an operator means: by version, state, place, incident, number and start. One selection for lists,
counts and orders."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.casework.rules import office_rules
from engine.store.incidents import Incident, IncidentState
from engine.store.instance_migrations import InstanceMigration, Outcome
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobState
from engine.store.messages import Subscription
from engine.store.tasks import Task, TaskState

RUNNING = (InstanceState.ACTIVE, InstanceState.SUSPENDED)
LIVE_JOBS = (JobState.READY, JobState.RUNNING, JobState.DEAD, JobState.SUSPENDED)
STATES = ("running", "active", "suspended", "completed", "cancelled", "all")


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen; what is empty does not matter. `state`: one of STATES; `run_id`: moved by that migration.

    `since`, `until`: days in the office's time zone, both included.
    """

    definition_id: int | None = None
    state: str = "running"
    element_id: str = ""
    incident: bool = False
    run_id: int | None = None
    number: str = ""
    since: date | None = None
    until: date | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept with an order."""
        days = {name: day.isoformat() if (day := getattr(self, name)) else None for name in ("since", "until")}
        return asdict(self) | days

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Selection":
        """As it was kept."""
        days = {name: date.fromisoformat(text) if (text := kept.get(name)) else None for name in ("since", "until")}
        return cls(**{**kept, **days})


def conditions(session: Session, actor: Actor, chosen: Selection) -> list[ColumnElement[bool]]:
    """SQL over process instances: what was chosen, of what the actor may see."""
    found = [permissions.operates(actor)]
    if chosen.definition_id is not None:
        found.append(ProcessInstance.definition_id == chosen.definition_id)
    if chosen.state == "running":
        found.append(ProcessInstance.state.in_(RUNNING))
    elif chosen.state != "all":
        found.append(ProcessInstance.state == InstanceState(chosen.state))
    if chosen.number:
        found.append(ProcessInstance.business_key == chosen.number)
    if chosen.since is not None:
        found.append(ProcessInstance.started_at >= _midnight(session, chosen.since))
    if chosen.until is not None:
        found.append(ProcessInstance.started_at < _midnight(session, chosen.until + timedelta(days=1)))
    if chosen.element_id:
        found.append(_stands_at(chosen.element_id))
    if chosen.run_id is not None:
        found.append(_moved_by(chosen.run_id))
    if chosen.incident:
        found.append(_stands_still(chosen))
    return found


def _midnight(session: Session, day: date) -> datetime:
    return datetime.combine(day, time(), office_rules(session).zone)


def _moved_by(run_id: int) -> ColumnElement[bool]:
    return exists(
        select(InstanceMigration.id).where(
            InstanceMigration.instance_id == ProcessInstance.id,
            InstanceMigration.run_id == run_id,
            InstanceMigration.outcome == Outcome.MIGRATED,
        )
    )


def _stands_still(chosen: Selection) -> ColumnElement[bool]:
    query = select(Incident.id).where(Incident.instance_id == ProcessInstance.id, Incident.state == IncidentState.OPEN)
    if chosen.element_id:
        query = query.where(Incident.element_id == chosen.element_id)
    return exists(query)


def _stands_at(element_id: str) -> ColumnElement[bool]:
    of_instance = ProcessInstance.id
    places = (
        select(Task.id).where(
            Task.instance_id == of_instance, Task.element_id == element_id, Task.state == TaskState.OPEN
        ),
        select(Job.id).where(Job.instance_id == of_instance, Job.element_id == element_id, Job.state.in_(LIVE_JOBS)),
        select(Subscription.id).where(Subscription.instance_id == of_instance, Subscription.element_id == element_id),
        select(Incident.id).where(
            Incident.instance_id == of_instance,
            Incident.element_id == element_id,
            Incident.state == IncidentState.OPEN,
        ),
    )
    return or_(*map(exists, places))
