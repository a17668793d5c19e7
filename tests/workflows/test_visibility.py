"""Table D13 says who sees what of a case; engine/permissions.py does it. They agree."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import SYSTEM, Actor
from engine.casework import beginnings
from engine.permissions import Area
from engine.store.cases import Case, CaseAccess
from engine.store.people import Person
from tests import factories
from tests.workflows.rules import decide

# what a worker is to a case, by D13's words: roles, division, named on restricted duty
RELATIONS = {
    "owner": (("tksk",), None, False),
    "same_region": (("tksk",), None, False),
    "kabid_unit": (("kabid",), "rehsos", True),
    "kadis": (("kadis",), None, True),
    "camat": (("camat",), None, False),
    "analyst": (("analyst",), None, False),
    "admin": (("admin",), None, False),
}


@pytest.fixture(params=[False, True], ids=["open", "restricted"])
def case(request: pytest.FixtureRequest, session: Session) -> Case:
    factories.places(session)
    client = Person(name="Warga Contoh", created_at=clock.now())
    session.add(client)
    found = beginnings.open_case(session, SYSTEM, client, factories.VILLAGE)
    found.restricted = request.param
    session.flush()
    return found


def worker(session: Session, case: Case, relation: str) -> Actor:
    roles, unit, duty = RELATIONS[relation]
    actor = factories.worker(session, f"{relation}77", *roles, unit=unit, restricted_duty=duty)
    if relation == "owner":
        session.add(CaseAccess(case_id=case.id, worker_id=actor.id, reason="claimed", created_at=clock.now()))
        session.flush()
    return actor


@pytest.mark.parametrize("relation", RELATIONS)
def test_the_table_says_what_the_permissions_do(session: Session, case: Case, relation: str) -> None:
    actor = worker(session, case, relation)
    sees = session.scalar(select(Case.id).where(Case.id == case.id, permissions.sees_case(actor))) is not None
    view = decide("case", "visibility", {"relation": relation, "restricted": case.restricted})
    assert sees is ("full" in view)
    assert permissions.may_enter(actor, Area.CASES) is (relation in ("owner", "same_region", "kabid_unit", "kadis"))
