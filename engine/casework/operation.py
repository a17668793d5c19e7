"""Commands of operators: retry what stands still, hold and release instances, give up on what cannot go on."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import Actor
from engine.casework import facts, instances, record, running, step
from engine.casework.rules import runtime
from engine.errors import Conflict, InvalidForm, NotFound
from engine.permissions import Area
from engine.store.incidents import UNREADABLE, Incident, IncidentState
from engine.store.jobs import Job, JobState
from engine.store.session import BELLS

SHORTEST_REASON = 5


def retry(session: Session, actor: Actor, incident_id: int, reason: str = "") -> Incident:
    """Try again at the place of an incident. Raises NotFound, Conflict (already resolved), InvalidState."""
    incident = _open(session, actor, incident_id)
    if incident.job_id is not None:
        _revive(session, incident.job_id)
    elif incident.code == UNREADABLE:
        running.load(session, incident.instance_id)
    else:
        loaded = running.load(session, incident.instance_id)
        advance = loaded.instance.retry(incident.wait_id or incident.element_id, runtime(session))
        step.write(session, actor, loaded, advance, "incident.retried", element_id=incident.element_id)
    _resolve(session, actor, incident, "retried", reason)
    return incident


def retry_alike(session: Session, actor: Actor, incident_id: int, reason: str = "") -> int:
    """Try again everywhere that stands still at the same element for the same reason; how many."""
    pattern = _open(session, actor, incident_id)
    alike = session.scalars(
        select(Incident.id).where(
            Incident.state == IncidentState.OPEN,
            Incident.element_id == pattern.element_id,
            Incident.code == pattern.code,
        )
    ).all()
    for found in alike:
        retry(session, actor, found, reason)
    return len(alike)


def _open(session: Session, actor: Actor, incident_id: int) -> Incident:
    permissions.check_may_enter(actor, Area.OPERATION)
    incident = session.scalar(select(Incident).where(Incident.id == incident_id).with_for_update())
    if incident is None:
        raise NotFound(f"No incident {incident_id}.")
    if incident.state is not IncidentState.OPEN:
        raise Conflict(f"Incident {incident_id} is resolved.")
    return incident


def _revive(session: Session, job_id: int) -> None:
    values = {"state": JobState.READY, "attempts": 0, "due_at": clock.now(), "last_error": None}
    session.execute(update(Job).where(Job.id == job_id, Job.state == JobState.DEAD).values(**values))
    session.info.setdefault(BELLS, []).append(job_id)


def _resolve(session: Session, actor: Actor, incident: Incident, how: str, reason: str) -> None:
    incident.state, incident.resolved_at = IncidentState.RESOLVED, clock.now()
    incident.resolved_by, incident.resolution = actor.id, how
    record.note(
        session,
        actor,
        f"incident.{how}",
        case_id=incident.case_id,
        instance_id=incident.instance_id,
        element_id=incident.element_id,
        detail={"code": incident.code} | ({"reason": reason} if reason else {}),
    )
    session.flush()


def hold(session: Session, actor: Actor, instance_id: int, reason: str) -> None:
    """Suspend an instance, with a reason."""
    permissions.check_may_enter(actor, Area.OPERATION)
    instances.suspend(session, actor, instance_id, reason_of(reason))


def go_on(session: Session, actor: Actor, instance_id: int, reason: str = "") -> None:
    """Resume a suspended instance."""
    permissions.check_may_enter(actor, Area.OPERATION)
    instances.resume(session, actor, instance_id, reason)


def end(session: Session, actor: Actor, instance_id: int, reason: str) -> None:
    """Cancel an instance with everything that waits in it, with a reason."""
    permissions.check_may_enter(actor, Area.OPERATION)
    instances.cancel(session, actor, instance_id, reason_of(reason))


def reason_of(text: str) -> str:
    """An operator's reason, as it is kept. Raises InvalidForm if it says nothing, or holds somebody's number."""
    if len(text.strip()) < SHORTEST_REASON:
        raise InvalidForm({"reason": ["required"]})
    if facts.has_long_number(text):
        raise InvalidForm({"reason": ["long_number"]})
    return text.strip()
