"""The gate before a deploy: everything that refuses a bundle, and what an analyst should think about again."""

from collections.abc import Mapping

from engine.bpmn.definition import read_bundle
from engine.bpmn.findings import ERROR, NOTE, WARNING, Finding
from engine.bpmn.lint import lint
from engine.bpmn.soundness import check_soundness

_ORDER = {ERROR: 0, WARNING: 1, NOTE: 2}


def check(files: Mapping[str, bytes]) -> list[Finding]:
    """All findings about these files, errors first. Raises nothing, whatever the files hold."""
    bundle = read_bundle(files)
    wrong = {found.file for found in bundle.findings.errors()}
    for process in bundle.processes.values():
        containers = list(process.walk())
        for container in containers:
            lint(container, bundle.findings)
        if process.file not in wrong:
            check_soundness(containers, bundle.findings)
    return sorted(bundle.findings, key=lambda found: (_ORDER[found.severity], found.file))
