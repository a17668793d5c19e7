"""Small forms for the tests."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import forms

JAKARTA = ZoneInfo("Asia/Jakarta")


def component(kind: str, key: str = "", label: str = "Label", **extra: Any) -> dict[str, Any]:
    """One component; `properties` and everything else as given."""
    source: dict[str, Any] = {"type": kind, "id": f"id_{kind}_{key or label}", "label": label, **extra}
    if key:
        source["key"] = key
    if kind == "datetime":
        source.setdefault("subtype", "date")
    if kind in ("select", "radio", "checklist") and "values" not in extra:
        source["values"] = [{"label": "Satu", "value": "one", "labelEn": "One"}, {"label": "Dua", "value": "two"}]
    return source


def source(*components: dict[str, Any], **top: Any) -> bytes:
    """A `.form` file."""
    return json.dumps(
        {"type": "default", "id": "TestForm", "schemaVersion": 16, "components": list(components), **top}
    ).encode()


def form(*components: dict[str, Any], **top: Any) -> forms.Form:
    """A form that was read."""
    return forms.read(source(*components, **top))


def situation(**extra: Any) -> forms.Situation:
    """21 November 2026, 08.00 in Jakarta, province 99 allowed."""
    given: dict[str, Any] = {
        "now": datetime(2026, 11, 21, 1, 0, tzinfo=UTC),
        "timezone": JAKARTA,
        "test_regions": True,
        **extra,
    }
    return forms.Situation(**given)


def check(made: forms.Form, typed: Any, **extra: Any) -> forms.Result:
    """Check `typed` in the usual situation."""
    return forms.check(made, typed, situation(**extra))


def codes(result: forms.Result) -> dict[str, list[str]]:
    """The errors as plain codes."""
    return {path: [problem.code for problem in found] for path, found in result.errors.items()}
