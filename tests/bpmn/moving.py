"""Moves instances to another version, as the tests of upgrades do."""

from typing import Any

from engine.bpmn import Definition, Instance
from engine.bpmn.upgrade import Upgrade, upgrade
from engine.bpmn.upgrade_plan import Correspondence, Plan
from tests.bpmn import diagrams as d
from tests.bpmn.walk import Walk

ONE = d.chain("start", "a", "end")
BARE = (d.start(), d.user("a"), d.end(), ONE)
MESSAGE = d.message("msg", key='="K1"')
WITH_TIMER = (
    *BARE,
    d.boundary("late", "a", d.timer("P5D")),
    d.user("chase"),
    d.end("e2"),
    d.chain("late", "chase", "e2"),
)


def handler(inner: str = "h") -> str:
    return d.sub(
        "es",
        d.start("es1", d.event("message", messageRef="msg"), isInterrupting="false"),
        d.user(inner),
        d.end("ee"),
        d.chain("es1", inner, "ee"),
        event_driven=True,
    )


def compiled(files: Any) -> Definition:
    return Definition.compile({"p.bpmn": files} if isinstance(files, bytes) else files)


def look(walk: Walk, files: Any, **plan: Any) -> Upgrade:
    return upgrade(walk.instance, Correspondence(walk.definition, compiled(files), Plan(**plan)), walk.runtime)


def move(walk: Walk, files: Any, **plan: Any) -> Walk:
    """The same instance under another version, loaded from what is stored of it."""
    found = look(walk, files, **plan)
    assert found.obstacles == ()
    assert found.instance is not None
    instance = Instance.load(found.instance.definition, found.instance.dump())
    after = Walk(instance.definition, instance, walk.reload, walk.runtime)
    after.waits = {wait.id: wait for wait in instance.waits(walk.runtime)}
    return after


def changes(found: Upgrade) -> list[str]:
    return sorted(f"{one.kind} {one.element_id} {one.to}".strip() for one in found.changes)


def obstacles(found: Upgrade) -> list[tuple[str, str]]:
    assert (found.instance is None) == bool(found.obstacles)
    return [(one.code, one.element_id) for one in found.obstacles]
