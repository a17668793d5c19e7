"""`pilar check` and `pilar conformance`: looking at diagrams, tables and forms without a database."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from engine.bpmn.check import check as find_fault
from engine.bpmn.findings import ERROR, Finding
from engine.casework import bpmnlint
from engine.casework.definitions import SUFFIXES, read_folder
from engine.decisions.conformance import main as run_kit

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
        return find_fault(read_folder(path), around=_beside(path.resolve().parent))
    if path.suffix not in SUFFIXES:
        raise click.ClickException(f"{path} is none of {', '.join(SUFFIXES)}.")
    around = path.resolve().parent.parent
    return [one for one in find_fault(_beside(around)) if around / one.file == path.resolve()]


def _diagrams(paths: tuple[Path, ...]) -> dict[str, bytes]:
    files = {path.as_posix(): path.read_bytes() for path in paths if path.is_file()}
    return files | {name: body for path in paths if path.is_dir() for name, body in read_folder(path).items()}


def _beside(around: Path) -> dict[str, bytes]:
    """The files of all families in a folder."""
    return {
        near.relative_to(around).as_posix(): near.read_bytes()
        for near in sorted(around.glob("*/*"))
        if near.suffix in SUFFIXES and near.is_file()
    }


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def conformance(folder: Path, as_json: bool) -> None:
    """Run a folder of the DMN standard's test kit. Exit code 0: all passed, 1: some did not, 2: there was none."""
    raise SystemExit(run_kit(folder, as_json))
