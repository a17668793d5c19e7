"""Who may do what to which row. One place decides, for pages, lists, counts, search, documents and downloads alike.

What an actor may not see does not exist: queries add these clauses, so a hidden row is simply not found.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    false,
    or_,
    select,
    true,
)

from engine import clock
from engine.actors import Actor, Role
from engine.errors import Forbidden
from engine.store import regions
from engine.store.archived import ArchivedCase
from engine.store.cases import Case, CaseAccess
from engine.store.instances import ProcessInstance
from engine.store.people import HouseholdMember, Person
from engine.store.referrals import Referral
from engine.store.regions import RegionClosure
from engine.store.tasks import Task, TaskRow, TaskState

# D13: these read the cases of their regions; the others see a case only through their own work on it.
READS_REGION = (
    Role.TKSK,
    Role.SOCIAL_WORKER,
    Role.FRONT_OFFICE,
    Role.BACK_OFFICE,
    Role.DIVISION_HEAD,
    Role.OFFICE_HEAD,
)
THROUGH_WORK = (Role.PSM, Role.PKH_COMPANION, Role.TAGANA)
SUPERVISES = (Role.DIVISION_HEAD, Role.OFFICE_HEAD)
READS_SECRETS = (Role.SOCIAL_WORKER, Role.DIVISION_HEAD, Role.OFFICE_HEAD)
REGISTERS = (Role.PSM, Role.TKSK, Role.FRONT_OFFICE, Role.SOCIAL_WORKER, Role.TAGANA, Role.PKH_COMPANION)


class Area(StrEnum):
    """A part of the product that a page belongs to; `may_enter` says who gets in."""

    OWN = "own"  # own profile and sessions
    INBOX = "inbox"
    CASES = "cases"
    REGISTER = "register"
    INTAKE = "intake"  # reports that arrive from agencies
    APPROVALS = "approvals"
    TEAM = "team"
    PROCESSES = "processes"  # look at definitions
    STUDIO = "studio"  # change and publish definitions
    OPERATION = "operation"  # incidents, queues, agency replies
    ADMINISTRATION = "administration"  # workers, roles, regions, settings
    ACCESS_LOG = "access_log"


_CASEWORK = READS_REGION + THROUGH_WORK
_AREAS: dict[Area, tuple[Role, ...]] = {
    Area.OWN: tuple(Role),
    Area.INBOX: (*_CASEWORK, Role.CAMAT),  # a camat asks for the decree in a disaster, and sees no case
    Area.CASES: _CASEWORK,
    Area.REGISTER: REGISTERS,
    Area.INTAKE: (Role.FRONT_OFFICE, Role.OPERATOR, Role.TKSK, Role.TAGANA, Role.BACK_OFFICE),
    Area.APPROVALS: SUPERVISES,
    Area.TEAM: SUPERVISES,
    Area.PROCESSES: (Role.ANALYST, Role.OPERATOR, Role.DIVISION_HEAD, Role.OFFICE_HEAD),
    Area.STUDIO: (Role.ANALYST,),
    Area.OPERATION: (Role.OPERATOR,),
    Area.ADMINISTRATION: (Role.ADMIN,),
    Area.ACCESS_LOG: (Role.DPO,),
}


def may_enter(actor: Actor, area: Area) -> bool:
    """Whether the actor's roles open this part of the product."""
    return actor.has(*_AREAS[area])


def check_may_enter(actor: Actor, area: Area) -> None:
    """Raise Forbidden unless the actor's roles open this part of the product."""
    if not may_enter(actor, area):
        raise Forbidden(f"{area} is not open to you.")


def _in_scope(column: ColumnElement[Any], actor: Actor) -> ColumnElement[bool]:
    return column.in_(regions.below(actor.regions)) if actor.regions else false()


def _named(case_id: ColumnElement[Any], actor: Actor) -> ColumnElement[bool]:
    return exists(
        select(CaseAccess.id).where(
            CaseAccess.case_id == case_id,
            CaseAccess.worker_id == actor.id,
            or_(CaseAccess.until.is_(None), CaseAccess.until > clock.now()),
        )
    )


def _groups(actor: Actor) -> ColumnElement[bool]:
    groups = cast([str(group) for group in sorted(actor.groups)], ARRAY(Text))
    return Task.candidate_groups.overlap(groups) if actor.groups else false()


def sees_case(actor: Actor) -> ColumnElement[bool]:
    """SQL: the cases whose content the actor may read.

    Region roles read the cases of their regions; volunteers, companions and Tagana those they opened or work on.
    A restricted case is read by people named for it and by those on restricted duty there, nobody else.
    """
    named = _named(Case.id.expression, actor)
    related = or_(Case.opened_by == actor.id, _works_on(actor))
    if actor.has(*READS_REGION):
        open_to_role = and_(
            _in_scope(Case.village_code.expression, actor),
            true() if actor.restricted_duty else Case.restricted.is_(False),
        )
        return or_(open_to_role, named)
    if actor.has(*THROUGH_WORK):
        return or_(and_(Case.restricted.is_(False), _in_scope(Case.village_code.expression, actor), related), named)
    return false()


def sees_archived(actor: Actor) -> ColumnElement[bool]:
    """SQL: the cases of the archive that the actor may know of. Who was named for one is in the archive with it."""
    if not actor.has(*READS_REGION):
        return false()
    open_to_role: ColumnElement[bool] = true() if actor.restricted_duty else ArchivedCase.restricted.is_(False)
    return and_(_in_scope(ArchivedCase.village_code.expression, actor), open_to_role)


def _works_on(actor: Actor) -> ColumnElement[bool]:
    mine = and_(
        Task.case_id == Case.id,
        or_(
            Task.assignee_id == actor.id,
            Task.closed_by == actor.id,
            and_(Task.state == TaskState.OPEN, _groups(actor)),
        ),
    )
    pkh = exists(select(Referral.id).where(Referral.case_id == Case.id, Referral.path == "PKH"))
    works = exists(select(Task.id).where(mine).correlate(Case))
    return or_(works, pkh) if actor.has(Role.PKH_COMPANION) else works


def sees_person(actor: Actor) -> ColumnElement[bool]:
    """SQL: people of the actor's regions who are not restricted, and those of cases that the actor may read.

    Somebody who is restricted is not known through a household: a case of the husband shows nothing of the wife.
    """
    # Two questions, each with an index: asked as one they would look through every case for every person.
    as_client = exists(select(Case.id).where(Case.client_id == Person.id, sees_case(actor)))
    in_household = exists(
        select(Case.id)
        .join(HouseholdMember, HouseholdMember.household_id == Case.household_id)
        .where(
            HouseholdMember.person_id == Person.id,
            or_(Person.restricted.is_(False), Case.restricted.is_(True)),
            sees_case(actor),
        )
    )
    through = or_(as_client, in_household)
    if not actor.has(*READS_REGION, *THROUGH_WORK):
        return false()
    return or_(_in_scope(Person.village_code.expression, actor) & Person.restricted.is_(False), through)


def offered_task(actor: Actor) -> ColumnElement[bool]:
    """SQL: open tasks that the actor's groups and regions are asked to do."""
    allowed: ColumnElement[bool] = true() if actor.restricted_duty else Task.restricted.is_(False)
    if actor.id is not None:
        allowed = or_(allowed, _named(Task.case_id.expression, actor))
    return and_(Task.state == TaskState.OPEN, _groups(actor), _in_scope(Task.region_code.expression, actor), allowed)


# Like `offered_task` or one's own, with bound parameters: the statement on the hot path is built once.
_OWN_REGIONS = select(RegionClosure.descendant).where(
    RegionClosure.ancestor == any_(bindparam("actor_regions", type_=ARRAY(Text)))
)
_NAMED = exists(
    select(CaseAccess.id).where(
        CaseAccess.case_id == Task.case_id,
        CaseAccess.worker_id == bindparam("actor_id", type_=BigInteger),
        or_(CaseAccess.until.is_(None), CaseAccess.until > bindparam("moment", type_=DateTime(timezone=True))),
    )
)
WORKABLE_TASK = or_(
    Task.assignee_id == bindparam("actor_id", type_=BigInteger),
    and_(
        Task.candidate_groups.overlap(bindparam("actor_groups", type_=ARRAY(Text))),
        Task.region_code.in_(_OWN_REGIONS),
        or_(Task.restricted.is_(False), bindparam("actor_duty", type_=Boolean), _NAMED),
    ),
)


def actor_parameters(actor: Actor) -> dict[str, Any]:
    """The parameters of WORKABLE_TASK."""
    return {
        "actor_id": actor.id,
        "actor_regions": sorted(actor.regions),
        "actor_groups": sorted(actor.groups),
        "actor_duty": actor.restricted_duty,
        "moment": clock.now(),
    }


def sees_task(actor: Actor, *, joined: bool = False) -> ColumnElement[bool]:
    """SQL: the tasks the actor may open: own ones, offered ones, and all of the cases the actor may read.

    What one did before a case became restricted is closed with the case, like everything else of it.
    `joined`: the query joins each task's case, as a list should: PostgreSQL may else gather all cases beforehand.
    """
    # Told what to correlate, so that it also works in queries that join cases themselves.
    through_case: ColumnElement[bool] = exists(
        select(Case.id).where(Case.id == Task.case_id, sees_case(actor)).correlate(Task)
    )
    event_work = and_(Task.case_id.is_(None), _in_scope(Task.region_code.expression, actor), _event_reader(actor))
    restricted: ColumnElement[bool] = exists(
        select(Case.id).where(Case.id == Task.case_id, Case.restricted).correlate(Task)
    )
    if joined:
        through_case, restricted = and_(Case.id.is_not(None), sees_case(actor)), Case.restricted.is_(True)
    own = and_(Task.assignee_id == actor.id, or_(Task.state == TaskState.OPEN, ~restricted))
    return or_(own, offered_task(actor), through_case, event_work)


def _event_reader(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.has(Role.TAGANA, *SUPERVISES, Role.BACK_OFFICE, Role.TKSK) else false()


def operates(actor: Actor) -> ColumnElement[bool]:
    """SQL: the process instances that the actor may look into and act on as an operator.

    What runs for a restricted case is for operators on restricted duty and those named for it; the others see nothing
    of it but that something stands still.
    """
    if not may_enter(actor, Area.OPERATION):
        return false()
    if actor.restricted_duty:
        return true()
    case_id = ProcessInstance.case_id.expression
    restricted = exists(select(Case.id).where(Case.id == case_id, Case.restricted).correlate(ProcessInstance))
    return or_(~restricted, _named(case_id, actor))


def may_do(actor: Actor, task: Task | TaskRow) -> bool:
    """Whether the task is the actor's to do by group (region and visibility are checked by `sees_task`)."""
    return task.assignee_id == actor.id or not actor.groups.isdisjoint(task.candidate_groups)


def check_may_work(actor: Actor, task: Task | TaskRow, worked_on: Iterable[int]) -> None:
    """Raise Forbidden unless the actor may claim or complete the task.

    `worked_on`: workers who did other work on the same case; a four-eyes task is not for them.
    """
    if not may_do(actor, task):
        raise Forbidden(f"{task.element_id} is for {', '.join(task.candidate_groups) or 'nobody'}.")
    if is_four_eyes(task) and actor.id in set(worked_on):
        raise FourEyes(f"{task.element_id} needs somebody who did not work on this case.")


class FourEyes(Forbidden):
    """Nobody decides on what they worked on."""

    code = "four_eyes"


def is_four_eyes(task: Task | TaskRow) -> bool:
    """Whether the diagram asks for a second pair of eyes on this task."""
    return asks_four_eyes(task.properties)


def asks_four_eyes(properties: Mapping[str, Any]) -> bool:
    """The same, of a task's properties in the diagram."""
    return str(properties.get("fourEyes", "")).lower() == "true"


def check_may_assign(actor: Actor) -> None:
    """Raise Forbidden unless the actor distributes work."""
    if not actor.has(*SUPERVISES):
        raise Forbidden("Only a head of division or of the office assigns tasks.")


def supervised_task(actor: Actor) -> ColumnElement[bool]:
    """SQL: tasks of the regions that the actor supervises."""
    if not actor.has(*SUPERVISES):
        return false()
    allowed = true() if actor.restricted_duty else Task.restricted.is_(False)
    return and_(_in_scope(Task.region_code.expression, actor), allowed)


def in_regions(actor: Actor, region_code: str) -> bool:
    """Whether a region lies inside one of the actor's."""
    return not actor.regions.isdisjoint(regions.prefixes(region_code))


def reads_unmasked(actor: Actor) -> bool:
    """Whether identity numbers may be shown in full on request (each time recorded)."""
    return actor.has(*READS_REGION)


def reads_secret_categories(actor: Actor) -> bool:
    """Whether the actor may know the kinds of PPKS that the office keeps secret (`secret_pmks_codes`)."""
    return actor.has(*READS_SECRETS)


def secret_categories(setting: object) -> frozenset[str]:
    """The kinds of PPKS that only READS_SECRETS may know: the office's setting, such as [16], as two-digit codes."""
    return frozenset(str(code).zfill(2) for code in setting) if isinstance(setting, list) else frozenset()


def roles_of(area: Area) -> tuple[Role, ...]:
    """The roles that open a part of the product."""
    return _AREAS[area]
