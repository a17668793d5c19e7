"""`pilar migrate|deploy|keys`: what has to be there before anybody works."""

from pathlib import Path

import click

from engine.cli.context import plain_errors, settings_for
from engine.serve import contents, migrations
from engine.serve.startup import opened_store
from engine.settings import Keys


@click.command()
@click.argument("revision", default="head")
@plain_errors
def migrate(revision: str) -> None:
    """Bring the database's schema to the newest revision."""
    url = settings_for("migrate").database_url
    migrations.migrate(url, revision)
    click.echo(f"The schema stands at {migrations.current(url)}.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default="workflows")
@click.option("--replace", is_flag=True, help="Also take the place of versions that analysts published.")
@plain_errors
def deploy(folder: Path, replace: bool) -> None:
    """Check and deploy a folder of process families; what did not change makes no new version."""
    with opened_store(settings_for("deploy"), "deploy") as sessions:
        told = contents.deploy(sessions, folder, replace=replace)
    click.echo("\n".join(told) or "Nothing has changed: every family is deployed as it is.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def keys(file: Path) -> None:
    """Make a key file for PILAR_KEYS. Keep a copy apart from the database's backups."""
    if file.exists():
        raise click.ClickException(f"{file} exists; what it encrypted would be lost without it.")
    Keys.create(file)
    click.echo(f"{file} holds new keys.")
