"""`make run` from the moment the packages are there: servers, schema, diagrams, demo data, processes, address."""

import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from engine.actors import SYSTEM
from engine.casework import definitions, demo
from engine.errors import InvalidDefinition
from engine.serve.embedded import Embedded
from engine.serve.migrations import migrate
from engine.serve.postgres import ServerFailed
from engine.serve.processes import die_with_parent
from engine.serve.progress import StepFailed, say, say_failure, step
from engine.serve.startup import open_store
from engine.serve.supervisor import Supervisor
from engine.settings import PROJECT, Settings, SettingsError
from engine.store.session import unit_of_work

WORKFLOWS = PROJECT / "workflows"
PROCESSES = ("web", "worker", "scheduler")
READY_WITHIN_S = 60


def run(given: Mapping[str, str]) -> int:
    """Start everything and stay until told to stop; the exit code."""
    if given.get("MAKELEVEL"):
        # A killed `make` must not leave us behind, holding ports.
        die_with_parent()
    data = Path(given.get("PILAR_DATA") or PROJECT / "var").resolve()
    embedded = Embedded(data, given)
    environment: dict[str, str] = {}
    while True:
        supervisor = Supervisor(data / "log")
        supervisor.listen()
        try:
            environment = _start(embedded, supervisor, environment)
            supervisor.watch(embedded.processes())
        except (StepFailed, ServerFailed, SettingsError) as failure:
            _explain(failure)
            return 1
        finally:
            say("\nStopping …")
            supervisor.stop()
            embedded.stop()
        if supervisor.is_stopping:
            say("Stopped.")
            return 0
        say("A server ended by itself; starting everything anew.")


def _start(embedded: Embedded, supervisor: Supervisor) -> None:
    """Every step up to the line that says where Pilar is."""
