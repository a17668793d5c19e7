"""History rows written outside a step: who did what, when. Ids and codes only."""

from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.store.history import History


def note(
    session: Session,
    actor: Actor,
    kind: str,
    *,
    case_id: int | None = None,
    instance_id: int | None = None,
    task_id: int | None = None,
    element_id: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one row to the history, in the transaction of what it tells."""
    session.add(
        History(
            at=clock.now(),
            kind=kind,
            case_id=case_id,
            instance_id=instance_id,
            task_id=task_id,
            actor_id=actor.id,
            element_id=element_id,
            detail=detail or {},
        )
    )
