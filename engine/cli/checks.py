"""`pilar fsck` and `pilar story`: looking whether promises are kept, and telling a case to the engine."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from engine.casework import fsck
from engine.serve.startup import open_store
from engine.settings import Settings
from engine.stories import read, tell


def check_promises(settings: Settings) -> None:
    """Print each broken promise; exit code 1 if there is one."""
    with open_store(settings, "fsck")() as session:
        breaches = fsck.check(session)
        looked = fsck.instances(session)
    for breach in breaches:
        click.echo(f"{breach.rule:<22} {breach.subject}")
    click.echo(f"{looked} running instances, {len(breaches)} broken promises.")
    if breaches:
        raise SystemExit(1)


def tell_story(settings: Settings, file: Path) -> None:
    """Tell a story on the configured database and print its lines; the transaction is rolled back."""
    with open_store(settings, "story")() as session, session.connection() as connection:
        stage = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        with stage:
            for line in tell(stage, read(file)).lines:
                click.echo(line)
        session.rollback()
