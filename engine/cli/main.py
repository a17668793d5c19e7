"""The command group and its processes: run, web, worker, scheduler, migrate, deploy, keys, demo-reset."""

import os
import sys
from pathlib import Path

import click

from engine.cli.context import plain_errors, settings_for
from engine.cli.doctor import doctor
from engine.cli.users import user


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def pilar() -> None:
    """Pilar: workflow engine and casework for social-welfare referral."""


@pilar.command()
def run() -> None:
    """Start the demo: own servers, all processes, invented data (what `make run` does)."""
    from engine.serve.run import run as start

    sys.exit(start(os.environ))


@pilar.command("demo-reset")
@plain_errors
def demo_reset() -> None:
    """Remove the demo's data, so that the next start begins anew."""
    from engine.serve.embedded import Embedded
    from engine.settings import PROJECT

    embedded = Embedded(Path(os.environ.get("PILAR_DATA") or PROJECT / "var").resolve(), os.environ)
    embedded.claim()
    embedded.reset()
    embedded.stop()
    click.echo("The demo's data is gone; `make run` begins anew.")


@pilar.command()
def web() -> None:
    """Serve the pages (gunicorn)."""
    from engine.serve.web import serve

    serve(settings_for("web"))


@pilar.command()
def worker() -> None:
    """Run jobs as they become due. Start as many as you like, on as many hosts."""
    from engine.casework import work
    from engine.serve.startup import open_store
    from engine.service_tasks import OPERATIONS
    from engine.worker import Stop
    from engine.worker import work as work_until

    settings = settings_for("worker")
    sessions = open_store(settings, "worker")
    work_until(lambda job_id: work.run_job(sessions, OPERATIONS, job_id), Stop().listen(), settings.redis_url)


@pilar.command()
def scheduler() -> None:
    """Give back what dead workers held and ring for what is due. One is enough; several do no harm."""
    from engine.casework import work
    from engine.jobs import MOST_OUTSTANDING, Bell
    from engine.serve.startup import open_store
    from engine.worker import Stop, schedule

    settings = settings_for("scheduler")
    sessions = open_store(settings, "scheduler")
    schedule(lambda: work.sweep(sessions, MOST_OUTSTANDING), Bell(settings.redis_url).ring, Stop().listen())


@pilar.command()
@click.argument("revision", default="head")
@plain_errors
def migrate(revision: str) -> None:
    """Bring the database's schema to the newest revision."""
    from engine.serve import migrations

    url = settings_for("migrate").database_url
    migrations.migrate(url, revision)
    click.echo(f"The schema stands at {migrations.current(url)}.")


@pilar.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default="workflows")
@plain_errors
def deploy(folder: Path) -> None:
    """Check and deploy a folder of process families; what did not change makes no new version."""
    from engine.serve.run import deploy as deploy_to
    from engine.serve.startup import open_store

    new = deploy_to(open_store(settings_for("deploy"), "deploy"), folder)
    click.echo("\n".join(new) or "Nothing has changed: every family is deployed as it is.")


@pilar.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def keys(file: Path) -> None:
    """Make a key file for PILAR_KEYS. Keep a copy apart from the database's backups."""
    from engine.settings import Keys

    if file.exists():
        raise click.ClickException(f"{file} exists; what it encrypted would be lost without it.")
    Keys.create(file)
    click.echo(f"{file} holds new keys.")


pilar.add_command(doctor)
pilar.add_command(user)


@pilar.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plain_errors
def story(file: Path) -> None:
    """Tell a story (workflows/*/stories/*.yaml) to the engine and print what happened; nothing is kept."""
    from engine.cli.checks import tell_story

    tell_story(settings_for("story"), file)


@pilar.command()
@plain_errors
def fsck() -> None:
    """Check the engine's promises over all rows and stored states; changes nothing."""
    from engine.cli.checks import check_promises

    check_promises(settings_for("fsck"))
