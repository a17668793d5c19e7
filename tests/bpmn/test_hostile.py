"""What strangers send is refused in two seconds of a processor, within 300 MB, with a sentence."""

import json
import subprocess
import sys

import pytest

from engine.settings import PROJECT
from tests.bpmn.hostile import HOSTILE

HARMLESS = {"XInclude", "a stylesheet instruction"}  # nothing is fetched; the rest of the file is judged


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, object]]:
    command = [sys.executable, "-m", "tests.bpmn.hostile"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "nothing is said beside the findings"
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused_in_time(told: dict[str, dict[str, object]], name: str) -> None:
    line = told[name]
    assert line["seconds"] <= 2.0  # type: ignore[operator]
    assert line["megabytes"] <= 300  # type: ignore[operator]
    if name not in HARMLESS:
        assert line["codes"]
        assert len(str(line["sentence"])) > 20
        assert "Traceback" not in str(line["sentence"])
