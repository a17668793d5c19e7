"""What commands need: checked settings and sessions, or one plain sentence and exit code 1."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from engine.errors import EngineError, InvalidForm
from engine.serve.logs import start_logging
from engine.serve.progress import StepFailed
from engine.settings import Settings, SettingsError, environment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

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
def transaction() -> Iterator["Session"]:
    """One transaction on the configured database, committed at the end of the block."""
    from engine.serve.startup import opened_store
    from engine.store.session import unit_of_work

    with opened_store(settings_for("cli"), "cli") as sessions, unit_of_work(sessions) as session:
        yield session


def plain_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Say what went wrong in a sentence instead of a traceback."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        # Imported here: `pilar web` and `pilar run` do without it.
        from sqlalchemy.exc import OperationalError

        try:
            return command(*args, **kwargs)
        except (EngineError, StepFailed) as error:
            raise click.ClickException(_sentence(error)) from error
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
            raise click.ClickException(f"The database does not answer: {reason}") from error

    return guarded


def _sentence(error: EngineError | StepFailed) -> str:
    if isinstance(error, StepFailed):
        return "\n".join(filter(None, (error.details, error.advice)))
    if isinstance(error, InvalidForm):
        return "; ".join(f"{name}: {', '.join(codes)}" for name, codes in error.messages.items())
    return f"{error} [{error.code}]"
