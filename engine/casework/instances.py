"""Commands on process instances: start, cancel, suspend, resume, go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.bpmn import Instance
from engine.casework import definitions, record, running, step
from engine.casework.rules import runtime
from engine.errors import Conflict
from engine.store import instances as store
from engine.store.cases import Case
from engine.store.definitions import Definition
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobState


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a new instance is about."""

    region_code: str
    business_key: str
    case: Case | None = None


def start(
    session: Session,
    actor: Actor,
    process_id: str,
    variables: Mapping[str, Any],
    about: Beginning,
    *,
    message: str | None = None,
    event: str | None = None,
    definition: Definition | None = None,
) -> ProcessInstance:
    """Start the newest version of a process (or `definition`) and advance it to its first wait states.

    `message`: the message that starts it; `event`: the timer or signal start event that does.
    """
    row = definition or definitions.latest_of_process(session, process_id)
    compiled = definitions.compiled(session, row.id)
    instance, advance = Instance.start(
        compiled, process_id, dict(variables), runtime(session), message=message, event=event
    )
    new = ProcessInstance(
        definition_id=row.id,
        process_id=process_id,
        case_id=about.case.id if about.case else None,
        business_key=about.business_key,
        region_code=about.region_code,
        started_at=clock.now(),
    )
    session.add(new)
    session.flush()
    loaded = running.Loaded(new, about.case, row.id, row.sha256, compiled, instance, new.rev)
    step.write(session, actor, loaded, advance, "instance.started")
    return new


def cancel(session: Session, actor: Actor, instance_id: int, reason: str) -> None:
    """End an instance with everything that waits in it. `reason` is a code."""

    def work() -> None:
        loaded = running.load(session, instance_id)
        advance = loaded.instance.cancel(runtime(session))
        step.write(session, actor, loaded, advance, "instance.cancelled", detail={"reason": reason})

    step.retrying(session, work)


def suspend(session: Session, actor: Actor, instance_id: int, reason: str) -> None:
    """Hold an instance: nothing in it moves until it is resumed."""
    row = store.lock(session, instance_id)
    if row.state is not InstanceState.ACTIVE:
        raise Conflict(f"Process instance {instance_id} is {row.state.value}.")
    row.state = InstanceState.SUSPENDED
    row.rev += 1
    _move_jobs(session, instance_id, JobState.READY, JobState.SUSPENDED)
    record.note(session, actor, "instance.suspended", **_about(row), detail={"reason": reason})


def resume(session: Session, actor: Actor, instance_id: int, reason: str = "") -> None:
    """Let a suspended instance go on."""
    row = store.lock(session, instance_id)
    if row.state is not InstanceState.SUSPENDED:
        raise Conflict(f"Process instance {instance_id} is {row.state.value}.")
    row.state = InstanceState.ACTIVE
    row.rev += 1
    _move_jobs(session, instance_id, JobState.SUSPENDED, JobState.READY)
    record.note(session, actor, "instance.resumed", **_about(row), detail={"reason": reason} if reason else {})


def _move_jobs(session: Session, instance_id: int, old: JobState, new: JobState) -> None:
    session.execute(update(Job).where(Job.instance_id == instance_id, Job.state == old).values(state=new))


def _about(row: ProcessInstance) -> dict[str, Any]:
    return {"case_id": row.case_id, "instance_id": row.id}


def of_case(session: Session, case_id: int) -> list[ProcessInstance]:
    """The instances of a case, newest first."""
    rows = session.scalars(
        select(ProcessInstance).where(ProcessInstance.case_id == case_id).order_by(ProcessInstance.id.desc())
    )
    return list(rows)
