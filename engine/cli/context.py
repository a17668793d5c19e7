"""What commands need: checked settings and sessions, or one plain sentence and exit code 2."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine.errors import EngineError, InvalidForm
from engine.serve.progress import StepFailed
from engine.serve.startup import open_store, start_logging
from engine.settings import Settings, SettingsError, environment
from engine.store.session import unit_of_work

P = ParamSpec("P")
R = TypeVar("R")


def settings_for(process: str) -> Settings:
    """The settings, with logging set up for the process."""
    try:
        settings = Settings.from_env(environment())
    except SettingsError as error:
        raise click.ClickException(f"{error}\n.env.example explains each setting.") from error
    start_logging(settings.log_level, process)
    return settings


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction on the configured database, committed at the end of the block."""
    with unit_of_work(open_store(settings_for("cli"), "cli")) as session:
        yield session


def plain_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Say what went wrong in a sentence instead of a traceback."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except InvalidForm as error:
            problems = "; ".join(f"{name}: {', '.join(codes)}" for name, codes in error.messages.items())
            raise click.ClickException(problems) from error
        except EngineError as error:
            raise click.ClickException(f"{error} [{error.code}]") from error
        except StepFailed as error:
            raise click.ClickException("\n".join(filter(None, (error.details, error.advice)))) from error
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
            raise click.ClickException(f"The database does not answer: {reason}") from error

    return guarded
