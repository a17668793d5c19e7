"""The ledger: what clients sent and what was acknowledged, held against what the database and the outside say."""

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import quantiles

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.settings import PROJECT
from tests.faults.running import slowness

RESULTS = PROJECT / "var" / "faults.json"
RECOVER_S = 60

# Rows of history that may stand once for each (instance, element): what people completed, what jobs and timers did.
_TWICE = text(
    """
    SELECT count(*) FROM (
      SELECT 1 FROM history
      WHERE instance_id = ANY(:instances) AND kind IN ('task.completed', 'job.done', 'timer.fired')
      GROUP BY instance_id, kind, element_id HAVING count(*) > 1) AS twice
    """
)
_ANSWERS_TWICE = text(
    "SELECT count(*) FROM (SELECT 1 FROM answer WHERE instance_id = ANY(:instances)"
    " GROUP BY task_id HAVING count(*) > 1) AS twice"
)
_LOST = text(
    """
    SELECT count(*) FROM unnest(CAST(:tasks AS bigint[]), CAST(:keys AS text[])) AS sent(task_id, key)
    WHERE NOT EXISTS (SELECT FROM task WHERE id = sent.task_id AND state = 'completed')
       OR NOT EXISTS (SELECT FROM history WHERE history.task_id = sent.task_id AND kind = 'task.completed')
       OR NOT EXISTS (SELECT FROM command WHERE idempotency_key = sent.key)
    """
)
_CLAIM_LOST = text(
    "SELECT count(*) FROM unnest(CAST(:tasks AS bigint[])) AS taken(id) WHERE NOT EXISTS"
    " (SELECT FROM history WHERE task_id = taken.id AND kind = 'task.claimed')"
)
_OPEN = text("SELECT count(*) FROM process_instance WHERE id = ANY(:instances) AND state = 'active'")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    scenario: str
    sent: int
    acknowledged: int
    injected: int
    lost: int
    doubled: int
    stuck: int
    recovery_s: float
    note: str = ""

    def is_clean(self) -> bool:
        """Nothing lost, nothing twice, nothing stuck, and soon well again (a busy machine gets more time)."""
        return not (self.lost or self.doubled or self.stuck) and self.recovery_s <= RECOVER_S * slowness()


@dataclass
class Ledger:
    """Filled in by clients while they work."""

    sent: int = 0
    acknowledged: int = 0
    completed: dict[str, int] = field(default_factory=dict)
    """Key -> task, of every completion that was answered with success."""
    claimed: list[int] = field(default_factory=list)
    """Tasks, of every claim that was."""
    odd: list[str] = field(default_factory=list)
    """Answers that nobody should get."""
    times: list[float] = field(default_factory=list)
    """Seconds that each answer took."""
    bodies_with_sql: int = 0
    unavailable: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note_sent(self) -> None:
        """A command left (repeats under its key are not counted again)."""
        with self._lock:
            self.sent += 1

    def note_done(self) -> None:
        """A command was answered with success."""
        with self._lock:
            self.acknowledged += 1

    def note_time(self, seconds: float) -> None:
        """How long one answer took."""
        with self._lock:
            self.times.append(seconds)

    def p95(self) -> float:
        """Seconds within which nineteen of twenty answers came."""
        return quantiles(self.times, n=20)[-1]

    def lost(self, session: Session) -> int:
        """Acknowledged commands that the database does not have."""
        values = {"tasks": list(self.completed.values()), "keys": list(self.completed)}
        completions = session.execute(_LOST, values).scalar_one()
        return int(completions + session.execute(_CLAIM_LOST, {"tasks": self.claimed}).scalar_one())

    def row(
        self, scenario: str, session: Session, instances: Sequence[int], outside: int, injected: int, seconds: float
    ) -> Row:
        """The scenario's line; `outside`: how many instances had an effect there twice."""
        values = {"instances": list(instances)}
        inside = session.execute(_TWICE, values).scalar_one() + session.execute(_ANSWERS_TWICE, values).scalar_one()
        stuck = session.execute(_OPEN, values).scalar_one()
        counts = (self.sent, self.acknowledged, injected, self.lost(session), inside + outside, stuck)
        return Row(scenario, *counts, round(seconds, 1))


def keep(row: Row, folder: Path = RESULTS) -> None:
    """Write the line to var/faults.json, over what an earlier run said of the scenario."""
    rows = {one["scenario"]: one for one in _kept(folder)} | {row.scenario: asdict(row)}
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text(json.dumps([rows[name] for name in sorted(rows, key=_number)], indent=1) + "\n")


def table(rows: Sequence[Row]) -> str:
    """The lines as people read them."""
    head = f"{'scenario':<46}{'sent':>6}{'ack.':>6}{'inj.':>6}{'lost':>6}{'twice':>6}{'stuck':>6}{'s':>7}  note"
    lines = [
        f"{row.scenario:<46}{row.sent:>6}{row.acknowledged:>6}{row.injected:>6}{row.lost:>6}{row.doubled:>6}"
        f"{row.stuck:>6}{row.recovery_s:>7}  {row.note}"
        for row in rows
    ]
    return "\n".join([head, *lines])


def _kept(folder: Path) -> list[dict[str, object]]:
    return list(json.loads(folder.read_text())) if folder.is_file() else []


def _number(scenario: str) -> tuple[int, str]:
    digits = "".join(character for character in scenario.split(maxsplit=1)[0] if character.isdigit())
    return int(digits or 0), scenario
