"""`make run` from the moment the packages are there: servers, contents, processes, address."""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path

from engine.serve.embedded import Embedded
from engine.serve.postgres import ServerFailed
from engine.serve.processes import die_with_parent
from engine.serve.progress import StepFailed, say, say_failure, step
from engine.serve.supervisor import Supervisor
from engine.serve.web import answers
from engine.settings import PROJECT, Settings, SettingsError

PROCESSES = ("web", "worker", "scheduler")
LOADED = ("migrations", "workflows", "engine/casework", "engine/bpmn", "engine/decisions", "forms")
READY_WITHIN_S = 60
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def run(given: Mapping[str, str]) -> int:
    """Start everything and stay until told to stop; the exit code."""
    if given.get("MAKELEVEL"):
        # A killed `make` must not leave us behind, holding ports.
        die_with_parent()
    embedded = Embedded(Path(given.get("PILAR_DATA") or PROJECT / "var").resolve(), given)
    supervisor = Supervisor(embedded.data / "log")
    supervisor.listen()
    code = 0
    try:
        _start(embedded, supervisor)
        supervisor.watch(embedded.revive)
    except (StepFailed, ServerFailed, SettingsError, OSError) as failure:
        say_failure("Pilar did not start.", _with_advice(failure))
        code = 1
    finally:
        _end(embedded, supervisor)
    return code


def _start(embedded: Embedded, supervisor: Supervisor) -> None:
    """Every step up to the line that says where Pilar is."""
    embedded.claim()
    with step("PostgreSQL"):
        database_url = embedded.start_postgres()
    with step("Valkey"):
        redis_url = embedded.start_valkey()
    with step("Settings and address"):
        environment = embedded.environment(database_url, redis_url)
        settings = Settings.from_env(environment)
    if not embedded.holds(digest := _digest(settings)):
        # Imported here: a later start, with everything in place, does without the whole engine.
        from engine.serve import contents

        contents.load(settings)
        embedded.remember(digest)
    with step("Web, worker and scheduler"):
        for name in PROCESSES:
            supervisor.run(name, environment)
        _wait_until_ready(settings, supervisor)
    embedded.announce(_address(settings))
    _welcome(settings, embedded)


def _digest(settings: Settings) -> str:
    """A digest of all that `contents.load` reads: a later start with the same has nothing to load."""
    files = (path for folder in LOADED for path in sorted((PROJECT / folder).rglob("*")) if path.is_file())
    total = hashlib.sha256(f"demo={settings.demo}".encode())
    for path in files:
        if path.suffix != ".pyc":
            total.update(f"{path.relative_to(PROJECT)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def _wait_until_ready(settings: Settings, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and not supervisor.is_stopping:
        supervisor.fail_if_dead(*PROCESSES)
        if answers(_address(settings) + "/readyz"):
            return
        time.sleep(0.1)
    if not supervisor.is_stopping:
        raise StepFailed(f"see {supervisor.log_of('web')}: the web process does not answer.")


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - read, not bound
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _welcome(settings: Settings, embedded: Embedded) -> None:
    say()
    for note in embedded.notes:
        say(f"  {note}")
    if settings.demo and settings.host not in LOOPBACK:
        say(f"  Everybody who reaches {settings.host} can sign in below: a demo belongs on 127.0.0.1.")
    if settings.demo:
        from engine.casework import demo_data

        say("  Sign in as one of these; the password of all of them is  " + demo_data.PASSWORD)
        for username, *_, indonesian, english in demo_data.WORKERS:
            say(f"    {username:<14} {indonesian} ({english})")
    say("\n  Ctrl-C stops everything. `make demo-reset` makes the next start begin anew.\n")
    say(f"Pilar is ready at {_address(settings)}")


def _end(embedded: Embedded, supervisor: Supervisor) -> None:
    if supervisor.is_stopping:
        say("\nStopping …")
    supervisor.stop()
    embedded.stop()
    if supervisor.is_stopping:
        say("Stopped.")


def _with_advice(failure: Exception) -> StepFailed:
    if isinstance(failure, StepFailed):
        return failure
    if isinstance(failure, SettingsError):
        return StepFailed("mend these settings (.env.example explains each).", str(failure))
    if isinstance(failure, OSError):
        return StepFailed("see whether this folder may be written to and the disk has space left.", str(failure))
    return StepFailed(f"{failure} If it stays, `make demo-reset` begins with an empty database.")
