"""A small `case` family with a plan, a decision by a second pair of eyes, and a way back; cases in it, by commands."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.casework import cases, rules, tasks
from engine.store.office import OfficeSetting
from engine.store.tasks import Task, TaskState
from tests import factories
from tests.bpmn import diagrams as d
from tests.forms.builders import component
from tests.small_case import form_file, groups

NIK = "9901014403520001"
REPORT = form_file(
    "RegisterReport",
    component(
        "textfield", "client_name", "Nama klien", validate={"required": True},
        properties={"personal": "true", "record": "person.name", "error": "Tuliskan nama klien"},
    ),
    component(
        "textfield", "client_nik", "NIK", properties={"personal": "true", "format": "nik", "record": "person.nik"}
    ),
    component(
        "radio", "sex", "Jenis kelamin", properties={"record": "person.sex"},
        values=[{"label": "Laki-laki", "value": "L"}, {"label": "Perempuan", "value": "P"}],
    ),
    component("datetime", "birth_date", "Tanggal lahir", properties={"record": "person.birth_date"}),
    component(
        "textfield", "village_code", "Desa", validate={"required": True},
        properties={"format": "village", "record": "person.village_code"},
    ),
    component("textfield", "address", "Alamat", properties={"personal": "true", "record": "person.address"}),
    component("radio", "restricted", "Terbatas?", properties={"fact": "true"},
              values=[{"label": "Ya", "value": True}, {"label": "Tidak", "value": False}]),
    component("filepicker", "photo", "Foto", multiple=True, properties={"personal": "true"}),
    title="Catat laporan",
)  # fmt: skip
PLAN = form_file(
    "PlanIntervention",
    component("textarea", "goals", "Tujuan", validate={"required": True}, properties={"personal": "true"}),
    component("number", "budget", "Biaya", properties={"format": "rupiah", "fact": "true"}),
    title="Rencana",
)
DECIDE = form_file(
    "DecidePlan",
    component(
        "radio", "decision", "Keputusan", validate={"required": True},
        properties={"fact": "true", "error": "Pilih keputusan Anda."},
        values=[{"label": "Setujui", "value": "approve", "labelEn": "Approve"},
                {"label": "Kembalikan", "value": "return", "labelEn": "Return"},
                {"label": "Tolak", "value": "reject", "labelEn": "Reject"}],
    ),
    component(
        "textarea", "reason", "Alasan",
        properties={"personal": "true", "require": '=decision != "approve"', "error": "Tuliskan alasannya."},
    ),
    component(
        "dynamiclist", "corrections", "Yang perlu diperbaiki", conditional={"hide": '=decision != "return"'},
        components=[
            component("textfield", "field", "Isian", properties={"options": "sent_fields"}),
            component("textarea", "comment", "Yang diminta", properties={"personal": "true"}),
        ],
    ),
    title="Putuskan rencana",
)  # fmt: skip
DIAGRAM = d.process(
    d.start(),
    d.user("RegisterReport", groups("psm, tksk, fo", "RegisterReport", phase="laporan"), name="Catat laporan"),
    d.user("PlanIntervention", groups("tksk", "PlanIntervention", phase="rencana"), name="Susun rencana"),
    d.user(
        "ApprovePlan", groups("kabid", "DecidePlan", phase="rencana", fourEyes="true", why="Perlu mata kedua."),
        name="Setujui rencana",
    ),
    d.user("WriteLetter", groups("bo", phase="penutupan"), name="Tulis surat penolakan"),
    d.user("Accompany", groups("tksk", phase="pendampingan"), name="Dampingi klien"),
    d.gateway("exclusive", "decided", default="decided-WriteLetter"),
    d.end(),
    d.flow("start", "RegisterReport"),
    d.flow("RegisterReport", "PlanIntervention"),
    d.flow("PlanIntervention", "ApprovePlan"),
    d.flow("ApprovePlan", "decided"),
    d.flow("decided", "Accompany", '=decision = "approve"'),
    d.flow("decided", "PlanIntervention", '=decision = "return"'),
    d.flow("decided", "WriteLetter"),
    d.flow("Accompany", "end"),
    d.flow("WriteLetter", "end"),
    id="case",
)  # fmt: skip
FILES = {
    "case/case.bpmn": DIAGRAM,
    "case/RegisterReport.form": REPORT,
    "case/PlanIntervention.form": PLAN,
    "case/DecidePlan.form": DECIDE,
}


def deploy(session: Session) -> None:
    """Publish the family; numbers of province 99 pass."""
    factories.places(session)
    factories.deploy(session, FILES)
    session.add(
        OfficeSetting(
            name="test_regions", value=True, effective_from=date(2000, 1, 1), source="test", created_at=clock.now()
        )
    )
    session.flush()
    rules.forget(session)


def report(name: str = "Rukmini Contoh", **more: Any) -> dict[str, Any]:
    """What is typed to register somebody."""
    return {"client_name": name, "sex": "P", "birth_date": "1952-03-04", "village_code": factories.VILLAGE, **more}


def register(session: Session, actor: Actor, name: str = "Rukmini Contoh", **more: Any) -> int:
    """A registered case; its id."""
    return cases.register(session, actor, report(name, **more)).case_id


def do(session: Session, actor: Actor, case_id: int, element_id: str, **answers: Any) -> int:
    """Complete the open task at an element; its id."""
    task = open_task(session, case_id, element_id)
    tasks.complete(session, actor, task.id, answers)
    return task.id


def open_task(session: Session, case_id: int, element_id: str) -> Task:
    """The open task of a case at an element."""
    query = select(Task).where(Task.case_id == case_id, Task.element_id == element_id, Task.state == TaskState.OPEN)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def do_in(session: Session, actor: Actor, instance_id: int, element_id: str, **answers: Any) -> None:
    """Complete the open task of an instance that has no case."""
    query = select(Task).where(Task.instance_id == instance_id, Task.element_id == element_id)
    tasks.complete(session, actor, session.scalars(query).one().id, answers)
