"""A small `case` family: a report, an assessment with every kind of question, an approval by somebody else."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import cases
from engine.store.tasks import Task, TaskState
from tests import factories
from tests.bpmn import diagrams as d
from tests.forms.builders import component

YES_NO = [{"label": "Ya", "value": True, "labelEn": "Yes"}, {"label": "Tidak", "value": False, "labelEn": "No"}]


def form_file(form_id: str, *components: dict[str, Any], **properties: str) -> bytes:
    """A `.form` file."""
    top = {"type": "default", "id": form_id, "schemaVersion": 16, "properties": properties}
    return json.dumps({**top, "components": list(components)}).encode()


def groups(names: str, form: str = "", **properties: str) -> str:
    """Who a task is for, its form and properties."""
    given = d.z("formDefinition", formId=form) if form else ""
    return d.z("assignmentDefinition", candidateGroups=names) + given + d.properties(**properties)


REPORT = form_file(
    "RegisterReport",
    component(
        "textfield", "client_name", "Nama klien", validate={"required": True},
        properties={"personal": "true", "record": "person.name"},
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
    title="Catat laporan",
)  # fmt: skip
ASSESS = form_file(
    "AssessNeeds",
    component(
        "textarea", "wish", "Harapan klien", validate={"required": True},
        properties={"personal": "true", "error": "Tuliskan harapan klien dengan kata-katanya sendiri"},
    ),
    component("number", "income", "Penghasilan", properties={"format": "rupiah", "fact": "true"}),
    component("radio", "alone", "Tinggal sendiri?", values=YES_NO, properties={"fact": "true"}),
    component("textfield", "carer", "Pengasuh", conditional={"hide": "=alone != false"}),
    component("dynamiclist", "members", "Anggota", components=[component("textfield", "who", "Nama anggota")]),
    component("filepicker", "photo", "Foto rumah", properties={"capture": "camera"}),
    title="Asesmen",
)  # fmt: skip
DIAGRAM = d.process(
    d.start(),
    d.user("RegisterReport", groups("psm, tksk", "RegisterReport"), name="Catat laporan"),
    d.user(
        "AssessNeeds", groups("tksk", "AssessNeeds", phase="asesmen", why="Asesmen menentukan bantuan."), name="Asesmen"
    ),
    d.user("DecidePlan", groups("kabid, tksk", fourEyes="true"), name="Putuskan rencana"),
    d.end(),
    d.chain("start", "RegisterReport", "AssessNeeds", "DecidePlan", "end"),
    id="case",
)
FILES = {"case/case.bpmn": DIAGRAM, "case/RegisterReport.form": REPORT, "case/AssessNeeds.form": ASSESS}


def register(session: Session, actor: Actor, name: str = "Rukmini Contoh", **more: str) -> int:
    """A registered case; its id. The family is deployed if it is not yet."""
    factories.deploy(session, FILES)
    typed = {"client_name": name, "sex": "P", "birth_date": "1952-03-04", "village_code": factories.VILLAGE, **more}
    return cases.register(session, actor, typed).case_id


def open_task(session: Session, case_id: int) -> Task:
    """The one open task of a case."""
    return session.scalars(select(Task).where(Task.case_id == case_id, Task.state == TaskState.OPEN)).one()
