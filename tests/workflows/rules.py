"""Evaluates a shipped decision as an instance would: with the office's shipped settings, on a given day."""

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from engine import feel
from engine.bpmn import Definition, Instance, Runtime
from engine.calendar import OfficeCalendar, calendar_functions
from engine.settings import PROJECT
from tests.bpmn.diagrams import chain, element, end, process, start, z

WORKFLOWS: Path = PROJECT / "workflows"
ZONE = ZoneInfo("Asia/Jakarta")
TODAY = date(2026, 10, 5)


def decide(family: str, decision_id: str, variables: Mapping[str, Any], on: date = TODAY) -> Any:
    """The decision's value for these facts."""
    now = datetime.combine(on, time(8), ZONE)
    functions = calendar_functions(OfficeCalendar(timezone=ZONE), lambda name: shipped(name, on))
    instance, advance = Instance.start(
        _asking(family, decision_id), "asks", variables, Runtime(now, ZONE, functions=functions)
    )
    assert advance.incidents == [], [(each.code, each.message) for each in advance.incidents]
    return feel.to_plain(instance.variables()["answer"])


def shipped(name: str, on: date) -> Any:
    """The shipped value of an office setting that is in force on the day."""
    in_force = [value for since, value in _settings()[name] if since <= on]
    return in_force[-1]


@lru_cache
def _settings() -> Mapping[str, list[tuple[date, Any]]]:
    found: dict[str, list[tuple[date, Any]]] = {}
    for entry in yaml.safe_load((WORKFLOWS / "settings.yaml").read_text(encoding="utf-8")):
        found.setdefault(entry["name"], []).append((entry["effective_from"], entry["default"]))
    return {name: sorted(values, key=lambda pair: pair[0]) for name, values in found.items()}


@lru_cache
def _asking(family: str, decision_id: str) -> Definition:
    called = z("calledDecision", decisionId=decision_id, resultVariable="answer")
    asks = process(
        start(), element("businessRuleTask", "b", zeebe=called), end(), chain("start", "b", "end"), id="asks"
    )
    paths = [*(WORKFLOWS / family).glob("*.dmn"), WORKFLOWS / "case" / "sla.dmn"]  # all families share the deadlines
    tables = {path.name: path.read_bytes() for path in paths}
    return Definition.compile({"asks.bpmn": asks, **tables})
