"""`pilar backup|restore|after-recovery`: a copy of everything, and the way back from it."""

from collections.abc import Sequence
from pathlib import Path

import click

from engine.casework.fsck import Breach
from engine.cli.context import plain_errors, settings_for
from engine.serve import backup as backups
from engine.serve import restore as restoring
from engine.settings import environment


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@plain_errors
def backup(target: Path) -> None:
    """Write a backup into a new file, or into a folder; everybody goes on working meanwhile.

    Everything is in it, documents too, but not the keys that personal fields are encrypted with.
    """
    file, manifest = backups.backup(settings_for("backup"), target)
    click.echo(f"{file}  {manifest.bytes / 1e6:.1f} MB, {sum(manifest.rows.values())} rows, as of {manifest.taken_at}")
    click.echo(f"{backups.manifest_of(file)}  says what is in it: keep both together.")
    click.echo(
        f"The keys are not in it. Without {environment()['PILAR_KEYS']} no name, NIK or document can be read again: "
        "keep a copy of that file, in another place than the backups."
    )


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@plain_errors
def restore(file: Path) -> None:
    """Bring a backup back into an empty database, whole or not at all, and look whether it keeps every promise."""
    manifest, breaches = restoring.restore(settings_for("restore"), file)
    click.echo(f"{sum(manifest.rows.values())} rows are back, as of {manifest.taken_at}.")
    _tell(breaches)
    click.echo("Start the processes: what was due meanwhile is done by itself.")


@click.command("after-recovery")
@plain_errors
def after_recovery() -> None:
    """Make a database safe that was brought back to an earlier moment by other means (WAL, a replica, pg_restore).

    Numbers that may have been given out in the lost time are skipped, bells dropped, promises checked. Run it once,
    before the processes start.
    """
    _tell(restoring.settle(settings_for("after-recovery")))


def _tell(breaches: Sequence[Breach]) -> None:
    for breach in breaches:
        click.echo(f"{breach.rule:<22} {breach.subject}")
    click.echo(f"{len(breaches)} broken promises.")
    if breaches:
        raise SystemExit(1)
