"""The bundle that operators take home: it reproduces the fault and names nobody, whoever's name hides where."""

import io
import json
import zipfile

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.bpmn import Instance
from engine.bpmn.repair import correct
from engine.casework import definitions
from engine.casework.rules import runtime
from engine.store.audit import AccessLog
from engine.store.history import History
from engine.store.incidents import Incident
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job
from engine.store.people import Person
from tests.web.world import ADDRESS, CHILD, HUSBAND, HUSBAND_NIK, KK, NIK, PHONE, STORY, WIFE, World

SEEDS = (WIFE, "Zulaikha", "zulaikha", "ZULAIKHA", HUSBAND, "Gondo", CHILD, "Kirana", NIK, HUSBAND_NIK, KK, PHONE,
         ADDRESS, "Melati", STORY, "9901-0152-0395-0001", "1995-03-12", "Bu Darmi")  # fmt: skip


def take(world: World, who: str = "operator+duty", reason: str = "Gangguan di asesmen") -> dict[str, bytes]:
    path = f"/operation/instances/{world.ids['instance', 'restricted']}/bundle"
    answer = world.ask(who, "POST", path, {"reason": reason})
    assert (answer.status_code, answer.mimetype) == (200, "application/zip"), answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def hide_everywhere(world: World) -> None:
    """Put names and numbers where none should ever be: facts, jobs, incidents, history."""
    instance_id = world.ids["instance", "restricted"]
    with Session(world.connection, join_transaction_mode="create_savepoint") as session:
        row = session.get_one(ProcessInstance, instance_id)
        session.execute(update(Person).where(Person.nik.is_not(None)).values(birth_date="1995-03-12"))
        instance = Instance.load(definitions.compiled(session, row.definition_id), bytes(row.body or b""))
        poison = {
            "names": list(SEEDS), "mixed": {"Zulaikha": "zulaikha", NIK: int(NIK)}, "code": "gol_B",
            "born": "1995-03-12", "phone": int(PHONE), "free": "Suaminya pulang jam tujuh malam", "sum": 12,
        }  # fmt: skip
        instance.set_variables({"hidden": None})
        correct(instance, "", "hidden", poison, runtime(session))
        row.body = instance.dump()
        told = {"element_id": "AssessNeeds", "created_at": row.started_at}
        session.add(Job(kind="service", instance_id=instance_id, wait_id="w", operation="x", inputs=poison,
                        last_error=WIFE, state="dead", due_at=row.started_at, **told))  # fmt: skip
        session.add(Incident(instance_id=instance_id, code="x", message=f"{WIFE} {NIK}", **told))
        session.add(History(at=row.started_at, kind="x", instance_id=instance_id, detail=poison | {"steps": []}))
        session.commit()


def test_no_seeded_name_or_number_leaves_with_it(world: World) -> None:
    with world.taken_back():
        hide_everywhere(world)
        found = take(world)
    model = {name: body for name, body in found.items() if name.startswith("definition/")}
    for name, body in found.items():
        if name not in model:
            text = body.decode()
            assert [seed for seed in SEEDS if seed in text] == [], name
            assert "pulang jam tujuh" not in text
    facts = json.loads(found["state.json"])["s"][0][2]
    assert facts["hidden"]["sum"] == 12, "what is only a number stays"


def test_it_holds_what_reproduces_the_fault(world: World) -> None:
    with world.taken_back() as session:
        found = take(world)
        row = session.get_one(ProcessInstance, world.ids["instance", "restricted"])
        log = session.scalars(select(AccessLog).order_by(AccessLog.id.desc())).first()
        past = session.scalars(select(History).where(History.kind == "instance.copied")).one()
    assert log is not None
    assert (log.action, log.subject_kind, log.reason) == ("download", "instance", "Gangguan di asesmen")
    assert past.detail["reason"] == "Gangguan di asesmen"
    manifest = json.loads(found["manifest.json"])
    assert (manifest["instance"], manifest["log"]["case"]) == (row.id, row.case_id)
    assert b'id="AssessNeeds"' in found["definition/case/case.bpmn"]
    tokens = json.loads(found["state.json"])["f"][0][4]
    assert [token[2] for token in tokens] == ["AssessNeeds"]
    assert [one["element_id"] for one in json.loads(found["tasks.json"])] == ["RegisterReport", "AssessNeeds"]
    assert {"task.completed", "instance.started"} <= {one["kind"] for one in json.loads(found["history.json"])}


@pytest.mark.parametrize("reason", ["", "abc", f"NIK {NIK}"])
def test_nothing_leaves_without_a_reason(world: World, reason: str) -> None:
    path = f"/operation/instances/{world.ids['instance', 'normal']}/bundle"
    answer = world.ask_and_take_back("operator", "POST", path, {"reason": reason})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
