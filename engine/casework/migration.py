"""Moving running instances to another version of their family: look first, one transaction each, and the way back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import Actor
from engine.bpmn import Definition as Compiled
from engine.bpmn import Instance, together
from engine.bpmn.upgrade import Change, Upgrade, upgrade
from engine.bpmn.upgrade import take_back as taken_back
from engine.bpmn.upgrade_plan import Correspondence, Obstacle, Plan
from engine.casework import definitions, migration_plan, migration_rows, running, step
from engine.casework.migration_plan import InvalidPlan
from engine.casework.operation import reason_of
from engine.casework.rules import runtime
from engine.errors import Conflict, NotFound
from engine.permissions import Area
from engine.store import instance_migrations as store
from engine.store.cases import Case
from engine.store.definitions import Definition
from engine.store.instance_migrations import InstanceMigration, MigrationRun, Outcome
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.step import StepRows

RUNS = (InstanceState.ACTIVE, InstanceState.SUSPENDED)


class MovedOn(Conflict):
    """The instance has done its next step since it was moved, or was never moved: there is no way back."""

    code = "moved_on"


@dataclass(frozen=True, slots=True)
class Route:
    """From one version of a family to another, and what stands for what."""

    old: Definition
    new: Definition
    names: Correspondence


@dataclass(frozen=True, slots=True)
class Move:
    """What became of one instance, or what would."""

    instance_id: int
    business_key: str
    outcome: Outcome
    obstacles: tuple[Obstacle, ...] = ()
    changes: tuple[Change, ...] = ()


# -- runs -------------------------------------------------------------------------------------------------------------


def route(session: Session, actor: Actor, family: str, old: int, new: int, plan: Plan) -> Route:
    """The way from version number `old` to `new`. Raises Forbidden, NotFound, InvalidPlan."""
    permissions.check_may_enter(actor, Area.OPERATION)
    return _route(session, _version(session, family, old), _version(session, family, new), plan)


def _route(session: Session, old: Definition, new: Definition, plan: Plan) -> Route:
    if old.id == new.id:
        raise InvalidPlan([f"{old.family} {old.number} is where the instances are."])
    written = json.dumps(migration_plan.as_json(plan), sort_keys=True)
    names = _names(definitions.compiled(session, old.id), definitions.compiled(session, new.id), written)
    if names.obstacles:
        raise InvalidPlan([said(obstacle) for obstacle in names.obstacles])
    return Route(old, new, names)


@lru_cache(maxsize=16)
def _names(old: Compiled, new: Compiled, plan: str) -> Correspondence:
    return Correspondence(old, new, migration_plan.from_json(json.loads(plan)))


def _version(session: Session, family: str, number: int) -> Definition:
    row = session.scalar(select(Definition).where(Definition.family == family, Definition.number == number))
    if row is None:
        raise NotFound(f"There is no version {number} of {family}.")
    return row


def said(obstacle: Obstacle) -> str:
    """An obstacle as one line of codes and ids."""
    place = "/".join(filter(None, (obstacle.process_id, obstacle.element_id)))
    return " ".join(filter(None, (obstacle.code, place, obstacle.detail)))


def proposed(session: Session, actor: Actor, family: str, old: int, new: int) -> str:
    """A plan to begin with, as YAML. Raises Forbidden, NotFound."""
    permissions.check_may_enter(actor, Area.OPERATION)
    versions = (_version(session, family, number) for number in (old, new))
    return migration_plan.as_yaml(migration_plan.proposed(*(definitions.compiled(session, row.id) for row in versions)))


def route_of(session: Session, run: MigrationRun) -> Route:
    """The way that a run goes."""
    versions = session.get_one(Definition, run.from_id), session.get_one(Definition, run.to_id)
    return _route(session, *versions, migration_plan.from_json(run.plan))


def begin(session: Session, actor: Actor, way: Route, reason: str) -> MigrationRun:
    """A new run, or the one with this plan that did not come to its end. Raises InvalidForm without a reason."""
    permissions.check_may_enter(actor, Area.OPERATION)
    plan = migration_plan.as_json(way.names.plan)
    for run in store.unfinished(session, way.old.family, way.old.id, way.new.id):
        if run.plan == plan:
            return run
    run = MigrationRun(family=way.old.family, from_id=way.old.id, to_id=way.new.id, plan=plan,
                       reason=reason_of(reason), actor_id=actor.id, created_at=clock.now())  # fmt: skip
    session.add(run)
    session.flush()
    return run


def to_move(session: Session, way: Route, after: int = 0, most: int = 500) -> list[int]:
    """Ids of running instances of the old version above `after`, in order; those that have moved are not among them."""
    query = select(ProcessInstance.id).where(*_there(way), ProcessInstance.id > after)
    return list(session.scalars(query.order_by(ProcessInstance.id).limit(most)))


def how_many(session: Session, way: Route) -> int:
    """How many instances run on the old version."""
    return session.scalar(select(func.count()).select_from(ProcessInstance).where(*_there(way))) or 0


def _there(way: Route) -> tuple[Any, ...]:
    return ProcessInstance.definition_id == way.old.id, ProcessInstance.state.in_(RUNS)


def finish(session: Session, actor: Actor, run_id: int) -> None:
    """The run has been through all instances."""
    permissions.check_may_enter(actor, Area.OPERATION)
    session.get_one(MigrationRun, run_id).finished_at = clock.now()
    store.forget_former(session)


def moved_in(session: Session, run_id: int) -> list[int]:
    """The instances that a run moved and that were not taken back."""
    query = select(InstanceMigration.instance_id).where(
        InstanceMigration.run_id == run_id, InstanceMigration.outcome == Outcome.MIGRATED
    )
    return list(session.scalars(query.order_by(InstanceMigration.instance_id)))


# -- one instance -----------------------------------------------------------------------------------------------------


def look(session: Session, actor: Actor, way: Route, instance_id: int) -> Move:
    """What moving the instance would do; nothing is changed. Raises Conflict if it no longer runs on that version."""
    permissions.check_may_enter(actor, Area.OPERATION)
    row, _, found = _found(session, way, instance_id)
    return _move(row, found)


def migrate(session: Session, actor: Actor, run_id: int, instance_id: int) -> Move:
    """Move one instance, if nothing is in the way; the transaction is the caller's.

    Raises Conflict if it no longer runs on the old version.
    """
    permissions.check_may_enter(actor, Area.OPERATION)
    return step.retrying(session, lambda: _migrate(session, actor, run_id, instance_id))


def _migrate(session: Session, actor: Actor, run_id: int, instance_id: int) -> Move:
    run = session.get_one(MigrationRun, run_id)
    way = route_of(session, run)
    row, case, found = _found(session, way, instance_id)
    move, rev = _move(row, found), row.rev
    entry = store.find(session, run_id, instance_id) or InstanceMigration(run_id=run_id, instance_id=instance_id)
    entry.outcome, entry.rev, entry.at, entry.detail = move.outcome, rev, clock.now(), _told(move)
    if found.instance is not None:
        former, former_process = together(row.body, row.base), row.process_id
        migration_rows.lock(session, row.id, rev, found)
        detail = {"run": run.id, "from": way.old.number, "to": way.new.number, "reason": run.reason}
        _write(session, actor, row, case, way.new, found, "instance.migrated", detail | entry.detail)
        _pin(session, instance_id, way.new, way.names.process(former_process))
        migration_rows.follow(session, instance_id, found, way.names.id_of)
        entry.former, entry.former_process_id, entry.rev = former, former_process, rev + 1
    entry.taken_back_at = None
    session.add(entry)
    session.flush()
    return move


def _found(session: Session, way: Route, instance_id: int) -> tuple[ProcessInstance, Case | None, Upgrade]:
    """The instance as it is read now, and what moving it does."""
    row, case = _read(session, instance_id)
    if row.definition_id != way.old.id or row.state not in RUNS or row.body is None:
        raise Conflict(f"Process instance {instance_id} does not run on {way.old.family} {way.old.number}.")
    found = upgrade(Instance.load(way.names.old, row.body, row.base), way.names, runtime(session))
    if found.instance is not None:
        past = tuple(migration_rows.against_history(session, row, found, way.names))
        found = Upgrade(past) if past else found
    return row, case, found


def _read(session: Session, instance_id: int) -> tuple[ProcessInstance, Case | None]:
    query = (
        select(ProcessInstance, Case)
        .outerjoin(Case, Case.id == ProcessInstance.case_id)
        .where(ProcessInstance.id == instance_id)
        .execution_options(populate_existing=True)
    )
    found = session.execute(query).first()
    if found is None:
        raise NotFound(f"No process instance {instance_id}.")
    return found[0], found[1]


def _move(row: ProcessInstance, found: Upgrade) -> Move:
    outcome = Outcome.MIGRATED if found.instance is not None else Outcome.IN_THE_WAY
    return Move(row.id, row.business_key, outcome, found.obstacles, found.changes)


def _told(move: Move) -> dict[str, Any]:
    return {"obstacles": list(map(asdict, move.obstacles)), "changes": list(map(asdict, move.changes))}


def _write(
    session: Session,
    actor: Actor,
    row: ProcessInstance,
    case: Case | None,
    version: Definition,
    found: Upgrade,
    kind: str,
    detail: Mapping[str, Any],
) -> None:
    """The step itself; an instance that is suspended stays so."""
    assert found.instance is not None  # noqa: S101 - the caller asked
    assert found.advance is not None  # noqa: S101
    instance_id, state = row.id, row.state

    def stay(rows: StepRows) -> None:
        if state is InstanceState.SUSPENDED:
            rows.state = state.value

    loaded = running.Loaded(row, case, version.id, version.sha256, found.instance.definition, found.instance, row.rev)
    step.write(session, actor, loaded, found.advance, kind, detail=detail, extend=stay)
    if state is InstanceState.SUSPENDED:
        migration_rows.hold_new_jobs(session, instance_id)


def _pin(session: Session, instance_id: int, version: Definition, process_id: str) -> None:
    """The instance belongs to this version from now on."""
    values = {"definition_id": version.id, "process_id": process_id}
    session.execute(update(ProcessInstance).where(ProcessInstance.id == instance_id).values(**values))


# -- back -------------------------------------------------------------------------------------------------------------


def take_back(session: Session, actor: Actor, run_id: int, instance_id: int, reason: str) -> None:
    """Put an instance back as it was before a run moved it. Raises MovedOn once it has done its next step."""
    permissions.check_may_enter(actor, Area.OPERATION)
    kept = reason_of(reason)
    run = session.get_one(MigrationRun, run_id)
    entry = store.find(session, run_id, instance_id)
    row, case = _read(session, instance_id)
    if entry is None or entry.outcome is not Outcome.MIGRATED or entry.former is None or row.rev != entry.rev:
        raise MovedOn(f"Process instance {instance_id} was not moved by run {run_id}, or has moved on since.")
    way = route_of(session, run)
    old, names = way.old, way.names
    now = Instance.load(names.new, row.body, row.base)
    found = taken_back(Instance.load(names.old, bytes(entry.former)), now)
    migration_rows.lock(session, row.id, entry.rev, found)
    rest = migration_rows.reopen(session, row.id, found)
    detail = {"run": run_id, "reason": kept}
    _write(session, actor, row, case, old, rest, "instance.migration_taken_back", detail)
    _pin(session, instance_id, old, entry.former_process_id)
    back = names.back()
    migration_rows.follow(session, instance_id, found, lambda process, id_: back.get((process, id_), id_))
    entry.outcome, entry.former, entry.taken_back_at = Outcome.TAKEN_BACK, None, clock.now()
    session.flush()
