"""F13, F14 and F23: jobs that harm their worker, a disk that is full, a state that cannot be read."""

import contextlib
import os
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.casework import operation
from engine.store.incidents import Incident, IncidentState
from engine.store.instances import ProcessInstance
from engine.store.session import unit_of_work
from tests import factories
from tests.bpmn import diagrams as d
from tests.faults.clients import FORM
from tests.faults.ledger import Ledger
from tests.faults.rig import IS_LONG, Rig, long_only
from tests.faults.running import until

KINDS = ("raise", "kill", "answer", "unreadable inputs", "memory", *(("hang", "hang in C") if IS_LONG else ()))
NIK = "9901018001400001"
POISON = d.process(
    d.start(),
    d.element("serviceTask", "harm", zeebe=d.z("taskDefinition", type="poison", retries="2") + d.io({"kind": "=kind"})),
    d.end(),
    d.chain("start", "harm", "end"),
    id="poison",
)
SPOIL = text("UPDATE job SET inputs = '[1, {\"a\": 2}]' WHERE instance_id = :id")
OPEN_INCIDENTS = text("SELECT count(*) FROM incident WHERE state = 'open' AND instance_id = ANY(:instances)")
CORRUPT = text(r"UPDATE process_instance SET body = '\x00ff' WHERE id = :id")


@long_only
def test_f13_jobs_that_harm_their_worker_end_as_incidents(rig: Rig) -> None:
    poisoned: list[int] = []
    with unit_of_work(rig.sessions) as session:
        factories.deploy(session, {"poison/poison.bpmn": POISON})

    def inject() -> None:
        kind = KINDS[len(poisoned) % len(KINDS)]
        with unit_of_work(rig.sessions) as session:
            poisoned.append(factories.start(session, "poison", {"kind": kind}).id)
            session.flush()
            if kind == "unreadable inputs":
                session.execute(SPOIL, {"id": poisoned[-1]})

    row = rig.attack("F13 poison jobs among others", inject, rounds=(len(KINDS), 3 * len(KINDS)))
    until(lambda: _incidents(rig, poisoned) == len(poisoned), 120)
    assert row.acknowledged
    with unit_of_work(rig.sessions) as session:
        for incident in session.query(Incident).where(Incident.instance_id.in_(poisoned)):
            assert NIK not in incident.message
            operation.end(session, rig.operator, incident.instance_id, "Tidak dapat diperbaiki")
    for log in rig.folder.glob("*.log"):
        assert NIK not in log.read_text(errors="replace"), f"{log.name} tells what a job knew"


@long_only
def test_f23_a_state_that_cannot_be_read_stops_one_instance_only(rig: Rig) -> None:
    rounds = 20 if IS_LONG else 2
    hurt = rig.supply_raced(rounds)
    kept: dict[int, bytes] = {}
    browser = rig.browsers[0]
    numbers = iter(hurt)

    def corrupt() -> None:
        instance = next(numbers)
        with rig.sessions() as session:
            kept[instance] = bytes(session.get_one(ProcessInstance, instance).body or b"")
            task_id = session.execute(
                text("SELECT id FROM task WHERE instance_id = :id"), {"id": instance}
            ).scalar_one()
        rig.execute(CORRUPT, id=instance)
        other = type(browser)(rig.port, Ledger(), browser.cookies, browser.token)
        answer = other.once("POST", f"/tasks/{task_id}", {**FORM, "_key": f"f23-{instance}"})
        assert answer is not None
        assert (answer[0], "Operator sudah diberi tahu" in answer[1]) == (500, True)
        assert other.until_answered("GET", "/tasks?tab=queue")[0] == 200
        other.close()

    rig.attack("F23 a state that cannot be read", corrupt, rounds=(rounds, rounds), check=False)
    assert _incidents(rig, hurt) == rounds
    with unit_of_work(rig.sessions) as session:
        for instance, body in kept.items():
            session.get_one(ProcessInstance, instance).body = body
    with unit_of_work(rig.sessions) as session:
        for incident in session.query(Incident).where(Incident.state == IncidentState.OPEN):
            operation.retry(session, rig.operator, incident.id)
    rig.check()


@long_only
def test_f14_the_disk_of_the_database_is_full(rig: Rig) -> None:
    """It is refused as long as there is no room, and goes on by itself as soon as there is."""
    if not rig.has_own_disk:
        pytest.skip("only root may mount a small disk")
    ballast = rig.postgres.folder.parent / "ballast"

    def fill() -> None:
        _fill(ballast)
        time.sleep(rig.random.uniform(0.5, 2.0))
        ballast.unlink()
        rig.revive_postgres()

    rig.attack("F14 disk of PostgreSQL full", fill, rounds=(2, 20), pause_s=(1.0, 2.0))


def _incidents(rig: Rig, instances: list[int]) -> int:
    with rig.sessions() as session:
        return int(session.execute(OPEN_INCIDENTS, {"instances": instances}).scalar_one())


def _fill(path: Path) -> None:
    """Take what room there is, to the last block."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)) == size:
                    os.fdatasync(file.fileno())
