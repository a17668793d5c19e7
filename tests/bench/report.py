"""Figures: a table on the screen with machine facts, and var/bench.json with flat keys."""

import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path

from engine.settings import PROJECT

FILE = PROJECT / "var" / "bench.json"


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    return {
        "cpu": model,
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "system": platform.release(),
    }


def keep(figures: Mapping[str, float]) -> None:
    """Print the figures and add them to the file."""
    facts = machine()
    print(f"\n  {facts['cpu']}, {facts['cores']} cores, Python {facts['python']}, {facts['system']}")
    for name, value in figures.items():
        print(f"  {name:<44} {value:>12,.2f}")
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps({**known, **figures, "machine": facts}, indent=2, sort_keys=True) + "\n")
