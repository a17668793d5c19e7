"""What the database has to hold before anybody works with it: the schema, the shipped processes, the demo's data."""

from pathlib import Path

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
        migrate(settings.database_url)
    with opened_store(settings, "run") as sessions:
        with step("Diagrams, tables and forms of workflows/"):
            deploy(sessions)
        if settings.demo:
            with step("Demo data (invented people, province 99)"), unit_of_work(sessions) as session:
                if demo.load(session):
                    load_cases(session, PROJECT / "workflows")


def deploy(sessions: sessionmaker[Session], folder: Path = PROJECT / "workflows") -> list[str]:
    """Deploy a folder; names of the new versions. Raises StepFailed that names file, element and reason."""
    try:
        with unit_of_work(sessions) as session:
            new = definitions.deploy_folder(session, SYSTEM, folder)
            return [f"{row.family} version {row.number}" for row in new]
    except InvalidDefinition as error:
        raise StepFailed(
            "mend what is named above, or restore the file with git.", "\n".join(error.problems)
        ) from error
