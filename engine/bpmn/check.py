"""The gate before a deploy: everything that refuses a bundle, and what an analyst should think about again."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from engine.bpmn.definition import read_bundle
from engine.bpmn.findings import ERROR, NOTE, WARNING, Finding
from engine.bpmn.lint import lint
from engine.bpmn.operations import RESULTS
from engine.bpmn.references import GROUPS, check_operations, check_people
from engine.bpmn.soundness import check_soundness
from engine.bpmn.variables import KNOWN, Variables, callers_in, facts_of

NOTHING: Mapping[str, bytes] = MappingProxyType({})
_ORDER = {ERROR: 0, WARNING: 1, NOTE: 2}


def check(
    files: Mapping[str, bytes],
    known: Iterable[str] = KNOWN,
    around: Mapping[str, bytes] = NOTHING,
    operations: Collection[str] = RESULTS,
    groups: Collection[str] = GROUPS,
) -> list[Finding]:
    """All findings about these files, errors first. Raises nothing, whatever the files hold.

    `known`: the variables that a process which nothing calls begins with; `around`: other families' files, which may
    call the processes of these; `operations` and `groups`: those that there are.
    """
    bundle = read_bundle(files)
    forms = dict(facts_of(body) for name, body in files.items() if name.endswith(".form"))
    variables = Variables(bundle.processes, bundle.models, forms, known, callers_in(around))
    wrong = {found.file for found in bundle.findings.errors()}
    for process in bundle.processes.values():
        containers = list(process.walk())
        check_people(containers, groups, bundle.findings)
        check_operations(containers, operations, bundle.findings)
        for container in containers:
            lint(container, bundle.findings)
        if process.file not in wrong:
            check_soundness(containers, bundle.findings)
            variables.check(process, bundle.findings)
    return sorted(bundle.findings, key=lambda found: (_ORDER[found.severity], found.file))
