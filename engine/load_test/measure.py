"""How long what people do takes: the real reads and sweeps, by people of one kecamatan and one kabupaten."""

import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import work
from engine.errors import NotFound
from engine.load_test import places
from engine.queries import approvals, case_page, cases, inbox, task_page, team
from engine.queries.people import search
from engine.store import jobs, workers
from engine.store.people import Person
from engine.store.session import Sessions

ROUNDS = 60
WARM_UP = 6
DUE = 200
LIMIT = 1.5
"""What the largest size may cost, measured by the smallest."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Who looks, and at what."""

    tksk: Actor
    social_worker: Actor
    back_office: Actor
    head: Actor
    tasks: Sequence[int]
    cases: Sequence[int]
    names: Sequence[tuple[str, str]]


Look = Callable[[Session, int], object]


def measure(sessions: Sessions, *, seed: int) -> dict[str, Taken]:
    """Name -> times. Everything is read; what is changed to be measured is taken back."""
    with sessions() as session:
        seen = scene(session, seed)
    return {name: _timed(sessions, look) for name, look in looks(seen)} | {"sweep": _sweep(sessions)}


def scene(session: Session, seed: int) -> Scene:
    """People of one kecamatan and its kabupaten, and what they look at. Raises NotFound."""
    kecamatan = random.Random(seed).choice(places.kecamatan())  # noqa: S311 - nothing secret
    kabupaten = kecamatan[:5]
    here = {"here": f"{kecamatan}.%"}
    tasks = text("SELECT id, case_id FROM task WHERE state = 'open' AND region_code LIKE :here ORDER BY id LIMIT 40")
    rows = session.execute(tasks, here).all()
    if not rows:
        raise NotFound("There is no open task to look at.")
    people = select(Person.name, Person.nik).where(Person.village_code.like(here["here"]), ~Person.restricted)
    return Scene(
        tksk=_actor(session, f"tksk01.{kecamatan}"),
        social_worker=_actor(session, f"peksos01.{kabupaten}"),
        back_office=_actor(session, f"bo01.{kabupaten}"),
        head=_actor(session, f"kb_rehsos.{kabupaten}"),
        tasks=[row.id for row in rows],
        cases=[row.case_id for row in rows],
        names=[(name, nik or "") for name, nik in session.execute(people.order_by(Person.id).limit(40))],
    )


def _actor(session: Session, name: str) -> Actor:
    found = workers.by_username(session, f"{places.PREFIX}.{name}")
    if found is None:
        raise NotFound(f"There is no worker {name}.")
    return found.actor()


def looks(scene: Scene) -> Iterator[tuple[str, Look]]:
    """What is measured, by name."""
    tksk, peksos, bo, head = scene.tksk, scene.social_worker, scene.back_office, scene.head
    yield "inbox, own tasks", lambda s, _: inbox.page(s, tksk, "mine", inbox.Filters())
    yield "inbox, queue of a kecamatan", lambda s, _: inbox.page(s, tksk, "queue", inbox.Filters())
    yield "inbox, queue of a kabupaten", lambda s, _: inbox.page(s, peksos, "queue", inbox.Filters())
    yield "inbox, rare tasks of a kabupaten", lambda s, _: inbox.page(s, bo, "queue", inbox.Filters())
    yield "inbox, done", lambda s, _: inbox.page(s, tksk, "done", inbox.Filters())
    yield "task page", lambda s, n: task_page.page(s, tksk, scene.tasks[n % len(scene.tasks)])
    yield "case page", lambda s, n: case_page.page(s, tksk, scene.cases[n % len(scene.cases)])
    yield "case list of a kecamatan", lambda s, _: cases.page(s, tksk, cases.Filters())
    yield "case list of a kabupaten", lambda s, _: cases.page(s, head, cases.Filters())
    yield "search by NIK", lambda s, n: search(s, bo, scene.names[n % len(scene.names)][1])
    yield "search by name", lambda s, n: search(s, bo, scene.names[n % len(scene.names)][0])
    yield "search by one common name", lambda s, n: search(s, bo, scene.names[n % len(scene.names)][0].split()[0])
    yield "supervisor's board", lambda s, _: team.board(s, head, team.Filters())
    yield "approvals", lambda s, _: approvals.waiting(s, head)
    yield "due timers", _due


def _due(session: Session, _: int) -> None:
    """Find what is due, and claim one."""
    jobs.due(session, 50, 1)
    jobs.claim(session, None, 30)


def _timed(sessions: Sessions, look: Look) -> Taken:
    """Each look in a transaction of its own, taken back. What is due is made so beforehand, outside of the time."""
    times = []
    for number in range(WARM_UP + ROUNDS):
        with sessions() as session:
            if look is _due:
                session.execute(_MAKE_DUE, {"most": DUE})
            begin = time.perf_counter()
            look(session, number)
            times.append(time.perf_counter() - begin)
            session.rollback()
    return _taken(times[WARM_UP:])


_MAKE_DUE = text(
    "UPDATE job SET due_at = now() - interval '1 second' WHERE id IN ("
    "SELECT id FROM job WHERE state = 'ready' ORDER BY urgency, due_at LIMIT :most)"
)


def _sweep(sessions: Sessions) -> Taken:
    times = []
    for _ in range(WARM_UP + ROUNDS):
        begin = time.perf_counter()
        work.sweep(sessions)
        times.append(time.perf_counter() - begin)
    return _taken(times[WARM_UP:])


def _taken(times: Sequence[float]) -> Taken:
    ordered = sorted(times)
    return Taken(
        round(statistics.median(ordered) * 1000, 2), round(ordered[math.ceil(len(ordered) * 0.95) - 1] * 1000, 2)
    )
