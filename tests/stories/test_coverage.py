"""Every sequence flow of every shipped process is walked by some story."""

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine.casework import definitions
from engine.settings import PROJECT
from engine.stories import read_folder, tell

WORKFLOWS = PROJECT / "workflows"


def test_every_flow_is_walked(office: Engine) -> None:
    walked = set()
    for story in read_folder(WORKFLOWS):
        with office.connect() as connection, connection.begin() as outer:
            with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
                walked |= tell(session, story, keep=True).flows
            outer.rollback()
    assert sorted(all_flows(office) - walked) == []


def all_flows(office: Engine) -> set[tuple[str, str]]:
    """(process, flow) of every process, from the deployed definitions."""
    found = set()
    with Session(office) as session:
        for family in definitions.latest_versions(session):
            compiled = definitions.compiled(session, family.id)
            for process_id in definitions.own_processes(session, family):
                found |= {(process_id, flow) for flow in compiled.flow_ids(process_id)}
    return found
