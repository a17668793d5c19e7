"""A move to another version between any two things that happen changes nothing of what happens."""

from dataclasses import dataclass

import pytest
from lxml import etree

from engine.bpmn import Advance, Definition, Instance
from engine.bpmn.upgrade import upgrade
from engine.bpmn.upgrade_plan import Correspondence, Plan
from tests.bpmn import diagrams as d
from tests.bpmn.cases import Case
from tests.bpmn.cases_flow import CASES
from tests.bpmn.cases_handlers import EVENT_SUB, UNDO
from tests.bpmn.cases_scopes import SCOPES
from tests.bpmn.moving import compiled
from tests.bpmn.test_matrix import play
from tests.bpmn.walk import Walk

ALL = CASES + SCOPES + EVENT_SUB + UNDO


@dataclass
class Wanderer(Walk):
    """Moves to another version, and back, after each thing that happened."""

    other: Definition | None = None
    plans: tuple[Plan, Plan] = (Plan(), Plan())

    def _record(self, advance: Advance) -> None:
        super()._record(advance)
        if advance.unfinished or advance.ended:
            return
        new = self.other or self.definition
        there = upgrade(self.instance, Correspondence(self.definition, new, self.plans[0]), self.runtime)
        assert there.obstacles == ()
        assert there.instance is not None
        assert {one.kind for one in there.changes} <= {"stays", "renamed"}
        back = upgrade(there.instance, Correspondence(new, self.definition, self.plans[1]), self.runtime)
        assert back.instance is not None
        self.instance = Instance.load(self.definition, back.instance.dump())


def wander(case: Case, other: bytes | None, there: Plan, back: Plan) -> Walk:
    body = d.process(case.parts, roots=case.roots)
    definition = compiled(body)
    instance, advance = Instance.start(definition, "p", case.given, Walk.runtime)
    walk = Wanderer(definition, instance, False)
    walk.other, walk.plans = compiled(other) if other else None, (there, back)
    walk.note(advance)
    play(walk, case.deeds)
    return walk


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_move_to_an_equal_version_changes_nothing(case: Case) -> None:
    walk = wander(case, None, Plan(), Plan())
    assert (" ".join(walk.trace), walk.ended, walk.incidents) == (case.trace, case.ended, case.incidents)


def renamed(body: bytes) -> tuple[bytes, dict[str, str]]:
    """The same diagram with another id for everything in a process."""
    root = etree.fromstring(body)
    process = next(child for child in root if child.tag.endswith("}process"))
    drawn = [node for node in process.iter() if node.get("id") and not node.tag.endswith("}association")]
    names = {str(node.get("id")): f"{node.get('id')}.2" for node in drawn if node is not process}
    for node in process.iter():
        for name, value in node.attrib.items():
            node.set(name, names.get(value, value))
    return etree.tostring(root), names


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_move_through_other_names_changes_nothing(case: Case) -> None:
    other, names = renamed(d.process(case.parts, roots=case.roots))
    walk = wander(case, other, Plan(rename=names), Plan(rename={new: old for old, new in names.items()}))
    assert (" ".join(walk.trace), walk.ended, walk.incidents) == (case.trace, case.ended, case.incidents)
