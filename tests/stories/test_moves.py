"""Stories whose instances move to another version and back between all steps end as they do without."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM, Actor
from engine.bpmn.upgrade_plan import Plan
from engine.casework import definitions, migration
from engine.settings import PROJECT
from engine.store.definitions import Definition
from engine.store.instance_migrations import Outcome
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.workers import by_username
from engine.stories import Stage, Story, read_folder, tell

RUNS = (InstanceState.ACTIVE, InstanceState.SUSPENDED)
NAMES = {"case/young_man_reports_himself", "pkh/six_children", "tagana/house_fire"}
STORIES = [story for story in read_folder(PROJECT / "workflows") if story.name in NAMES]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_moved_between_all_steps(stage_session: Session, story: Story) -> None:
    files = definitions.read_folder(PROJECT / "workflows")
    equal = {name: body.replace(b"<bpmn:userTask ", b"<bpmn:userTask  ") for name, body in files.items()}
    definitions.deploy_files(stage_session, SYSTEM, equal)
    worker = by_username(stage_session, "operator01")
    assert worker is not None
    operator = worker.actor()

    def after_step(stage: Stage) -> None:
        with clock.travel(stage.now):
            for row in stage.instances():
                if row.state in RUNS:
                    move(stage.session, operator, row)

    assert tell(stage_session, story, after_step=after_step).lines


def move(session: Session, operator: Actor, row: ProcessInstance) -> None:
    """To the other of the two versions that its family has."""
    here = session.get_one(Definition, row.definition_id)
    there = session.scalar(select(Definition.number).where(Definition.family == here.family, Definition.id != here.id))
    way = migration.route(session, operator, here.family, here.number, there or 0, Plan())
    run = migration.begin(session, operator, way, "Versi yang sama")
    found = migration.migrate(session, operator, run.id, row.id)
    assert found.outcome is Outcome.MIGRATED, (row.process_id, found.obstacles)
    assert {change.kind for change in found.changes} <= {"stays"}
