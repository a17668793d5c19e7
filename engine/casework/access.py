"""Checking the access log: is it the chain that was written?"""

from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.permissions import Area
from engine.store import audit


def chain_break(session: Session, actor: Actor) -> int | None:
    """The number of the first row that does not continue the chain; None if the log is whole."""
    permissions.check_may_enter(actor, Area.ACCESS_LOG)
    return audit.first_break(session)
