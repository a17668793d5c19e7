"""Orders for many instances: written down at once, done one by one by workers that have time, told honestly."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import Actor
from engine.casework import idempotency, migration, operation, orders, step
from engine.casework.operation import reason_of
from engine.casework.selection import Selection, conditions
from engine.errors import Conflict, EngineError, InvalidForm, NotFound
from engine.permissions import Area
from engine.store import audit, instance_migrations
from engine.store import batches as store
from engine.store.batches import Batch, BatchAction, BatchItem, Claimed, ItemState
from engine.store.incidents import Incident, IncidentState
from engine.store.instance_migrations import Outcome
from engine.store.instances import ProcessInstance
from engine.store.session import Sessions, unit_of_work
from engine.store.workers import Worker

LEASE_SECONDS = 120
MOST = 100_000
ACTIONS = ("retry", "suspend", "resume", "cancel")
# What can be done to which instances at all.
_NARROWED: Mapping[str, Callable[[Selection], Selection]] = {
    "retry": lambda chosen: replace(chosen, incident=True),
    "suspend": lambda chosen: replace(chosen, state="active"),
    "resume": lambda chosen: replace(chosen, state="suspended"),
    "cancel": lambda chosen: replace(chosen, state="active"),
}

log = logging.getLogger("pilar.batches")


def count(session: Session, actor: Actor, action: str, chosen: Selection) -> int:
    """How many of the chosen instances the action can be done to."""
    permissions.check_may_enter(actor, Area.OPERATION)
    query = select(func.count()).select_from(ProcessInstance)
    return session.scalar(query.where(*conditions(session, actor, narrowed(action, chosen)))) or 0


def narrowed(action: str, chosen: Selection) -> Selection:
    """The chosen instances to which the action can be done."""
    return _NARROWED[action](chosen) if action in _NARROWED else chosen


def order(
    session: Session,
    actor: Actor,
    action: str,
    chosen: Selection,
    reason: str,
    key: str | None = None,
    *,
    run_id: int | None = None,
) -> int:
    """Write the order down for the instances as they are chosen now; its number. Once for each `key`.

    Raises InvalidForm without a reason, or if nothing is chosen.
    """
    permissions.check_may_enter(actor, Area.OPERATION)
    kept, chosen = reason_of(reason), narrowed(action, chosen)
    sha256 = idempotency.digest("batch", action, chosen.as_json(), run_id, kept)
    first = idempotency.first_answer(session, actor, key, sha256)
    if first is not None:
        return int(first["batch"])
    batch = Batch(action=BatchAction(action), chosen=chosen.as_json(), run_id=run_id, reason=kept, actor_id=actor.id,
                  created_at=clock.now())  # fmt: skip
    session.add(batch)
    session.flush()
    columns = (literal(batch.id), ProcessInstance.id, literal(ItemState.PENDING.value), literal(0), literal(""))
    found = select(*columns).where(*conditions(session, actor, chosen)).order_by(ProcessInstance.id).limit(MOST)
    names = ["batch_id", "instance_id", "state", "attempts", "code"]
    session.execute(insert(BatchItem).from_select(names, found, include_defaults=False))
    if not session.scalar(select(func.count()).select_from(BatchItem).where(BatchItem.batch_id == batch.id)):
        raise InvalidForm({"reason": ["nothing_chosen"]})
    audit.append(session, actor.id, "operate", "batch", batch.id, reason=kept)
    idempotency.keep(session, actor, key, "batch.ordered", sha256, {"batch": batch.id})
    return batch.id


def stop(session: Session, actor: Actor, batch_id: int) -> None:
    """Do nothing more of an order; what is done stays done. Raises NotFound, Conflict (it is over)."""
    permissions.check_may_enter(actor, Area.OPERATION)
    batch = session.get(Batch, batch_id, with_for_update=True)
    if batch is None:
        raise NotFound(f"No batch {batch_id}.")
    if batch.finished_at is not None:
        raise Conflict(f"Batch {batch_id} is over.")
    pending = (BatchItem.batch_id == batch_id, BatchItem.state == ItemState.PENDING)
    session.execute(update(BatchItem).where(*pending).values(state=ItemState.STOPPED, at=clock.now()))
    batch.stopped_at = batch.finished_at = clock.now()


# -- doing it ---------------------------------------------------------------------------------------------------------


def go_on(sessions: Sessions) -> bool:
    """Do the order to one instance, in a transaction of its own; False if nothing of any order waits.

    Whoever dies in between leaves it to the next one. What an EngineError refuses is told by its code.
    """
    with unit_of_work(sessions) as session:
        item = store.claim(session, LEASE_SECONDS)
    if item is None:
        return False
    if item.attempt > store.MOST_ATTEMPTS:
        _close(sessions, item, ItemState.FAILED, "too_many_attempts")
        return True
    try:
        with unit_of_work(sessions) as session:
            step.retrying(session, lambda: _done(session, item))
    except EngineError as error:
        _close(sessions, item, ItemState.REFUSED, error.code)
    return True


class Refused(Conflict):
    """A rule stands against it; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _done(session: Session, item: Claimed) -> None:
    batch = session.get_one(Batch, item.batch_id)
    worker = session.get_one(Worker, batch.actor_id)
    if not worker.is_active:
        raise Refused("worker_inactive")
    _act(session, worker.actor(), batch, item.instance_id)
    if not store.close(session, item, ItemState.DONE):
        raise Refused("stopped")
    _end(session, item.batch_id)


def _act(session: Session, actor: Actor, batch: Batch, instance_id: int) -> None:
    action, reason = batch.action, batch.reason
    orders.check_visible(session, actor, instance_id)
    if action is BatchAction.RETRY:
        _retry(session, actor, batch, instance_id)
    elif action is BatchAction.SUSPEND:
        operation.hold(session, actor, instance_id, reason)
    elif action is BatchAction.RESUME:
        operation.go_on(session, actor, instance_id, reason)
    elif action is BatchAction.CANCEL:
        operation.end(session, actor, instance_id, reason)
    elif action is BatchAction.MIGRATE:
        move = migration.migrate(session, actor, batch.run_id or 0, instance_id)
        if move.outcome is not Outcome.MIGRATED:
            raise Refused(move.obstacles[0].code if move.obstacles else "in_the_way")
    else:
        migration.take_back(session, actor, batch.run_id or 0, instance_id, reason)


def _retry(session: Session, actor: Actor, batch: Batch, instance_id: int) -> None:
    chosen = Selection.from_json(batch.chosen)
    query = select(Incident.id).where(Incident.instance_id == instance_id, Incident.state == IncidentState.OPEN)
    if chosen.element_id:
        query = query.where(Incident.element_id == chosen.element_id)
    found = session.scalars(query.order_by(Incident.id)).all()
    if not found:
        raise Refused("no_incident")
    for incident_id in found:
        operation.retry(session, actor, incident_id, batch.reason)


def _end(session: Session, batch_id: int) -> None:
    """If that was the last instance, the order is over, and the migration that it belongs to."""
    if not store.end(session, batch_id):
        return
    batch = session.get_one(Batch, batch_id)
    if batch.action is BatchAction.MIGRATE and batch.run_id is not None:
        session.get_one(instance_migrations.MigrationRun, batch.run_id).finished_at = clock.now()


def _close(sessions: Sessions, item: Claimed, state: ItemState, code: str) -> None:
    with unit_of_work(sessions) as session:
        store.close(session, item, state, code)
        _end(session, item.batch_id)
    log.info("batch_item", extra={"about": {"batch": item.batch_id, "instance": item.instance_id, "code": code}})


def take_back_run(session: Session, actor: Actor, run_id: int, reason: str, key: str | None = None) -> int:
    """Order that all instances which a migration moved go back; the order's number."""
    permissions.check_may_enter(actor, Area.OPERATION)
    run = session.get(instance_migrations.MigrationRun, run_id)
    if run is None:
        raise NotFound(f"No migration {run_id}.")
    chosen = Selection(definition_id=run.to_id, run_id=run_id)
    return order(session, actor, BatchAction.TAKE_BACK.value, chosen, reason, key, run_id=run_id)
