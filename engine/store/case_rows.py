"""All rows of a case, in every table: read as JSON, deleted, and put back exactly as they were."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Table,
    Text,
    all_,
    and_,
    any_,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.orm import Session, aliased

from engine.store.answers import Answer, Note
from engine.store.archived import CaseHold
from engine.store.base import Base
from engine.store.batches import BatchItem
from engine.store.cases import Case, CaseAccess
from engine.store.documents import Document
from engine.store.history import History
from engine.store.incidents import Incident
from engine.store.instance_migrations import InstanceMigration
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job
from engine.store.messages import InboundMessage, Outbox, Subscription
from engine.store.people import Household, HouseholdMember, Person
from engine.store.referrals import Consent, Referral, UnmetNeed
from engine.store.tasks import Task, TaskDraft

_CASES = any_(bindparam("cases", type_=ARRAY(BigInteger)))
_INSTANCES = select(ProcessInstance.id).where(ProcessInstance.case_id == _CASES)
_TASKS = select(Task.id).where(Task.instance_id.in_(_INSTANCES))
_HOUSEHOLDS = select(Case.household_id).where(Case.id == _CASES, Case.household_id.is_not(None))
_CLIENTS = select(Case.client_id).where(Case.id == _CASES)
_MEMBERS = select(HouseholdMember.person_id).where(HouseholdMember.household_id.in_(_HOUSEHOLDS))
# Put together by UNION, never by OR: PostgreSQL would look through the whole table.
_KNOWN = union(_CLIENTS, _MEMBERS)
_OTHER = aliased(Person)
_PEOPLE: CompoundSelect[Any] = union(
    _CLIENTS,
    _MEMBERS,
    select(_OTHER.id).where(_OTHER.merged_into_id.in_(_KNOWN)),
    select(_OTHER.merged_into_id).where(_OTHER.id.in_(_KNOWN)),
)
_OF_NO_CASE = or_(History.case_id.is_(None), History.case_id != all_(bindparam("cases", type_=ARRAY(BigInteger))))

# Parents before what refers to them. What is here leaves with the case.
OWN: tuple[tuple[type[Base], ColumnElement[bool]], ...] = (
    (Case, Case.id == _CASES),
    (CaseHold, CaseHold.case_id == _CASES),
    (CaseAccess, CaseAccess.case_id == _CASES),
    (Consent, Consent.case_id == _CASES),
    (Referral, Referral.case_id == _CASES),
    (UnmetNeed, UnmetNeed.case_id == _CASES),
    (Note, Note.case_id == _CASES),
    (ProcessInstance, ProcessInstance.case_id == _CASES),
    (Task, Task.instance_id.in_(_INSTANCES)),
    (TaskDraft, TaskDraft.task_id.in_(_TASKS)),
    (Answer, Answer.instance_id.in_(_INSTANCES)),
    (Document, Document.case_id == _CASES),
    (Job, Job.instance_id.in_(_INSTANCES)),
    (Incident, Incident.instance_id.in_(_INSTANCES)),
    (Subscription, Subscription.instance_id.in_(_INSTANCES)),
    (InboundMessage, InboundMessage.instance_id.in_(_INSTANCES)),
    (Outbox, Outbox.instance_id.in_(_INSTANCES)),
    (InstanceMigration, InstanceMigration.instance_id.in_(_INSTANCES)),
    (BatchItem, BatchItem.instance_id.in_(_INSTANCES)),
    (History, History.case_id == _CASES),
    (History, and_(History.instance_id.in_(_INSTANCES), _OF_NO_CASE)),
)
# Goes with each case as a copy, and leaves with the last case that needs it.
SHARED: tuple[tuple[type[Base], ColumnElement[bool]], ...] = (
    (Household, Household.id.in_(_HOUSEHOLDS)),
    (Person, Person.id.in_(_PEOPLE)),
    (HouseholdMember, HouseholdMember.household_id.in_(_HOUSEHOLDS)),
)


Mark = tuple[str, str]
"""A row's table and the SHA-256 of its JSON."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as PostgreSQL writes it in JSON: bytes in hex, times with their zone."""

    table: str
    body: str


def mark(row: Row) -> Mark:
    """What tells the row from every other one."""
    return row.table, hashlib.sha256(row.body.encode()).hexdigest()


def own(marks: Counter[Mark]) -> Counter[Mark]:
    """Those of tables whose rows leave with their case; people and households may stay."""
    return Counter({one: number for one, number in marks.items() if one[0] not in _SHARED_NAMES})


def _table(model: type[Base]) -> Table:
    found: FromClause = model.__table__
    assert isinstance(found, Table)  # noqa: S101 - every model of ours is a table
    return found


def _body(model: type[Base]) -> ColumnElement[str]:
    return cast(func.to_jsonb(literal_column(f'"{_table(model).name}"')), Text)


def _bytes(model: type[Base]) -> ColumnElement[bytes]:
    return func.convert_to(_body(model), "UTF8")


_READ = union_all(
    *(
        select(
            literal(number).label("number"),
            literal(_table(model).name).label("name"),
            _body(model).label("body"),
        ).where(condition)
        for number, (model, condition) in enumerate((*SHARED, *OWN))
    )
).order_by("number")


def read(session: Session, case_id: int) -> list[Row]:
    """Every row of the case, its people and household too, parents first."""
    return [Row(name, body) for _, name, body in session.execute(_READ, {"cases": [case_id]})]


@dataclass(frozen=True, slots=True)
class Shared:
    """Households and people of some cases, locked: nobody can begin to refer to them before we are through."""

    households: Sequence[int]
    people: Sequence[int]


def lock_shared(session: Session, case_ids: Sequence[int]) -> Shared:
    """Lock them until the end of the transaction, in the order of their numbers."""
    values = {"cases": list(case_ids)}
    found = {}
    for model, condition in SHARED[:2]:
        ids = _table(model).c.id
        found[model] = list(session.scalars(select(ids).where(condition).order_by(ids).with_for_update(), values))
    return Shared(found[Household], found[Person])


def take_away(session: Session, case_ids: Sequence[int]) -> Counter[Mark]:
    """Delete the cases' own rows, children first; the marks of exactly what was deleted."""
    gone: Counter[Mark] = Counter()
    for model, condition in reversed(OWN):
        statement = delete(_table(model)).where(condition).returning(func.encode(func.sha256(_bytes(model)), "hex"))
        gone.update((_table(model).name, found) for found in session.scalars(statement, {"cases": list(case_ids)}))
    return gone


def take_shared(session: Session, shared: Shared) -> None:
    """Delete those households and people that no case needs any more. Call it behind `take_away`."""
    member = aliased(HouseholdMember)
    needed = or_(
        exists(select(Case.id).where(Case.household_id == Household.id)),
        exists(
            select(Case.id).join(member, member.person_id == Case.client_id).where(member.household_id == Household.id)
        ),
    )
    homes = select(Household.id).where(Household.id.in_(shared.households), not_(needed))
    free = list(session.scalars(homes))
    for statement in (
        delete(HouseholdMember).where(HouseholdMember.household_id.in_(free)),
        delete(Household).where(Household.id.in_(free)),
        delete(Person).where(Person.id.in_(shared.people), not_(_is_needed(shared.people))),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def _is_needed(among: Sequence[int]) -> ColumnElement[bool]:
    """A client, somebody in a household that stays, or the one that a person who stays was merged into."""
    other = aliased(Person)
    merged = select(other.id).where(
        other.merged_into_id == Person.id, or_(other.id.not_in(among), _is_held(other), _is_client(other))
    )
    return or_(_is_client(Person), _is_held(Person), exists(merged))


def _is_client(person: type[Person]) -> ColumnElement[bool]:
    return exists(select(Case.id).where(Case.client_id == person.id))


def _is_held(person: type[Person]) -> ColumnElement[bool]:
    return exists(select(HouseholdMember.id).where(HouseholdMember.person_id == person.id))


def put_back(session: Session, rows: Iterable[Row]) -> None:
    """Insert rows as they were read; people and households that are still there stay as they are now.

    What a later release added to a table takes its default; what one dropped is left out.
    """
    given: dict[str, list[str]] = {}
    for row in rows:
        given.setdefault(row.table, []).append(row.body)
    for model, _ in (*SHARED, *OWN):
        bodies = given.pop(_table(model).name, [])
        if bodies:
            # As text: PostgreSQL's numbers are wider than ours.
            session.execute(_insertion(_table(model), set(orjson.loads(bodies[0]))), {"rows": f"[{','.join(bodies)}]"})
    if given:
        raise ValueError(f"Rows of {', '.join(sorted(given))} are not of a case.")


def _insertion(target: Table, names: set[str]) -> Insert:
    columns = [one.name for one in target.columns if one.name in names]
    bodies = cast(bindparam("rows", type_=Text), JSONB)
    source = func.jsonb_populate_recordset(literal_column(f'NULL::"{target.name}"'), bodies)
    record = source.table_valued(*(column(name) for name in columns))
    into = table(target.name, *(column(name) for name in columns))
    statement = insert(into).from_select(columns, select(*(record.c[name] for name in columns)))
    return statement.on_conflict_do_nothing() if target.name in _SHARED_NAMES else statement


_SHARED_NAMES = frozenset(_table(model).name for model, _ in SHARED)
_STILL_HERE = text('SELECT id FROM "case" WHERE id = ANY(:cases)')


def still_here(session: Session, case_ids: Sequence[int]) -> list[int]:
    """Which of the cases are in the database."""
    return list(session.scalars(_STILL_HERE, {"cases": list(case_ids)}))
