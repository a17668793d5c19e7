"""Whether Pilar can serve: asked by load balancers, by `make run` and by whoever looks after it."""

from functools import cache

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.settings import PROJECT


@cache
def newest_migration() -> str:
    """The number of the newest migration that this code knows."""
    return max(path.name[:4] for path in (PROJECT / "migrations" / "versions").glob("[0-9]*.py"))


def can_serve(session: Session) -> bool:
    """Whether the schema is at least what this code needs; a newer one adds only what it can live with.

    Raises SQLAlchemy's errors if the database does not answer.
    """
    stands = session.scalar(text("SELECT max(version_num) FROM alembic_version"))
    return stands is not None and str(stands) >= newest_migration()
