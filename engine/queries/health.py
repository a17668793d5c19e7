"""Whether Pilar can serve: asked by load balancers, by `make run` and by whoever looks after it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.definitions import Definition


def can_serve(session: Session) -> bool:
    """The database answers and its schema is there. Raises SQLAlchemy's OperationalError if it does not answer."""
    session.execute(select(Definition.id).limit(1))
    return True
