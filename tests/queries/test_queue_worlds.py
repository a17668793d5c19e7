"""The queue, read from kept counts and an index for each place, is what permissions say: in worlds made by chance."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import Actor, Role
from engine.casework.demo_data import REGIONS
from engine.queries import inbox
from engine.queries.inbox import Filters
from engine.store import counts
from engine.store.cases import CaseAccess
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker
from tests import factories, small_case

UNITS = (None, "linjamsos", "rehsos")
GROUPS = ("tksk", "psm", "peksos", "peksos:rehsos", "kabid", "kabid:linjamsos", "camat")
ROLES = (Role.TKSK, Role.PSM, Role.SOCIAL_WORKER, Role.DIVISION_HEAD, Role.CAMAT)
PLACES = [code for code, _ in REGIONS]
TASKS, ACTORS = 100, 10


@pytest.fixture
def chance() -> random.Random:
    """Seeded by the run's own seed, which pytest prints."""
    return random.Random(random.randrange(2**32))  # noqa: S311 - chance that can be repeated


def world(session: Session, chance: random.Random) -> list[Actor]:
    """Tasks of all kinds in all places, and people of all kinds; some are named for a case, some no longer."""
    first = factories.worker(session, "dunia00", "tksk")
    cases = [small_case.register(session, first, f"Orang {number}") for number in range(4)]
    pattern = small_case.open_task(session, cases[0])
    people = [person(session, chance, number) for number in range(ACTORS)]
    for number in range(TASKS):
        session.add(
            Task(
                instance_id=pattern.instance_id, wait_id=f"w{number}", process_id="case",
                element_id=chance.choice("abc"), name="Asesmen", name_en="",
                candidate_groups=chance.sample(GROUPS, chance.randint(0, 3)),
                case_id=chance.choice([None, *cases]), region_code=chance.choice(PLACES), properties={}, local={},
                restricted=chance.random() < 0.4, urgency=chance.randint(1, 4),
                assignee_id=chance.choice([None, None, first.id, chance.choice(people).id]),
                due_at=chance.choice([None, clock.now() + timedelta(hours=chance.randint(-9, 9))]),
                state=chance.choice([TaskState.OPEN] * 4 + [TaskState.COMPLETED, TaskState.CANCELLED]),
            )
        )  # fmt: skip
    for actor in people:
        until = chance.choice([None, timedelta(days=1), timedelta(days=-1)])
        session.add(
            CaseAccess(
                case_id=chance.choice(cases), worker_id=actor.id, reason="Ditunjuk", granted_by=first.id,
                created_at=clock.now(), until=until and clock.now() + until,
            )
        )  # fmt: skip
    session.flush()
    return people


def person(session: Session, chance: random.Random, number: int) -> Actor:
    """Somebody with some roles at some places, of which one may lie within another."""
    like = session.scalars(select(Worker)).first()
    assert like is not None
    row = Worker(username=f"dunia{number + 1:02}", name=f"Petugas {number}", password_hash=like.password_hash)
    session.add(row)
    session.flush()
    return Actor(
        id=row.id, username=row.username, name=row.name, unit=chance.choice(UNITS),
        roles=frozenset(chance.sample(ROLES, chance.randint(1, 3))),
        regions=frozenset(chance.sample(PLACES, chance.randint(0, 3))), restricted_duty=chance.random() < 0.4,
    )  # fmt: skip


def allowed(session: Session, actor: Actor) -> set[int]:
    """What permissions alone say, task by task."""
    free = Task.assignee_id.is_(None)
    return set(session.scalars(select(Task.id).where(permissions.offered_task(actor), free)))


def test_the_queue_offers_exactly_what_permissions_allow(session: Session, chance: random.Random) -> None:
    people = world(session, chance)
    offered = 0
    for is_added_up in (False, True):
        if is_added_up:
            counts.add_up(session)
        for actor in people:
            expected = allowed(session, actor)
            page = inbox.page(session, actor, "queue", Filters(sort=chance.choice(("rank", "due"))), size=TASKS)
            assert {item.id for item in page.items} == expected, actor
            assert len(page.items) == page.queue == len(expected), actor
            offered += len(expected)
    assert offered, "a world in which nobody may do anything shows nothing"
