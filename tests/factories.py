"""Rows for tests, made by the commands, so that none is in a state the engine could not reach."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.casework import definitions, demo_data, instances, workers
from engine.casework.instances import Beginning
from engine.casework.workers import Profile
from engine.store import regions
from engine.store.instances import ProcessInstance
from engine.store.regions import Region

VILLAGE = "99.01.01.2001"
PASSWORD = "kata sandi contoh"


def places(session: Session) -> None:
    """The regions of the invented province."""
    if session.get(Region, "99") is None:
        regions.add(session, demo_data.REGIONS)
        session.flush()


def worker(
    session: Session,
    username: str,
    *roles: str,
    at: tuple[str, ...] = ("99.01.01",),
    unit: str | None = None,
    restricted_duty: bool = False,
) -> Actor:
    """A worker who can sign in, as an actor."""
    places(session)
    profile = Profile(name=f"Petugas {username}", roles=roles, regions=at, unit=unit, restricted_duty=restricted_duty)
    row, _ = workers.add(session, SYSTEM, username, profile, PASSWORD)
    return row.actor()


def deploy(session: Session, files: Mapping[str, bytes]) -> None:
    """Publish small families."""
    definitions.deploy_files(session, SYSTEM, files)


def start(session: Session, process_id: str = "p", variables: Mapping[str, object] | None = None) -> ProcessInstance:
    """An instance without a case, in the village of the tests."""
    places(session)
    about = Beginning(VILLAGE, f"{process_id}-1")
    return instances.start(session, SYSTEM, process_id, dict(variables or {}), about)
