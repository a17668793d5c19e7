"""What the database has to hold before anybody works with it: the schema, the shipped processes, the demo's data."""

from pathlib import Path

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from engine.actors import SYSTEM
from engine.casework import definitions, demo
from engine.errors import InvalidDefinition
from engine.serve.migrations import migrate
from engine.serve.progress import StepFailed, step
from engine.serve.startup import opened_store
from engine.settings import PROJECT, Settings
from engine.store.session import unit_of_work
from engine.stories.demo import load_cases


def load(settings: Settings) -> None:
    """Bring in all of it; what is there stays as it is."""
    with step("Database schema"):
        _migrate(settings.database_url)
    with opened_store(settings, "run") as sessions:
        with step("Diagrams, tables and forms of workflows/"):
            deploy(sessions)
        if settings.demo:
            with step("Demo data (invented people, province 99)"), unit_of_work(sessions) as session:
                if demo.load(session):
                    load_cases(session, PROJECT / "workflows")


def _migrate(url: str) -> None:
    try:
        migrate(url)
    except OperationalError as error:
        advice = "start that database, or mend DATABASE_URL; without it `make run` uses its own."
        raise StepFailed(advice, str(error.orig)) from error


def deploy(
    sessions: sessionmaker[Session], folder: Path = PROJECT / "workflows", *, replace: bool = False
) -> list[str]:
    """Deploy a folder; what became of families. Raises StepFailed that names file, element and reason.

    A restart or an upgrade must not take back what the office's analysts published: that stays unless `replace`.
    """
    try:
        with unit_of_work(sessions) as session:
            kept = [] if replace else definitions.published_by_workers(session)
            new = definitions.deploy_folder(session, SYSTEM, folder, replace=replace)
            return [f"{row.family} version {row.number}" for row in new] + [
                f"{row.family} stays at version {row.number}, which an analyst published (--replace: take the files)"
                for row in kept
            ]
    except InvalidDefinition as error:
        raise StepFailed(
            "mend what is named above, or restore the file with git.", "\n".join(error.problems)
        ) from error
