"""`pilar explain`: why a case went the way it went."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click

from engine.cli.context import plain_errors, settings_for
from engine.queries.explain import Asked, Chosen, Place
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
        kinds = {Asked: "decision", Chosen: "gateway"}
        said = [{"kind": kinds[type(one)], **asdict(one)} for one in found]
        click.echo(json.dumps(said, ensure_ascii=False, indent=2, default=str))
        return
    for one in found:
        for line in _decision(one) if isinstance(one, Asked) else _gateway(one):
            click.echo(line)
    click.echo(f"{len(found)} reasons.")


def _decision(one: Asked) -> Iterator[str]:
    rules = ", ".join(map(str, one.rules)) or "none"
    yield f"{one.at:%Y-%m-%d %H:%M}  {_place(one.place)}: table {one.decision} ({one.hit_policy}), rule {rules}"
    yield from _values("looked at", one.inputs)
    yield from _values("came out", one.output if isinstance(one.output, Mapping) else {"": one.output})


def _gateway(one: Chosen) -> Iterator[str]:
    yield f"{one.at:%Y-%m-%d %H:%M}  {_place(one.place)}: {one.flow} to {_place(one.to)}"
    yield f"    because    {one.condition or 'no condition held: the default'}"
    yield from _values("where", one.values)


def _values(what: str, values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        text = json.dumps(value, ensure_ascii=False, default=str)
        yield f"    {what:<10} {f'{name} = ' if name else ''}{text}"


def _place(place: Place) -> str:
    return f"{place.name} [{place.element_id}]" if place.name else place.element_id
