"""Every rule value that is a default stands in a decision table or in the office's settings; nowhere else."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from engine.settings import PROJECT
from tests.workflows.rules import TODAY, WORKFLOWS, decide, shipped

SETTINGS = {
    "archive_case_years": 5,
    "archive_child_age": 23,
    "pkh_max_desil": 4,
    "pkh_elder_age": 60,
    "pkh_max_members": 4,
    "pkh_payments_per_year": 4,
    "pkh_min_attendance": 85,
    "macro_min_families": 50,
    "macro_min_villages": 3,
    "macro_min_dead": 1,
    "on_call_max_attempts": 3,
    "disaster_planning_days": 7,
    "rice_kg_per_person_day": 0.4,
    "portions_per_person_day": 2,
    "water_l_per_person_day": 15,
    "shelter_m2_per_person": 3,
    "reminder_share": 0.5,
    "max_returns": 3,
    "pmks_kat": True,
    "secret_pmks_codes": [16],
    "route_poor_signs": 2,
    "route_aladin_bad": 2,
    "closure_goals": 0.8,
    "closure_missed_visits": 3,
    "closure_lost_months": 3,
    "closure_refusals": 2,
}
# family, table, step (or what the table asks), value
TABLES = [
    ("case", "sla", {"step": "first_contact", "priority": "P1"}, "PT45M"),
    ("case", "sla", {"step": "first_contact_head", "priority": "P1"}, "PT2H"),
    ("case", "sla", {"step": "verify", "priority": "P3"}, "WD3"),
    ("case", "sla", {"step": "assess", "priority": "P3"}, "WD7"),
    ("case", "sla", {"step": "identity", "priority": "P3"}, "P14D"),
    ("case", "sla", {"step": "police", "priority": "P1"}, "PT24H"),
    ("case", "sla", {"step": "police_reminder", "priority": "P1"}, "P5D"),
    ("case", "sla", {"step": "police_protection", "priority": "P1"}, "P7D"),
    ("case", "sla", {"step": "uptd_ppa", "priority": "P1"}, "WD3"),
    ("case", "sla", {"step": "provider_reply", "priority": "P2"}, "WD5"),
    ("case", "sla", {"step": "documents", "priority": "P2"}, "WD5"),
    ("case", "sla", {"step": "progress", "priority": "P2"}, "P1M"),
    ("case", "sla", {"step": "monitor", "priority": "P3"}, "P1M"),
    ("case", "sla", {"step": "monitor_restricted", "priority": "P3"}, "P7D"),
    ("case", "sla", {"step": "verbal_written", "priority": "P1"}, "PT24H"),
    ("case", "sla", {"step": "consent_stop", "priority": "P3"}, "PT72H"),
    ("case", "sla", {"step": "transfer", "priority": "P3"}, "P3D"),
    ("case", "sla", {"step": "aftercare", "priority": "P3"}, "P3M"),
    ("pkh", "pkh_deadline", {"step": "dtsen_result"}, "P3M"),
    ("pkh", "pkh_deadline", {"step": "admission"}, "P6M"),
    ("pkh", "pkh_deadline", {"step": "p2k2_interval"}, "P1M"),
    ("pkh", "pkh_deadline", {"step": "sign"}, "WD2"),
    ("tagana", "tagana_deadline", {"step": "first_report"}, "PT1H"),
    ("tagana", "tagana_deadline", {"step": "on_call_answer"}, "PT15M"),
    ("tagana", "tagana_deadline", {"step": "decree"}, "PT24H"),
    ("tagana", "tagana_deadline", {"step": "logistics_reply"}, "PT24H"),
    ("tagana", "tagana_deadline", {"step": "logistics_deliver"}, "WD3"),
    ("tagana", "tagana_deadline", {"step": "sitrep_cycle"}, "R/P1D"),
]
NUMBER = re.compile(r'(?<![\w".\-])\d+(?:\.\d+)?(?![\w"])')
TEXT = re.compile(r'"[^"]*"')
PRIORITIES = {"P1", "P2", "P3", "P4"}
TIME = re.compile(r"(?:R\d*/)?P(?:T?\d[\dA-Z]*)+|WD\d+")


def entries() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((WORKFLOWS / "settings.yaml").read_text(encoding="utf-8"))
    return found


def test_the_settings_have_their_default_date_and_source() -> None:
    assert {name: shipped(name, TODAY) for name in SETTINGS} == SETTINGS
    assert {entry["name"] for entry in entries()} == set(SETTINGS)
    assert [one for one in entries() if not isinstance(one.get("effective_from"), date) or not one.get("source")] == []


@pytest.mark.parametrize(("family", "table", "asked", "value"), TABLES, ids=str)
def test_the_deadlines_stand_in_tables(family: str, table: str, asked: dict[str, Any], value: str) -> None:
    assert decide(family, table, asked) == value


def expressions(path: Path) -> Iterator[tuple[str, str]]:
    """The id of an element and each expression in it; a time that is no expression counts as one."""
    for element in etree.parse(path).getroot().iter("{*}*"):
        owner = next((one.get("id", "") for one in (element, *element.iterancestors()) if one.get("id")), "")
        for text in (*element.attrib.values(), element.text or ""):
            if text.strip().startswith("="):
                yield owner, text
        if etree.QName(element).localname in ("timeDate", "timeDuration", "timeCycle"):
            yield owner, element.text or ""
        if etree.QName(element).localname == "taskSchedule":
            yield from ((owner, text) for text in element.attrib.values())


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*/*.bpmn")), ids=lambda path: path.stem)
def test_no_diagram_holds_a_time_or_a_threshold(path: Path) -> None:
    held = []
    for owner, text in expressions(path):
        times = [one for one in TEXT.findall(text) or [text] if TIME.fullmatch(one.strip('"='))]
        numbers = [one for one in NUMBER.findall(TEXT.sub('""', text)) if one not in ("0", "1")]
        held += [(owner, one) for one in (*times, *numbers) if one.strip('"') not in PRIORITIES]
    assert held == []


def test_the_page_of_rule_values_names_them_all() -> None:
    page = (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8")
    tables = [f"{path.parent.name}/{path.name}" for path in sorted(WORKFLOWS.glob("*/*.dmn"))]
    assert [name for name in (*SETTINGS, *tables) if f"`{name}`" not in page] == []


def test_no_operation_holds_a_threshold() -> None:
    """Numbers in the code of operations are 0 and 1, or have a name."""
    held = []
    for path in sorted((PROJECT / "engine" / "service_tasks").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {id(node) for top in tree.body if isinstance(top, ast.Assign) for node in ast.walk(top)}
        numbers = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and type(node.value) in (int, float) and id(node) not in named
        ]
        held += [(path.stem, value) for value in numbers if value not in (0, 1)]
    assert held == []
