"""`pilar run|web|worker|scheduler|demo-reset`: the processes, and the demo that runs them all."""

import os
import sys
from pathlib import Path

import click

from engine.cli.context import plain_errors, settings_for
from engine.metrics.sharing import share
from engine.settings import Settings

BEHIND_PEOPLE = 5
"""By how much a worker's priority is lower than that of what answers people on the same machine (`nice`)."""


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
    settings = _counting("worker")
    os.nice(BEHIND_PEOPLE)
    from engine.casework import batches, signs, work
    from engine.serve.startup import open_store
    from engine.service_tasks import OPERATIONS
    from engine.worker import Stop
    from engine.worker import work as work_until

    sessions = open_store(settings, "worker")
    sign = signs.Signing(sessions, "worker")

    def run(job_id: int | None) -> bool:
        """A job that is due, else a piece of what operators ordered for many."""
        sign()
        return work.run_job(sessions, OPERATIONS, job_id) or (job_id is None and batches.go_on(sessions))

    work_until(run, Stop().listen(), settings.redis_url)


@click.command()
def scheduler() -> None:
    """Give back what dead workers held and ring for what is due. One is enough; several do no harm."""
    settings = _counting("scheduler")
    from engine.casework import counting, signs, work, years
    from engine.jobs import MOST_OUTSTANDING, Bell
    from engine.serve.startup import open_store
    from engine.worker import Stop, schedule

    sessions = open_store(settings, "scheduler")
    sign = signs.Signing(sessions, "scheduler")
    prepare_years = years.now_and_then(sessions)

    def sweep() -> list[int]:
        sign()
        prepare_years()
        counting.keep_counts(sessions)
        return work.sweep(sessions, MOST_OUTSTANDING)

    schedule(sweep, Bell(settings.redis_url).ring, Stop().listen())


def _counting(process: str) -> Settings:
    """The settings of a process that counts with the others of its machine, and answers Prometheus where told to."""
    settings = settings_for(process)
    shared = share(settings.data)
    if settings.metrics_at is not None:
        from engine.metrics.exposition import answer

        answer(*settings.metrics_at, shared)
    return settings


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
