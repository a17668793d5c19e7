"""`pilar check` and `pilar conformance`: looking at diagrams, tables and forms without a database."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import click

from engine.bpmn.check import check as find_fault
from engine.bpmn.findings import ERROR, Finding
from engine.bpmn.xml import MAX_BYTES, UnreadableXml, read_xml
from engine.casework import bpmnlint
from engine.casework.definitions import SUFFIXES
from engine.decisions.conformance import main as run_kit

_SPELLINGS = (".bpmn2", ".xml")  # how other tools end the names of diagrams
_PROCESS = re.compile(rb"""<(?:[\w.-]+:)?process\b[^>]*?\bid\s*=\s*["']([^"']+)""")
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--bpmnlint", "with_bpmnlint", is_flag=True, help="Also what bpmn.io's linter says, if it is installed.")
def check(paths: tuple[Path, ...], as_json: bool, with_bpmnlint: bool) -> None:
    """Say what is wrong with diagrams, tables and forms (files, or folders of families). Exit code 1: they cannot run.

    What a file calls is looked for beside it and in the folders next to its own.
    """
    found = [finding for path in paths for finding in _findings(path)]
    if with_bpmnlint:
        found += bpmnlint.lint(_diagrams(paths))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    else:
        for one in found:
            click.echo(f"{one.severity:<8} {one}\n         {one.mend}")
        errors = sum(one.severity == ERROR for one in found)
        click.echo(f"{errors} errors, {len(found) - errors} other findings.")
    if any(one.severity == ERROR for one in found):
        raise SystemExit(1)


def _findings(path: Path) -> list[Finding]:
    """The findings about a folder's files, or about one file among those it may call."""
    if path.is_dir():
        files = dict(_files(path.rglob("*"), path))
        if not files:
            raise click.ClickException(f"{path} holds none of {', '.join(SUFFIXES)}.")
        return _told(find_fault(files, around=dict(_files(path.resolve().parent.glob("*/*"), path.resolve().parent))))
    around = path.resolve().parent.parent
    asked = dict(_files([path.resolve()], around))
    if not asked:
        raise click.ClickException(f"{path} is none of {', '.join(SUFFIXES)}.")
    (name,) = asked
    own = set(_PROCESS.findall(asked[name]))
    beside = {near: body for near, body in _files(around.glob("*/*"), around) if own.isdisjoint(_PROCESS.findall(body))}
    return _told([one for one in find_fault(beside | asked) if one.file == name])


def _told(found: list[Finding]) -> list[Finding]:
    """The findings with the names that the files really have."""
    return [replace(one, file=re.sub(r"(\.bpmn2|\.xml)\.(bpmn|dmn)$", r"\1", one.file)) for one in found]


def _files(paths: Iterable[Path], folder: Path) -> Iterator[tuple[str, bytes]]:
    """Those of the paths that hold definitions: name in the folder -> bytes, no more than it takes to refuse a file."""
    for path in sorted(paths):
        if path.suffix in SUFFIXES + _SPELLINGS and path.is_file() and "stories" not in path.parts:
            try:
                with path.open("rb") as file:
                    body = file.read(MAX_BYTES + 1)
            except OSError:
                raise click.ClickException(f"{path} cannot be read.") from None
            kind = "" if path.suffix in SUFFIXES else _kind(path, body)
            if kind is not None:
                yield path.relative_to(folder).as_posix() + kind, body


def _kind(path: Path, body: bytes) -> str | None:
    """What a file of another name is, by its root element; None: nothing that is checked here."""
    if path.name.endswith((".bpmn2", ".bpmn20.xml")):
        return ".bpmn"
    with suppress(UnreadableXml):
        tag = str(read_xml(body).tag)
        return next((end for mark, end in (("/BPMN/", ".bpmn"), ("/DMN/", ".dmn")) if mark in tag), None)
    return None


def _diagrams(paths: tuple[Path, ...]) -> dict[str, bytes]:
    files = {path.as_posix(): path.read_bytes() for path in paths if path.is_file()}
    return files | {name: body for path in paths if path.is_dir() for name, body in _files(path.rglob("*"), path)}


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def conformance(folder: Path, as_json: bool) -> None:
    """Run a folder of the DMN standard's test kit. Exit code 0: all passed, 1: some did not, 2: there was none."""
    raise SystemExit(run_kit(folder, as_json))
