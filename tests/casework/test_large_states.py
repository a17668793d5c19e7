"""Instances with many facts: a step leaves the base where it is, whoever else moves it, and whatever becomes of it."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.bpmn import Instance, InvalidState
from engine.casework import definitions, fsck, messages, migration, tasks
from engine.store.incidents import Incident
from engine.store.instances import ProcessInstance
from engine.store.tasks import Task, TaskState
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework import moving
from tests.casework.racing import WRITE, Racer, racers

MANY = 200
BODY = (
    d.start(), d.gateway("parallel", "f"), d.user("a", moving.groups()), d.user("b", moving.groups()), d.end(),
    d.gateway("exclusive", "x"), d.catch("news", d.event("message", messageRef="msg")),
    d.chain("start", "f", "a", "b", "end"), d.chain("f", "x", "news", "x"),
)  # fmt: skip


def facts(number: int, seed: int) -> dict[str, Any]:
    chance = random.Random(seed)  # noqa: S311 - test data
    return {f"fact_{index}": f"{chance.getrandbits(240):060x}" for index in range(number)}


def begin(session: Session) -> int:
    return moving.begin(session, *BODY, roots=moving.MESSAGE, **facts(MANY, 0))


def tell(session: Session, number: int, seed: int) -> None:
    """A message sets so many facts."""
    messages.receive(session, SYSTEM, "msg", "K1", facts(number, seed), source="test", message_id=str(seed))


def complete(session: Session, actor: Actor, element_id: str = "a") -> None:
    query = select(Task.id).where(Task.element_id == element_id, Task.state == TaskState.OPEN)
    typed = {"note": "Ibu Contoh", "n": "3"}
    tasks.complete(session, actor, session.scalars(query).one(), typed, idempotency_key=element_id)


def columns(session: Session, instance_id: int) -> tuple[bytes, bytes | None]:
    row = session.get_one(ProcessInstance, instance_id, populate_existing=True)
    return row.body or b"", row.base


def known(session: Session, instance_id: int) -> dict[str, Any]:
    row = session.get_one(ProcessInstance, instance_id, populate_existing=True)
    compiled = definitions.compiled(session, row.definition_id)
    return Instance.load(compiled, row.body, row.base).variables()


def place(session: Session, instance_id: int) -> Any:
    """Where PostgreSQL keeps the base, outside of the row: writing it puts it elsewhere."""
    query = text("SELECT pg_column_toast_chunk_id(base) FROM process_instance WHERE id = :id")
    return session.execute(query, {"id": instance_id}).scalar()


@pytest.fixture
def tksk(session: Session) -> Actor:
    return factories.worker(session, "tksk01", "tksk")


def test_a_step_leaves_the_base_where_it_is(session: Session, tksk: Actor) -> None:
    instance_id = begin(session)
    _, base = columns(session, instance_id)
    at = place(session, instance_id)
    assert base is not None
    assert at is not None
    tell(session, 3, 1)
    complete(session, tksk)
    body, kept = columns(session, instance_id)
    assert (kept, place(session, instance_id)) == (base, at)
    assert len(body) < 600
    assert known(session, instance_id).items() >= facts(3, 1).items()


def test_when_much_has_changed_the_base_is_written_anew(session: Session, tksk: Actor) -> None:
    instance_id = begin(session)
    at = place(session, instance_id)
    tell(session, MANY, 1)
    assert place(session, instance_id) not in (None, at)
    complete(session, tksk)
    assert known(session, instance_id).items() >= facts(MANY, 1).items()


def test_a_state_without_its_base_is_an_incident(session: Session, tksk: Actor) -> None:
    instance_id = begin(session)
    _, base = columns(session, instance_id)
    for wrong in (None, (base or b"")[:-9]):
        session.get_one(ProcessInstance, instance_id).base = wrong
        session.flush()
        with pytest.raises(InvalidState):
            complete(session, tksk)
    (incident,) = session.scalars(select(Incident))
    assert (incident.instance_id, incident.code) == (instance_id, "state_unreadable")
    session.get_one(ProcessInstance, instance_id).base = base
    session.flush()
    complete(session, tksk)


def test_it_is_moved_to_another_version_and_taken_back(session: Session, tksk: Actor) -> None:
    operator = factories.worker(session, "operator01", "operator")
    instance_id = begin(session)
    tell(session, 3, 1)
    before = known(session, instance_id)
    moving.deploy(session, *BODY, d.user("c", moving.groups()), d.flow("b", "c"), roots=moving.MESSAGE)
    _, run = moving.move(session, operator, instance_id)
    assert known(session, instance_id) == before
    migration.take_back(session, operator, run, instance_id, moving.REASON)
    assert known(session, instance_id) == before
    complete(session, tksk)
    complete(session, tksk, "b")


# -- two at once ------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(committed_db: str) -> Iterator[list[Racer]]:
    with racers(committed_db) as found:
        yield found


@pytest.mark.parametrize("number", [3, MANY], ids=["on the same base", "on a new base"])
def test_who_comes_second_builds_upon_what_is_there(two: list[Racer], number: int) -> None:
    one, other = two
    sari = one.do(lambda session: factories.worker(session, "tksk01", "tksk"))
    instance_id = one.do(begin)
    written: list[str] = []
    event.listen(one.engine, "before_cursor_execute", lambda _c, _k, statement, *_: written.append(statement))
    second = one.start(lambda session: complete(session, sari), stop_before=WRITE)
    other.do(lambda session: tell(session, number, 1))
    one.go_on()
    second.result()
    assert sum(WRITE in statement for statement in written) == 2
    assert not [statement for statement in written if "base =" in statement]
    found = one.do(lambda session: known(session, instance_id))
    assert found.items() >= {**facts(number, 1), "n": 3}.items()
    assert one.do(fsck.check) == []
    one.do(lambda session: session.execute(text("UPDATE process_instance SET base = NULL")))
    assert [breach.rule for breach in one.do(fsck.check)] == ["state_unreadable"]
