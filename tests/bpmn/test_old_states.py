"""States that earlier versions stored are loaded and completed; what is stored changes only with its format.

`python -m tests.bpmn.test_old_states` records samples of the present format: once, when a format is new.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.bpmn import Definition, Instance, deltas
from engine.bpmn.codec import FORMAT, document_of
from engine.bpmn.cold import freeze
from engine.bpmn.formats import READERS
from engine.bpmn.packing import unpack
from engine.bpmn.tokens import ERROR
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    conditional,
    element,
    end,
    event,
    flow,
    gateway,
    io,
    message,
    multi,
    process,
    properties,
    script,
    start,
    sub,
    throw,
    timer,
    undo,
    user,
    z,
)  # fmt: skip
from tests.bpmn.walk import PATIENT, RUNTIME, Walk, begin

SHORT = replace(RUNTIME, max_steps=5)
FOLDER = Path(__file__).parents[1] / "data" / "states"
SAMPLES = sorted(FOLDER.glob("*/*.state"))
ENDLESS = {"b", "es1", "t"}  # may come again and again, or make others pointless: finished when the rest is
GIVEN = {"case_no": "K1", "list": list(range(70)), "short": [1, 2, 3], "patience": 3}


def files() -> dict[str, bytes]:
    """A diagram with everything that leaves traces in a state."""
    parts = [
        start(), user("first"), undo("first", "undone"), gateway("parallel", "f"), gateway("parallel", "j"),
        chain("start", "first", "f"), sub("p", start("s1"), user("inner"), end("e1"), chain("s1", "inner", "e1"),
        zeebe=io({"local": "=1"})), boundary("b", "p", timer("R/P1D", "timeCycle"), interrupting=False), end("beside"),
        chain("f", "p", "j"), flow("b", "beside"), user("many", body=multi("=list", output="out", result="=r")),
        boundary("t", "many", timer('=duration("P" + string(patience) + "D")'), properties(followsVariables="true"),
                 interrupting=False), end("late"), flow("t", "late"),
        chain("f", "many", "j"), gateway("eventBased", "g"), catch("m", event("message", messageRef="msg")),
        catch("w", timer("P1D")), gateway("exclusive", "x"), chain("f", "g", "m", "x", "j"), chain("g", "w", "x"),
        element("callActivity", "c", zeebe=z("calledElement", processId="q") + io({"given": "=list"})),
        chain("f", "c", "j"), user("each", body=multi("=short", sequential=True)), chain("f", "each", "j"),
        catch("cond", conditional("=ready = true")), chain("f", "cond", "j"),
        script("broken", "x", '="fine"'), gateway("exclusive", "stuck"), chain("f", "broken", "stuck"),
        flow("stuck", "j", "=mended", id="on"),
        element("serviceTask", "job", zeebe=z("taskDefinition", type="work")), throw("back", event("compensate")),
        end(), chain("j", "job", "back", "end"),
        sub("es", start("es1", event("message", messageRef="msg"), isInterrupting="false"), end("ee"),
            chain("es1", "ee"), event_driven=True),
    ]  # fmt: skip
    called = process(start(), user("called"), end(), chain("start", "called", "end"), id="q")
    return {"p.bpmn": process(*parts, roots=message("msg", key="=case_no")), "q.bpmn": called}


def stages() -> Iterator[tuple[str, Instance]]:
    """One instance, stopped again and again: at its first task, in the middle of a step, at everything at once, while
    something is undone."""
    walk = begin(files(), GIVEN, runtime=PATIENT)
    yield "1-first", walk.instance
    walk._record(walk.instance.complete_task(walk.find("first"), {}, SHORT))
    yield "2-unfinished", walk.instance
    walk.note(walk.instance.proceed(PATIENT))
    walk.do("t").do("b").do("each").do("many", 5, r=5)
    yield "3-everything", walk.instance
    finish(walk, until="undone")
    yield "4-undoing", walk.instance


def finish(walk: Walk, until: str = "") -> None:
    """Do everything that is open; mend what stands still."""
    if walk.instance.unfinished:
        walk.note(walk.instance.proceed(PATIENT))
    walk.instance.set_variables({"mended": True, "ready": True})
    for _ in range(300):
        for stuck in [
            token.task_spec.element_id for token in walk.instance._top.index.values() if token._state == ERROR
        ]:
            walk.retry(stuck)
        todo = [wait.element_id for wait in walk.waits.values() if wait.element_id not in ENDLESS]
        if not todo or until in todo:
            return
        walk.do(todo[0])


def documents(instance: Instance) -> list[Any]:
    """What a state holds, unpacked: the main document, then its chunks."""
    top = Instance.load(instance.definition, instance.dump())._top
    top.cold.thaw_all()
    chunks, ids = freeze(top)
    ranges = [list(chunk.ranges) for chunk in chunks]
    return json.loads(json.dumps([document_of(top, ids), ranges, *(unpack(chunk.blob) for chunk in chunks)]))


def record() -> None:
    """Write a state of today's format for each stage, and what it holds."""
    folder = FOLDER / FORMAT.decode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files().items():
        (folder / name).write_bytes(data)
    for name, instance in stages():
        (folder / f"{name}.state").write_bytes(instance.dump())
        (folder / f"{name}.json").write_text(json.dumps(documents(instance), sort_keys=True) + "\n")
        if name == "3-everything":
            (folder / "5-differing.state").write_bytes(differing(instance))


def differing(instance: Instance) -> bytes:
    """A state that is told by what differs from an earlier one, though it is small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deltas, "WORTH_IT", 0)
        instance.dump()
        instance.set_variables({"mended": True})
        return instance.dump()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_old_states_go_on(path: Path) -> None:
    definition = Definition.compile({file.name: file.read_bytes() for file in path.parent.glob("*.bpmn")})
    instance = Instance.load(definition, path.read_bytes())
    walk = Walk(definition, instance, reload=True, runtime=PATIENT)
    walk.waits = {wait.id: wait for wait in instance.waits()}
    if "b" in walk.open():
        walk.do("b").do("b")
    finish(walk)
    assert walk.ended == "completed"
    assert len(walk.variables["out"]) == 70


def test_every_format_has_samples_and_all_but_todays_a_reader() -> None:
    formats = {path.parent.name.encode() for path in SAMPLES}
    assert formats == {*READERS, FORMAT}
    assert FORMAT not in READERS


@pytest.mark.parametrize("number", range(4))
def test_what_is_stored_changes_only_with_its_format(number: int) -> None:
    """When this fails, what a state holds has changed: give it a new FORMAT, write a reader for this one in
    formats.py, and record samples of the new one. Samples of old formats are never written again."""
    name, instance = next(stage for index, stage in enumerate(stages()) if index == number)
    wanted = json.loads((FOLDER / FORMAT.decode() / f"{name}.json").read_text())
    assert documents(instance) == wanted


if __name__ == "__main__":
    record()
