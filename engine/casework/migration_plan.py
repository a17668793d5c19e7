"""A migration's plan as an operator writes it: YAML that names what was renamed and what is gone."""

from collections.abc import Mapping
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields

from engine.bpmn import Definition
from engine.bpmn.upgrade_plan import Plan
from engine.errors import InvalidDefinition

LONGEST = 64 * 1024


class InvalidPlan(InvalidDefinition):
    """A plan that cannot be read, or that fits neither version. `problems`: one line each."""

    code = "invalid_plan"


class _Written(Schema):
    rename = fields.Dict(keys=fields.String(), values=fields.String(required=True))
    remove = fields.List(fields.String())
    processes = fields.Dict(keys=fields.String(), values=fields.String(required=True))


def read(text: str) -> Plan:
    """The plan in a YAML text; an empty text is a plan that says nothing. Raises InvalidPlan."""
    if len(text) > LONGEST:
        raise InvalidPlan([f"A plan has at most {LONGEST} characters."])
    try:
        written = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidPlan([f"Not YAML: {' '.join(str(error).split())[:200]}"]) from error
    return from_json({} if written is None else written)


def from_json(written: Any) -> Plan:
    """The plan in plain data. Raises InvalidPlan."""
    try:
        known: Mapping[str, Any] = _Written().load(written)
    except ValidationError as error:
        raise InvalidPlan([f"{place}: {reason}" for place, reason in _flat(error.messages)]) from error
    return Plan(known.get("rename", {}), frozenset(known.get("remove", ())), known.get("processes", {}))


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan as it is kept with its run."""
    return {"rename": dict(plan.rename), "remove": sorted(plan.remove), "processes": dict(plan.processes)}


def _flat(messages: Any, place: str = "") -> list[tuple[str, str]]:
    if not isinstance(messages, Mapping):
        return [(place, " ".join(map(str, messages)))]
    return [found for key, inner in messages.items() for found in _flat(inner, f"{place}.{key}".strip("."))]


def proposed(old: Definition, new: Definition) -> Plan:
    """What was renamed, as far as it can be told: gone from `old`, new in `new`, of the same kind and name."""
    rename: dict[str, str] = {}
    for process_id in set(old.processes) & set(new.processes):
        before, after = ({one.id: one for one in each.elements(process_id)} for each in (old, new))
        fresh = [one for id_, one in after.items() if id_ not in before]
        for id_, gone in before.items():
            alike = [one.id for one in fresh if gone.name and (one.type, one.name) == (gone.type, gone.name)]
            if id_ not in after and len(alike) == 1:
                rename[f"{process_id}/{id_}"] = alike[0]
    return Plan(rename)


def as_yaml(plan: Plan) -> str:
    """The plan as an operator writes it; nothing for one that says nothing."""
    said = {key: part for key, part in as_json(plan).items() if part}
    return yaml.safe_dump(said, sort_keys=True, allow_unicode=True) if said else ""
