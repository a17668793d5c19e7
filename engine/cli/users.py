"""`pilar user …`: workers and what they may do, for whoever has a terminal on the server."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Role
from engine.casework import workers
from engine.casework.workers import Profile
from engine.cli.context import plain_errors, transaction
from engine.errors import NotFound
from engine.store.workers import Worker, by_username

ROLES = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """Workers: add, list, roles, regions, password, close."""


@user.command("list")
@plain_errors
def list_workers() -> None:
    """Every worker with roles, unit and regions."""
    with transaction() as session:
        for worker in session.scalars(select(Worker).order_by(Worker.username)):
            actor = worker.actor()
            roles, regions = ",".join(sorted(actor.roles)), ",".join(sorted(actor.regions))
            state = "" if worker.is_active else "  (closed)"
            click.echo(f"{worker.username:<16} {worker.name:<28} {roles:<16} {worker.unit or '-':<12} {regions}{state}")


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="name as colleagues know it")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True)
@click.option("--region", "regions", multiple=True, help="region code such as 99.01.01; covers what lies below it")
@click.option("--unit", type=click.Choice(workers.UNITS))
@click.option("--restricted-duty", is_flag=True, help="may handle restricted cases of these regions")
@plain_errors
def add(
    username: str, name: str, roles: tuple[str, ...], regions: tuple[str, ...], unit: str | None, restricted_duty: bool
) -> None:
    """Add a worker and print the password to hand over."""
    profile = Profile(name=name, roles=roles, regions=regions, unit=unit, restricted_duty=restricted_duty)
    with transaction() as session:
        worker, password = workers.add(session, SYSTEM, username, profile)
        click.echo(f"{worker.username} may sign in with  {password}")


@user.command()
@click.argument("username")
@click.argument("roles", nargs=-1, required=True, type=ROLES)
@plain_errors
def role(username: str, roles: tuple[str, ...]) -> None:
    """Set a worker's roles (all of them); open sign-ins end."""
    with transaction() as session:
        worker = _worker(session, username)
        _change(session, worker, roles=roles, regions=tuple(worker.actor().regions))
        click.echo(f"{worker.username}: {', '.join(sorted(roles))}")


@user.command()
@click.argument("username")
@click.argument("regions", nargs=-1)
@plain_errors
def region(username: str, regions: tuple[str, ...]) -> None:
    """Set a worker's regions (all of them); open sign-ins end."""
    with transaction() as session:
        worker = _worker(session, username)
        _change(session, worker, roles=tuple(worker.actor().roles), regions=regions)
        click.echo(f"{worker.username}: {', '.join(sorted(regions)) or 'no region'}")


@user.command()
@click.argument("username")
@plain_errors
def password(username: str) -> None:
    """Make a new password and print it; open sign-ins end."""
    with transaction() as session:
        made = workers.reset_password(session, SYSTEM, _worker(session, username).id)
        click.echo(f"{username} may sign in with  {made}")


@user.command()
@click.argument("username")
@plain_errors
def close(username: str) -> None:
    """Close an account: nothing is deleted, but nobody signs in with it any more."""
    with transaction() as session:
        workers.set_active(session, SYSTEM, _worker(session, username).id, is_active=False)
        click.echo(f"{username} is closed.")


def _worker(session: Session, username: str) -> Worker:
    worker = by_username(session, username)
    if worker is None:
        raise NotFound(f"There is no worker {username}; `pilar user list` shows all.")
    return worker


def _change(session: Session, worker: Worker, *, roles: tuple[str, ...], regions: tuple[str, ...]) -> None:
    profile = Profile(
        name=worker.name,
        roles=roles,
        regions=regions,
        unit=worker.unit,
        restricted_duty=worker.restricted_duty,
    )
    workers.change(session, SYSTEM, worker.id, profile)
