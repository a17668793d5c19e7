"""`pilar fsck` and `pilar story`: looking whether promises are kept, and telling a case to the engine."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from engine.casework import fsck as promises
from engine.cli.context import plain_errors, settings_for
from engine.serve.startup import opened_store
from engine.stories import read, tell


@click.command("fsck")
@plain_errors
def fsck() -> None:
    """Check the engine's promises over all rows and stored states; changes nothing."""
    with opened_store(settings_for("fsck"), "fsck") as sessions, sessions() as session:
        breaches = promises.check(session)
        looked = promises.instances(session)
    for breach in breaches:
        click.echo(f"{breach.rule:<22} {breach.subject}")
    click.echo(f"{looked} running instances, {len(breaches)} broken promises.")
    if breaches:
        raise SystemExit(1)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--language", type=click.Choice(["id", "en"]), default="id", show_default=True, help="Of what is printed."
)
@plain_errors
def story(file: Path, language: str) -> None:
    """Tell a story (workflows/*/stories/*.yaml) to the engine and print what happened; nothing is kept."""
    with opened_store(settings_for("story"), "story") as sessions, sessions() as session:
        joined = Session(session.connection(), join_transaction_mode="create_savepoint", expire_on_commit=False)
        with joined as stage:
            script = read(file)
            told = tell(stage, script)
            for line in (
                script.title,
                script.title_en,
                "",
                *told.lines,
                "",
                f"{len(told.flows)} sequence flows walked.",
            ):
                click.echo(line)
        session.rollback()
