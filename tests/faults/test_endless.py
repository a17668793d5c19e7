"""F21: diagrams without end or measure: refused when they are deployed, or stopped with an incident; others go on."""

import pytest
from sqlalchemy import TextClause, text

from engine.casework import operation
from engine.errors import InvalidDefinition
from engine.store.incidents import Incident
from engine.store.session import unit_of_work
from tests import factories
from tests.bpmn import diagrams as d
from tests.faults.rig import Rig, long_only
from tests.faults.running import slowness, until

CHAIN = 500
# Each begins with a timer, so that a worker meets it together with timers of others.
FIRST = (d.start(), d.catch("soon", d.timer("PT1S")))
DIAGRAMS = {
    "endless": d.process(
        *FIRST, d.gateway("exclusive", "m"), d.script("s", "n", "=n + 1"),
        d.gateway("exclusive", "g", default="out"), d.end(), d.chain("start", "soon", "m", "s", "g"),
        d.flow("g", "m", "=n > 0"), d.flow("g", "end", id="out"), id="endless",
    ),
    "million": d.process(
        *FIRST, d.user("u", body=d.multi("=for i in 1..number return i")), d.end(),
        d.chain("start", "soon", "u", "end"), id="million",
    ),
    "itself": d.process(
        *FIRST, d.end(),
        d.element("callActivity", "c", zeebe=d.z("calledElement", processId="=which") + d.io({"which": "=which"})),
        d.chain("start", "soon", "c", "end"), id="itself",
    ),
    "long": d.process(
        *FIRST, *(d.element("task", f"t{number}") for number in range(CHAIN)), d.end(),
        d.chain("start", "soon", *(f"t{number}" for number in range(CHAIN)), "end"), id="long",
    ),
}  # fmt: skip
REFUSED = d.process(
    d.start(), d.element("callActivity", "c", zeebe=d.z("calledElement", processId="refused")), d.end(),
    d.chain("start", "c", "end"), id="refused",
)  # fmt: skip
WITH = {"n": 1, "number": 1_000_000, "which": "itself"}
STANDING = text("SELECT count(*) FROM incident WHERE state = 'open' AND instance_id = ANY(:instances)")
ENDED = text("SELECT count(*) FROM process_instance WHERE state = 'completed' AND id = ANY(:instances)")


@long_only
def test_f21_diagrams_without_end_or_measure(rig: Rig) -> None:
    begun: list[tuple[str, int]] = []
    with unit_of_work(rig.sessions) as session:
        for name, diagram in DIAGRAMS.items():
            factories.deploy(session, {f"{name}/{name}.bpmn": diagram})

    def begin() -> None:
        name = list(DIAGRAMS)[len(begun) % len(DIAGRAMS)]
        with unit_of_work(rig.sessions) as session:
            begun.append((name, factories.start(session, name, WITH).id))
        with pytest.raises(InvalidDefinition), unit_of_work(rig.sessions) as session:
            factories.deploy(session, {"refused/refused.bpmn": REFUSED})

    row = rig.attack("F21 loops, a million instances, recursion", begin, rounds=(4, 20), check=False)
    assert row.acknowledged
    stopped = [instance for name, instance in begun if name != "long"]
    until(lambda: _count(rig, STANDING, stopped) == len(stopped), 120 * slowness())
    whole = [instance for name, instance in begun if name == "long"]
    assert _count(rig, ENDED, whole) == len(whole) == len(begun) // 4
    assert _count(rig, STANDING, rig.begun) == 0
    with unit_of_work(rig.sessions) as session:
        for incident in session.query(Incident).where(Incident.instance_id.in_(stopped)):
            assert incident.code in {"endless_loop", "too_deep", "feel_budget"}, incident.code
            operation.end(session, rig.operator, incident.instance_id, "Diagram salah")
    rig.check()


def _count(rig: Rig, statement: TextClause, instances: list[int]) -> int:
    with rig.sessions() as session:
        return int(session.execute(statement, {"instances": instances}).scalar_one())
