"""Moves instances to another version, as the tests of migrations do."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.bpmn.upgrade_plan import Plan
from engine.casework import fsck, migration
from engine.casework.migration import Move
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job
from engine.store.tasks import Task, TaskState
from tests import factories, small_case
from tests.bpmn import diagrams as d
from tests.forms.builders import component

REASON = "Versi 2 memperbaiki batas waktu"
FORM = small_case.form_file(
    "F", component("textfield", "note", "Catatan", validate={"required": True}, properties={"personal": "true"}),
    component("number", "n", "Jumlah", properties={"fact": "true"}), title="F",
)  # fmt: skip
MESSAGE = d.message("msg", key="=number")


def groups(names: str = "tksk", **properties: str) -> str:
    return d.z("formDefinition", formId="F") + small_case.groups(names, **properties)


ONE = (d.start(), d.user("a", groups(), name="Lama"), d.end(), d.chain("start", "a", "end"))
LATE = (d.boundary("late", "a", d.timer("P5D")), d.user("chase", groups()), d.end("e2"), d.chain("late", "chase", "e2"))


def deploy(session: Session, *parts: str, roots: str = "", **more: bytes) -> None:
    files = {f"p/{name}.bpmn": body for name, body in more.items()}
    factories.deploy(session, {"p/p.bpmn": d.process(*parts, roots=roots), "p/F.form": FORM, **files})


def begin(session: Session, *parts: str, roots: str = "", **variables: Any) -> int:
    deploy(session, *parts, roots=roots)
    return factories.start(session, "p", {"number": "K1", **variables}).id


def route(session: Session, actor: Actor, **plan: Any) -> migration.Route:
    return migration.route(session, actor, "p", 1, 2, Plan(**plan))


def move(session: Session, actor: Actor, instance_id: int, **plan: Any) -> tuple[Move, int]:
    """Move one instance, as it was said before that it would."""
    way = route(session, actor, **plan)
    told = migration.look(session, actor, way, instance_id)
    run = migration.begin(session, actor, way, REASON)
    done = migration.migrate(session, actor, run.id, instance_id)
    assert done == told
    return done, run.id


def codes(found: Move) -> list[tuple[str, str]]:
    return [(one.code, one.element_id) for one in found.obstacles]


def task_at(session: Session, element_id: str) -> Task:
    query = select(Task).where(Task.element_id == element_id, Task.state == TaskState.OPEN)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def job_at(session: Session, element_id: str) -> Job:
    return session.scalars(
        select(Job).where(Job.element_id == element_id).execution_options(populate_existing=True)
    ).one()


def check_waits(session: Session) -> None:
    """Every wait of every instance has its row."""
    session.flush()
    for row in session.scalars(select(ProcessInstance).where(ProcessInstance.state == InstanceState.ACTIVE)):
        session.refresh(row)
        assert list(fsck._state(session, row, fsck._known_waits(session, [row.id]).get(row.id, set()))) == []
