"""Orders for many instances, as operators follow them; and which workers are there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.errors import NotFound
from engine.permissions import Area
from engine.store.batches import Batch, BatchItem, ItemState
from engine.store.instances import ProcessInstance
from engine.store.process_signs import ProcessSign
from engine.store.workers import Worker

PAGE = 50
SILENT_S = 90


@dataclass(frozen=True, slots=True)
class BatchRow:
    """An order and how far it is: number of instances by what became of them."""

    id: int
    action: str
    reason: str
    by: str
    run_id: int | None
    created_at: datetime
    finished_at: datetime | None
    stopped_at: datetime | None
    numbers: dict[str, int]

    @property
    def total(self) -> int:
        """How many instances it is about."""
        return sum(self.numbers.values())

    @property
    def settled(self) -> int:
        """How many of them nothing more happens to."""
        return self.total - self.numbers.get(ItemState.PENDING.value, 0)


@dataclass(frozen=True, slots=True)
class Why:
    """A reason why something was not done, and to how many instances."""

    state: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Left:
    """An instance to which the order was not done."""

    instance_id: int
    business_key: str
    state: str
    code: str


@dataclass(frozen=True, slots=True)
class Sign:
    """A process of ours; `is_silent`: not heard of for SILENT_S seconds."""

    kind: str
    host: str
    pid: int
    began_at: datetime
    seen_at: datetime
    is_silent: bool


def listed(session: Session, actor: Actor, before: int | None = None) -> Sequence[BatchRow]:
    """Orders, newest first, a page at a time; two statements."""
    permissions.check_may_enter(actor, Area.OPERATION)
    query = select(Batch, Worker.username).join(Worker, Worker.id == Batch.actor_id).order_by(Batch.id.desc())
    if before is not None:
        query = query.where(Batch.id < before)
    found = session.execute(query.limit(PAGE)).all()
    numbers = _numbers(session, [batch.id for batch, _by in found])
    return [_row(batch, by, numbers.get(batch.id, {})) for batch, by in found]


def find(session: Session, actor: Actor, batch_id: int) -> BatchRow:
    """One order. Raises NotFound."""
    permissions.check_may_enter(actor, Area.OPERATION)
    query = select(Batch, Worker.username).join(Worker, Worker.id == Batch.actor_id).where(Batch.id == batch_id)
    found = session.execute(query).first()
    if found is None:
        raise NotFound(f"No batch {batch_id}.")
    return _row(found[0], found[1], _numbers(session, [batch_id]).get(batch_id, {}))


def _row(batch: Batch, by: str, numbers: dict[str, int]) -> BatchRow:
    return BatchRow(batch.id, batch.action.value, batch.reason, by, batch.run_id, batch.created_at, batch.finished_at,
                    batch.stopped_at, numbers)  # fmt: skip


def _numbers(session: Session, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    query = select(BatchItem.batch_id, BatchItem.state, func.count()).where(BatchItem.batch_id.in_(ids))
    found: dict[int, dict[str, int]] = {}
    for batch_id, state, number in session.execute(query.group_by(BatchItem.batch_id, BatchItem.state)):
        found.setdefault(batch_id, {})[state.value] = number
    return found


_NOT_DONE = (ItemState.REFUSED, ItemState.FAILED)


def reasons(session: Session, actor: Actor, batch_id: int) -> Sequence[Why]:
    """Why instances were left as they are, the most frequent reason first."""
    permissions.check_may_enter(actor, Area.OPERATION)
    number = func.count()
    query = select(BatchItem.state, BatchItem.code, number).where(
        BatchItem.batch_id == batch_id, BatchItem.state.in_(_NOT_DONE)
    )
    rows = session.execute(query.group_by(BatchItem.state, BatchItem.code).order_by(number.desc()).limit(PAGE))
    return [Why(state.value, code, count) for state, code, count in rows]


def left(session: Session, actor: Actor, batch_id: int, after: int = 0) -> Sequence[Left]:
    """The instances to which it was not done, a page at a time (`after`: the last instance shown)."""
    permissions.check_may_enter(actor, Area.OPERATION)
    query = (
        select(BatchItem.instance_id, ProcessInstance.business_key, BatchItem.state, BatchItem.code)
        .join(ProcessInstance, ProcessInstance.id == BatchItem.instance_id)
        .where(BatchItem.batch_id == batch_id, BatchItem.state.in_(_NOT_DONE), permissions.operates(actor))
        .where(BatchItem.instance_id > after)
        .order_by(BatchItem.instance_id)
        .limit(PAGE)
    )
    return [Left(id_, key, state.value, code) for id_, key, state, code in session.execute(query)]


def signs(session: Session, actor: Actor) -> Sequence[Sign]:
    """Workers and schedulers that were heard of within a day, by kind and host."""
    permissions.check_may_enter(actor, Area.OPERATION)
    age = func.extract("epoch", func.now() - ProcessSign.seen_at)
    query = select(ProcessSign, age).order_by(ProcessSign.kind.desc(), ProcessSign.host, ProcessSign.pid)
    return [
        Sign(row.kind, row.host, row.pid, row.began_at, row.seen_at, seconds > SILENT_S)
        for row, seconds in session.execute(query)
    ]
