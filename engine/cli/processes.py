"""`pilar run|web|worker|scheduler|demo-reset`: the processes, and the demo that runs them all."""

import os
import sys
from pathlib import Path

import click

from engine.cli.context import plain_errors, settings_for


@click.command()
def run() -> None:
    """Start the demo: own servers, all processes, invented data (what `make run` does)."""
    from engine.serve.run import run as start

    sys.exit(start(os.environ))


@click.command()
def web() -> None:
    """Serve the pages (gunicorn)."""
    from engine.serve.web import serve

    serve(settings_for("web"))


@click.command()
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


@click.command()
def scheduler() -> None:
    """Give back what dead workers held and ring for what is due. One is enough; several do no harm."""
    from engine.casework import work
    from engine.jobs import MOST_OUTSTANDING, Bell
    from engine.serve.startup import open_store
    from engine.worker import Stop, schedule

    settings = settings_for("scheduler")
    sessions = open_store(settings, "scheduler")
    schedule(lambda: work.sweep(sessions, MOST_OUTSTANDING), Bell(settings.redis_url).ring, Stop().listen())


@click.command("demo-reset")
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
