"""`pilar archive|unarchive|archive-check|hold`: closed cases leave the database, and come back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import archiving, retention
from engine.casework.retention import MAY_GO, Place
from engine.cli.context import plain_errors, settings_for
from engine.errors import NotFound
from engine.queries.health import newest_migration
from engine.serve.startup import opened_store
from engine.store.session import Sessions, unit_of_work
from engine.store.workers import by_username

BATCH = 100
STAY = {
    "held": "held (`pilar hold`)",
    "child": "the client was a child then and is not old enough yet",
    "at_work": "something of it still runs, waits to be sent or stands still",
    "family_open": "the client or the household has an open case",
    "event_open": "its disaster is not over",
}
_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
_BY = click.option("--by", "username", required=True, help="The administrator who answers for it.")


@click.command()
@_FOLDER
@_BY
@click.option("--dry-run", is_flag=True, help="Say how many cases may go, and why others stay; change nothing.")
@click.option("--most", type=click.IntRange(1), help="Move no more than this many.")
@click.option("--batch", default=BATCH, show_default=True, type=click.IntRange(1, 1000), help="Cases in one file.")
@plain_errors
def archive(folder: Path, username: str, *, dry_run: bool, most: int | None, batch: int) -> None:
    """Move closed cases whose time is over into files in FOLDER, a file and a transaction for each batch.

    How long they stay: archive_case_years and archive_child_age, on the office's settings page. A run that was killed
    goes on with the same command. The files are encrypted with the keys of PILAR_KEYS; keep two copies.
    """
    with opened(username) as (sessions, actor):
        if dry_run:
            _look(sessions, actor)
            return
        _say(archiving.settle(sessions, actor, folder))
        moved, place = 0, Place()
        while most is None or moved < most:
            wanted = batch if most is None else min(batch, most - moved)
            done = archiving.archive_some(sessions, actor, folder, newest_migration(), place, wanted)
            if done is None:
                break
            moved, place = moved + len(done.cases), done.place
            click.echo(f"{done.name}  {len(done.cases)} cases, {done.rows} rows, {done.bytes / 1e6:.1f} MB")
        click.echo(f"{moved} cases archived.")
        for name in archiving.drop_empty_years(sessions, actor):
            click.echo(f"{name} was empty: dropped.")


@click.command()
@_FOLDER
@click.argument("case_no")
@_BY
@click.option("--reason", required=True, help="Why; kept in the access log.")
@plain_errors
def unarchive(folder: Path, case_no: str, username: str, reason: str) -> None:
    """Bring a case back from the files in FOLDER, as it was; it then stays until `pilar hold --release`."""
    with opened(username) as (sessions, actor), unit_of_work(sessions) as session:
        case_id = archiving.restore(session, actor, folder, case_no, reason)
    click.echo(f"Case {case_no} is back ({case_id}) and is held.")


@click.command("archive-check")
@_FOLDER
@_BY
@plain_errors
def archive_check(folder: Path, username: str) -> None:
    """Read every file of the archive and open every case in it; name what is missing or damaged."""
    with opened(username) as (sessions, actor), sessions() as session:
        _patiently(session)
        wrong = list(archiving.check(session, actor, folder))
    for line in wrong:
        click.echo(line)
    click.echo(f"{len(wrong)} to mend." if wrong else "All of the archive is there and can be read.")
    if wrong:
        raise SystemExit(1)


@click.command()
@click.argument("case_no")
@_BY
@click.option("--reason", required=True, help="Why; kept encrypted.")
@click.option("--release", is_flag=True, help="Let go of it again.")
@plain_errors
def hold(case_no: str, username: str, reason: str, *, release: bool) -> None:
    """Keep a case out of the archive, whatever its age: a court or an audit asks for it."""
    with opened(username) as (sessions, actor), unit_of_work(sessions) as session:
        (retention.release if release else retention.hold)(session, actor, case_no, reason)
    click.echo(f"Case {case_no} {'may go when its time is over' if release else 'stays until it is released'}.")


@contextmanager
def opened(username: str) -> Iterator[tuple[Sessions, Actor]]:
    """The database, and who answers for what is done. Raises NotFound."""
    with opened_store(settings_for("cli"), "cli") as sessions:
        with sessions() as session:
            worker = by_username(session, username)
            if worker is None or not worker.is_active:
                raise NotFound(f"There is no worker {username}; `pilar user list` shows all.")
            actor = worker.actor()
        yield sessions, actor


def _patiently(session: Session) -> None:
    """What looks at everything may take its time."""
    session.execute(text("SET LOCAL statement_timeout = 0"))


def _look(sessions: Sessions, actor: Actor) -> None:
    with sessions() as session:
        _patiently(session)
        numbers = retention.counted(session, actor)
    click.echo(f"{numbers.get(MAY_GO, 0)} cases may go.")
    for reason, words in STAY.items():
        if reason in numbers:
            click.echo(f"{numbers[reason]:>8}  stay: {words}")
    click.echo("Nothing was changed.")


def _say(left: archiving.Settled) -> None:
    for name in left.finished:
        click.echo(f"{name} was finished by a run that ended before it could say so.")
    for name in left.removed:
        click.echo(f"{name} was begun and not finished: removed, its cases are in the database.")
    for name in left.unknown:
        click.echo(f"{name} is not known to this database (was it brought back to an earlier moment?). Left as it is.")
