"""The access log as a whole: is it the chain that was written, and does it hold what pages have shown?"""

from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.permissions import Area
from engine.store import audit


def chain_break(session: Session, actor: Actor) -> int | None:
    """The number of the first row that does not continue the chain; None if the log is whole."""
    permissions.check_may_enter(actor, Area.ACCESS_LOG)
    return audit.first_break(session)


def head(session: Session, actor: Actor) -> tuple[int, str]:
    """Number and mark of the last row, to be noted where this system cannot reach."""
    permissions.check_may_enter(actor, Area.ACCESS_LOG)
    return audit.head(session)


def holds(session: Session, actor: Actor, number: int, mark: str) -> bool:
    """Whether a row noted earlier is still there, unchanged: a log that was cut short has lost it."""
    permissions.check_may_enter(actor, Area.ACCESS_LOG)
    return audit.holds(session, number, mark)


def keep_shown(session: Session) -> None:
    """After a request: who was shown whom stays written, also when the rest of the request was taken back."""
    audit.keep_shown(session)


def record_task_read(session: Session, actor: Actor, task_id: int) -> None:
    """Write down that the actor read a task of no case: a disaster's forms name its victims."""
    audit.append(session, actor.id, "read", "task", task_id)
