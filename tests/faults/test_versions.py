"""F16: new versions of a process arrive while its instances run; each stays with its own, unless it is moved."""

import contextlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from engine.bpmn.upgrade_plan import Plan
from engine.casework import definitions, migration
from engine.errors import Conflict
from engine.store.definitions import Definition
from engine.store.instance_migrations import Outcome
from engine.store.instances import ProcessInstance
from engine.store.session import unit_of_work
from tests import factories
from tests.casework.moving import FORM
from tests.faults.families import DIAGRAM
from tests.faults.ledger import Ledger
from tests.faults.rig import IS_LONG, Rig, long_only

RUNNING = text("SELECT id FROM process_instance WHERE process_id = 'p' AND state = 'active' ORDER BY id")
PINS = text("SELECT id, definition_id FROM process_instance WHERE id = ANY(:instances)")
# Whatever was done to an instance was done under a version that it had.
VERSIONS = text(
    "SELECT DISTINCT instance_id, definition_id FROM history"
    " WHERE instance_id = ANY(:instances) AND definition_id IS NOT NULL"
)
FIRST = text("SELECT sha256 FROM definition WHERE family = 'p' AND number = 1")
DELETE = text("DELETE FROM definition WHERE family = 'p' AND number = 1")
FEW = 3


class Versions:
    """Version after version; `had`: instance -> the versions (ids) that it may have had, the present one last."""

    def __init__(self, rig: Rig) -> None:
        self.rig, self.had, self.late = rig, dict[int, list[int]](), list[int]()
        self.number = 1

    def next(self) -> None:
        """Publish another version, begin an instance of it, move some to it, one of them back, and delete the first."""
        self.note(self._running())
        with unit_of_work(self.rig.sessions) as session:
            self.number += 1
            changed = DIAGRAM.replace(b"PT1S", f"PT1.{self.number:03}S".encode())
            factories.deploy(session, {"p/p.bpmn": changed, "p/F.form": FORM})
            newest = definitions.latest_of_process(session, "p").id
        begun = self.rig.supply(1)
        self.late += begun
        self.note(begun)
        assert self.had[begun[0]] == [newest]
        there = self._running()
        chosen = self.rig.random.sample(there, min(FEW, len(there)))
        for instance in chosen:
            self._move(instance, back=instance == chosen[0])
        with pytest.raises(IntegrityError):
            self.rig.execute(DELETE)

    def note(self, instances: list[int]) -> None:
        """Which version they have, of those that are new to us."""
        with self.rig.sessions() as session:
            for row in session.execute(PINS, {"instances": instances}):
                self.had.setdefault(row.id, [row.definition_id])

    def check(self) -> None:
        """Every instance has the version that it should have, and never had another one."""
        instances = list(self.had)
        with self.rig.sessions() as session:
            pins = {row.id: row.definition_id for row in session.execute(PINS, {"instances": instances})}
            assert pins == {instance: versions[-1] for instance, versions in self.had.items()}
            for row in session.execute(VERSIONS, {"instances": instances}):
                assert row.definition_id in self.had[row.instance_id]

    def _running(self) -> list[int]:
        with self.rig.sessions() as session:
            return list(session.execute(RUNNING).scalars())

    def _move(self, instance: int, *, back: bool) -> None:
        """To the newest version, and back unless it has gone on meanwhile. It may be there, or end, any moment."""
        with contextlib.suppress(Conflict), unit_of_work(self.rig.sessions) as session:
            old = session.get_one(Definition, session.get_one(ProcessInstance, instance).definition_id)
            if old.number == self.number:
                return
            way = migration.route(session, self.rig.operator, "p", old.number, self.number, Plan())
            run = migration.begin(session, self.rig.operator, way, "Memperbaiki tenggat").id
            new = way.new.id
            session.commit()
            assert migration.migrate(session, self.rig.operator, run, instance).outcome is Outcome.MIGRATED
            session.commit()
            self.had[instance].append(new)
            if back:
                migration.take_back(session, self.rig.operator, run, instance, "Versi yang salah")
                session.commit()
                self.had[instance].append(old.id)


@long_only
def test_f16_new_versions_arrive_while_instances_run(rig: Rig) -> None:
    with rig.sessions() as session:
        first = session.execute(FIRST).scalar_one()
    versions = Versions(rig)
    rounds = 20 if IS_LONG else 3
    row = rig.attack("F16 a new version, moves, first deleted", versions.next, rounds=(rounds, rounds))
    assert row.acknowledged
    versions.check()
    moved = sum(len(had) > 1 for had in versions.had.values())
    assert moved >= rounds
    rig.ledger = Ledger()
    rig.settle("F16 begun on versions in between", versions.late, rounds, note=f"{moved} others were moved")
    versions.check()
    with rig.sessions() as session:
        assert session.execute(FIRST).scalar_one() == first
        assert definitions.compiled(session, min(id_ for had in versions.had.values() for id_ in had)).hash == first
