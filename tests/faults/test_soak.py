"""F22: a day's work in twenty minutes, as fast as people can: no process grows, no table but by what was done."""

import os
import time
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import linear_regression
from typing import Any

from sqlalchemy import Row, text

from tests.faults.ledger import Ledger
from tests.faults.rig import IS_LONG, Rig, long_only
from tests.faults.running import children, memory_of, until

SOAK_S = float(os.environ.get("FAULTS_SOAK_S") or (1200 if IS_LONG else 60))
"""Seconds; an office of a kabupaten works a day for what is done in 20 minutes here."""
PORTION = 60
WARM = 1 / 3
"""The part of the time in which caches and tables fill; what comes after is measured."""
GROWTH = 0.1
"""A process may have so much more memory at the end, of what it had when it was warm."""
BLOAT = 1.3
"""Bytes for each finished instance, at the end against when it was warm."""
NOTES = 5_000
SIZES = text(
    """
    SELECT sum(pg_total_relation_size(name::regclass)) FILTER (WHERE NOT is_note) AS kept,
           sum(pg_total_relation_size(name::regclass)) FILTER (WHERE is_note) AS notes,
           (SELECT count(*) FROM process_instance WHERE state = 'completed') AS finished,
           (SELECT count(*) FROM work_change) AS waiting,
           (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections
    FROM (VALUES ('process_instance', false), ('task', false), ('job', false), ('answer', false), ('command', false),
                 ('work_change', true), ('step_count', true), ('load_count', true), ('done_count', true))
      AS tables(name, is_note)
    """
)


@dataclass
class Watched:
    """Memory (bytes) of each process over time, from when it was warm; what tables take then and in the end."""

    begun: float = field(default_factory=time.monotonic)
    memory: dict[tuple[str, int], list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    already: set[int] = field(default_factory=set)
    """Who was there at the first look."""

    def look(self, rig: Rig) -> None:
        """One sample of everything that runs."""
        is_first = not self.memory
        for name in rig.keeper.wanted:
            for pid in (rig.pid(name), *children(rig.pid(name))):
                if size := memory_of(pid):
                    self.memory[name, pid].append((time.monotonic() - self.begun, size))
                    self.already |= {pid} if is_first else set()

    def growth(self) -> tuple[float, str]:
        """The most that a process would have grown in the whole time, as a part of what it had: by a line through all.

        Web workers begin anew by themselves: a new one is given time to fill its caches, as all had before the first
        look, and only who was there for a good while says something. Also whose it was, from and to how many MB.
        """
        most, whose = 0.0, ""
        for (name, pid), samples in self.memory.items():
            warm = 0.0 if pid in self.already else samples[0][0] + SOAK_S * WARM / 2
            times, sizes = zip(*([sample for sample in samples if sample[0] >= warm] or samples[:1]), strict=True)
            if len(times) > 2 and times[-1] - times[0] > SOAK_S * (1 - WARM) / 3:
                grown = linear_regression(times, sizes).slope * SOAK_S * (1 - WARM) / sizes[0]
                if grown > most:
                    most, whose = grown, f"{name} {sizes[0] / 1e6:.0f} -> {sizes[-1] / 1e6:.0f} MB"
        return most, whose


@long_only
def test_f22_a_day_of_work(rig: Rig) -> None:
    rig.ledger = Ledger()
    begun: list[int] = []
    _work(rig, begun, SOAK_S * WARM, None)
    warm, watched = _sizes(rig), Watched()
    _work(rig, begun, SOAK_S * (1 - WARM), watched)
    end = _sizes(rig)
    growth, whose = watched.growth()
    each = [float(sizes.kept) / max(1, sizes.finished) for sizes in (warm, end)]
    note = f"memory {growth:+.0%} ({whose}); {each[0] / 1024:.1f} -> {each[1] / 1024:.1f} KB an instance"
    rig.settle(f"F22 {SOAK_S / 60:.0f} minutes of work without a pause", begun, 0, note=note)
    assert growth < GROWTH, whose
    assert each[1] < BLOAT * each[0]
    assert end.notes < 2 * warm.notes + (4 << 20), "notes and counts are cleared away"
    assert end.connections <= warm.connections + 8
    until(lambda: _sizes(rig).waiting < NOTES)


def _work(rig: Rig, begun: list[int], seconds: float, watched: Watched | None) -> None:
    """Portion after portion, each from beginning to end."""
    over = time.monotonic() + seconds
    while time.monotonic() < over:
        instances = rig.supply(PORTION)
        begun += instances
        rig.work_off(instances)
        if watched is not None:
            watched.look(rig)


def _sizes(rig: Rig) -> Row[Any]:
    with rig.sessions() as session:
        return session.execute(SIZES).one()
