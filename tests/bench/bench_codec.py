"""Load, advance and dump of a typical user task completion at 2 KB of facts, without any database."""

import statistics
import time
from collections.abc import Callable

from engine.bpmn import Definition, Instance
from tests.bpmn.diagrams import (
    boundary,
    chain,
    end,
    flow,
    gateway,
    process,
    script,
    start,
    timer,
    user,
    z,
)  # fmt: skip
from tests.bpmn.walk import RUNTIME

ROUNDS, WARM_UP = 600, 50
LIMIT_MS = 0.5

PEOPLE = (
    z("assignmentDefinition", candidateGroups='=["tksk", "psm"]')
    + z("taskSchedule", dueDate="P3D")
    + z("priorityDefinition", priority='=if priority = "P1" then 90 else 50')
)
DIAGRAM = process(
    start(), user("assess", PEOPLE), boundary("late", "assess", timer("P1D"), interrupting=False), user("remind"),
    script("sum", "score", "=income + members"), gateway("exclusive", "enough", default="again"), end(),
    chain("start", "assess", "sum", "enough"), flow("enough", "end", "=score > 1000000000"),
    flow("enough", "assess", id="again"), chain("late", "remind", "end"),
)  # fmt: skip
FACTS = {f"fact_{number}": f"nilai nomor {number} dari laporan" for number in range(45)} | {
    "priority": "P1", "income": 750_000, "members": 5, "pmks_codes": ["01", "02"],
}  # fmt: skip


def timed(work: Callable[[], object], into: list[float]) -> object:
    begun = time.perf_counter()
    result = work()
    into.append((time.perf_counter() - begun) * 1000)
    return result


def test_codec() -> None:
    definition = Definition.compile({"bench.bpmn": DIAGRAM})
    instance, _ = Instance.start(definition, "p", FACTS, RUNTIME)
    load: list[float] = []
    run: list[float] = []
    dump: list[float] = []
    state = instance.dump()
    for _ in range(ROUNDS + WARM_UP):
        before = state
        instance = timed(lambda: Instance.load(definition, before), load)  # noqa: B023 - called at once
        task = next(wait.id for wait in instance.waits() if wait.element_id == "assess")
        timed(lambda: instance.complete_task(task, {"note": "ok"}, RUNTIME), run)  # noqa: B023
        state = timed(instance.dump, dump)
    parts = {name: statistics.median(values[WARM_UP:]) for name, values in
             (("load", load), ("run", run), ("dump", dump))}  # fmt: skip
    total = sum(parts.values())
    print("\ncodec, 2 KB:", ", ".join(f"{name} {ms:.3f} ms" for name, ms in parts.items()), f"= {total:.3f} ms,",
          f"{len(state)} bytes")  # fmt: skip
    assert total <= LIMIT_MS
