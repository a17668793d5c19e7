"""F19: the database goes back to what it was, while Valkey and the outside are ahead of it."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text

from tests.faults.clients import FORM
from tests.faults.ledger import Ledger
from tests.faults.rig import Rig, long_only
from tests.faults.running import until

FEW = 6
TASK = text("SELECT id FROM task WHERE instance_id = :id AND state = 'open'")

pytestmark = long_only


def test_f19_a_backup_is_restored_while_the_outside_is_ahead(rig: Rig) -> None:
    """What is done again has the key of before; what is new has a key that nobody has seen, whatever its number."""
    rig.ledger = Ledger()
    kept = _visited(rig)
    backup = rig.folder / "backup"
    rig.stop_postgres()
    _copy(rig.postgres.folder, backup)
    rig.start_postgres()
    gone = _visited(rig)
    until(lambda: _told(rig, [*kept, *gone]) == 2 * FEW, 60)
    former = {instance: rig.numbers[instance] for instance in gone}
    rig.stop_postgres()
    _copy(backup, rig.postgres.folder)
    rig.start_postgres()
    new = _visited(rig)
    assert set(new) & set(former), "numbers are given out a second time"
    rig.settle("F19 restored to before, outside ahead", [*kept, *new], 1)
    assert _told(rig, [*kept, *new]) == 2 * FEW, "nothing new was taken for a repeat"
    assert rig.outside.doubled({*former.values()}) == 0


def _copy(source: Path, target: Path) -> None:
    """A whole cluster as it lies there, with its owner."""
    if target.exists():
        shutil.rmtree(target)
    subprocess.run(["cp", "-a", source, target], check=True)


def _visited(rig: Rig) -> list[int]:
    """New instances whose first task is done: their job tells the outside."""
    instances = rig.supply(FEW)
    for instance in instances:
        with rig.sessions() as session:
            task_id = session.execute(TASK, {"id": instance}).scalar_one()
        key = f"f19-{rig.numbers[instance]}"
        rig.ledger.note_sent()
        assert rig.browsers[0].until_answered("POST", f"/tasks/{task_id}", {**FORM, "_key": key})[0] == 303
        rig.ledger.note_done()
    return instances


def _told(rig: Rig, instances: Sequence[int]) -> int:
    """How many of them the outside knows."""
    return len({rig.numbers[instance] for instance in instances} & set(rig.outside.effects.values()))
