"""Loads the demo: an invented office in province 99 with its workers, partners, roster and cases. Safe to repeat."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM
from engine.casework import demo_data, rules, workers
from engine.casework.workers import Profile
from engine.store import regions
from engine.store.disasters import DutyRoster
from engine.store.office import OfficeSetting
from engine.store.partners import Partner
from engine.store.workers import Worker

PASSWORD = demo_data.PASSWORD
ROSTER_DAYS = 60


def load(session: Session) -> bool:
    """Load the demo's office unless it is there; whether anything was loaded."""
    if session.scalar(select(Worker.id).limit(1)) is not None:
        return False
    regions.add(session, demo_data.REGIONS)
    session.flush()
    for username, name, roles, unit, places, duty, _, _ in demo_data.WORKERS:
        profile = Profile(name=name, roles=roles, regions=places, unit=unit, restricted_duty=duty)
        workers.add(session, SYSTEM, username, profile, PASSWORD)
    session.add_all(_partners())
    session.add_all(_roster(session, clock.now().date()))
    _allow_invented_numbers(session)
    session.flush()
    return True


def sign_ins() -> list[tuple[str, str, str]]:
    """User name, what to try in Indonesian, the same in English."""
    return [(row[0], row[6], row[7]) for row in demo_data.WORKERS]


def _partners() -> list[Partner]:
    return [
        Partner(
            code=code,
            name=name,
            kind=kind,
            services=list(services),
            region_code=region,
            rank=rank,
            capacity=capacity,
            free_places=free,
            sex=sex,
            min_age=youngest,
            max_age=oldest,
            created_at=clock.now(),
        )
        for code, name, kind, services, region, rank, capacity, free, sex, youngest, oldest in demo_data.PARTNERS
    ]


def _roster(session: Session, first: date) -> list[DutyRoster]:
    ids = {
        name: session.scalars(select(Worker.id).where(Worker.username == name)).one()
        for name in ("tagana01", "tagana02", "tksk01")
    }
    return [
        DutyRoster(region_code="99.01", on=first + timedelta(days=day), position=position, worker_id=ids[name])
        for day in range(ROSTER_DAYS)
        for position, name in enumerate(("tagana01", "tagana02", "tksk01"), start=1)
    ]


def _allow_invented_numbers(session: Session) -> None:
    """NIK and KK of province 99 pass: only here."""
    session.add(
        OfficeSetting(
            name="test_regions", value=True, effective_from=date(2000, 1, 1), source="demo", created_at=clock.now()
        )
    )
    rules.forget(session)
