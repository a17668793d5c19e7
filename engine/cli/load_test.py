"""`pilar load-test`: fill a database of its own with invented cases, and measure what people do there."""

from pathlib import Path

import click
from sqlalchemy import Engine

from engine.cli.context import plain_errors, settings_for
from engine.serve.startup import opened_store

SMALLEST = 10_000


@click.command("load-test")
@click.option("--cases", type=click.IntRange(100), required=True, help="How many cases there are to be.")
@click.option("--open", "running", type=click.IntRange(1), help="How many of them are running (four in five).")
@click.option("--at", "steps", type=click.IntRange(100), multiple=True, help="Measure at this many cases too.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed invents the same.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures to a file.")
@plain_errors
def load_test(cases: int, running: int | None, steps: tuple[int, ...], seed: int, file: Path | None) -> None:
    """Fill the configured database with invented cases and measure there.

    Refused where anything is that neither the demo's office nor an earlier load test made: give it a database of its
    own (DATABASE_URL), and drop that afterwards.
    """
    from engine.load_test import run

    wanted = sorted({*(steps or (SMALLEST,)), cases})
    share = min(1.0, running / cases) if running else run.OPEN_SHARE
    with opened_store(settings_for("cli"), "load-test") as sessions:
        engine = sessions.kw["bind"]
        if not isinstance(engine, Engine):
            raise TypeError("There is no engine.")
        steps_up = [step for step in wanted if step <= cases]
        sizes = run.grow(
            sessions, engine, steps_up, share=share, seed=seed, say=lambda line: click.echo(line, err=True)
        )
    click.echo(run.table(sizes))
    if file is not None:
        file.write_text(run.as_json(sizes), encoding="utf-8")
