"""States that earlier versions stored are loaded and completed.

`python -m tests.bpmn.test_old_states` records samples of the present format.
"""

from pathlib import Path

import pytest

from engine.bpmn import Definition, Instance
from engine.bpmn.codec import FORMAT
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    element,
    end,
    event,
    flow,
    gateway,
    io,
    message,
    multi,
    process,
    start,
    sub,
    timer,
    undo,
    user,
    z,
)  # fmt: skip
from tests.bpmn.walk import RUNTIME, Walk

FOLDER = Path(__file__).parents[1] / "data" / "states"
SAMPLES = sorted(FOLDER.glob("*/*.state"))


def files() -> dict[str, bytes]:
    """A diagram with everything that leaves traces in a state."""
    parts = [
        start(), user("first"), undo("first", "undone"), gateway("parallel", "f"), gateway("parallel", "j"),
        chain("start", "first", "f"), sub("p", start("s1"), user("inner"), end("e1"), chain("s1", "inner", "e1"),
        zeebe=io({"local": "=1"})), boundary("b", "p", timer("R/P1D", "timeCycle"), interrupting=False), end("beside"),
        chain("f", "p", "j"), flow("b", "beside"), user("many", body=multi("=list", output="out", result="=r")),
        chain("f", "many", "j"), gateway("eventBased", "g"), catch("m", event("message", messageRef="msg")),
        catch("t", timer("P1D")), gateway("exclusive", "x"), chain("f", "g", "m", "x", "j"), chain("g", "t", "x"),
        element("callActivity", "c", zeebe=z("calledElement", processId="q") + io({"given": "=list"})),
        chain("f", "c", "j"), element("serviceTask", "job", zeebe=z("taskDefinition", type="work")), end(),
        chain("j", "job", "end"),
        sub("es", start("es1", event("message", messageRef="msg"), isInterrupting="false"), end("ee"),
            chain("es1", "ee"), event_driven=True),
    ]  # fmt: skip
    called = process(start(), user("called"), end(), chain("start", "called", "end"), id="q")
    return {"p.bpmn": process(*parts, roots=message("msg", key="=case_no")), "q.bpmn": called}


def finish(walk: Walk) -> None:
    """Do everything that is open, the job last."""
    for _ in range(200):
        todo = [wait for wait in walk.waits.values() if wait.element_id not in {"b", "es1", "t"}]
        if not todo:
            break
        walk.do(todo[0].element_id)


def record() -> None:
    """Write a state of today's format for each stage."""
    definition = Definition.compile(files())
    folder = FOLDER / FORMAT.decode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files().items():
        (folder / name).write_bytes(data)
    instance, advance = Instance.start(definition, "p", {"case_no": "K1", "list": list(range(70))}, RUNTIME)
    (folder / "1-first.state").write_bytes(instance.dump())
    first = next(wait.id for wait in advance.opened if wait.element_id == "first")
    instance.complete_task(first, {}, RUNTIME)
    (folder / "2-everything.state").write_bytes(instance.dump())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_old_states_go_on(path: Path) -> None:
    definition = Definition.compile({file.name: file.read_bytes() for file in path.parent.glob("*.bpmn")})
    instance = Instance.load(definition, path.read_bytes())
    walk = Walk(definition, instance, reload=True)
    walk.waits = {wait.id: wait for wait in instance.waits()}
    finish(walk)
    assert walk.ended == "completed"
    assert len(walk.variables["out"]) == 70


def test_todays_format_has_samples() -> None:
    assert any(path.parent.name == FORMAT.decode() for path in SAMPLES)


if __name__ == "__main__":
    record()
