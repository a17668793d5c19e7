"""Calls the `pilar` command as a terminal does, and looks at the database that it worked on."""

from collections.abc import Iterator
from contextlib import contextmanager

from click.testing import CliRunner, Result

from engine.cli.main import pilar
from engine.store.session import Sessions, make_engine, make_sessions


class Run:
    """`run("deploy")` is `pilar deploy`; what it printed."""

    def __call__(self, *words: str, code: int = 0) -> str:
        result: Result = CliRunner().invoke(pilar, list(words))
        assert result.exit_code == code, result.output
        return result.output


@contextmanager
def opened(url: str) -> Iterator[Sessions]:
    """Sessions on a database."""
    engine = make_engine(url)
    try:
        yield make_sessions(engine)
    finally:
        engine.dispose()
