"""`pilar explain`: why a case went the way it went."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click

from engine.cli.context import plain_errors, settings_for
from engine.queries.explain import Asked, Chosen, Moved, Place, Reason
from engine.queries.explain import explain as reasons
from engine.serve.startup import opened_store


@click.command()
@click.argument("case_no")
@click.option("--json", "as_json", is_flag=True, help="Print the reasons as JSON.")
@plain_errors
def explain(case_no: str, as_json: bool) -> None:
    """Say by which rules, conditions and values a case went its way; facts and codes, no names."""
    with opened_store(settings_for("explain"), "explain") as sessions, sessions() as session:
        found = reasons(session, case_no)
    if as_json:
        kinds = {Asked: "decision", Chosen: "gateway", Moved: "moved"}
        said = [{"kind": kinds[type(one)], **asdict(one)} for one in found]
        click.echo(json.dumps(said, ensure_ascii=False, indent=2, default=str))
        return
    for one in found:
        for line in _lines(one):
            click.echo(line)
    click.echo(f"{len(found)} reasons.")


def _lines(one: Reason) -> Iterator[str]:
    if isinstance(one, Asked):
        return _decision(one)
    return _gateway(one) if isinstance(one, Chosen) else _move(one)


def _move(one: Moved) -> Iterator[str]:
    versions = f"from version {one.old} to {one.new}" if one.new else "back to its version before"
    yield f"{one.at:%Y-%m-%d %H:%M}  moved {versions}: {one.reason}"


def _decision(one: Asked) -> Iterator[str]:
    rules = ", ".join(map(str, one.rules)) or "none"
    table = f"table {one.decision} ({one.hit_policy}), rule {rules}" if one.hit_policy else f"decision {one.decision}"
    yield f"{one.at:%Y-%m-%d %H:%M}  {_place(one.place)}: {table}"
    yield from _values("looked at", one.inputs)
    yield from _values("came out", one.output if isinstance(one.output, Mapping) else {"": one.output})


def _gateway(one: Chosen) -> Iterator[str]:
    yield f"{one.at:%Y-%m-%d %H:%M}  {_place(one.place)}" + (f": {one.flow} to {_place(one.to)}" if one.flow else "")
    first = one.place.type == "eventBasedGateway"
    default = "it came first" if first else "no condition held: the default"
    yield f"    because    {one.condition or default}"
    yield from _values("where", one.values)


def _values(what: str, values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        text = json.dumps(value, ensure_ascii=False, default=str)
        yield f"    {what:<10} {f'{name} = ' if name else ''}{text}"


def _place(place: Place) -> str:
    return f"{place.name} [{place.element_id}]" if place.name else place.element_id
