"""Which zeebe: extensions mean something here; the others are refused rather than ignored."""

from engine.bpmn.findings import Findings
from engine.bpmn.nodes import Node

_KNOWN: dict[str, set[str]] = {
    "formDefinition": {"formId", "bindingType"},
    "assignmentDefinition": {"assignee", "candidateGroups"},
    "taskSchedule": {"dueDate", "followUpDate"},
    "priorityDefinition": {"priority"},
    "userTask": set(),
    "taskDefinition": {"type", "retries"},
    "calledDecision": {"decisionId", "resultVariable", "bindingType"},
    "calledElement": {"processId", "bindingType", "propagateAllChildVariables", "propagateAllParentVariables"},
    "script": {"expression", "resultVariable"},
    "versionTag": {"value"},
    "modelerTemplate": set(),
}
_HINTS = {
    "formKey": "Link the form by its id.",
    "externalReference": "Link the form by its id.",
    "candidateUsers": "Name candidate groups or an assignee.",
    "bindingType": "A bundle always uses what was deployed with it.",
    "propagateAllParentVariables": "Map what the called process needs.",
    "executionListeners": "Draw a service task.",
    "taskListeners": "Draw a service task.",
}


def check_extensions(node: Node, findings: Findings) -> None:
    """Report every extension of `node` that would have no effect."""
    for tag, attributes in node.zeebe.items():
        if tag not in _KNOWN:
            _report(findings, node, f"zeebe:{tag}", tag)
            continue
        for name, value in attributes.items():
            if name not in _KNOWN[tag] and value:
                _report(findings, node, f"{name} of zeebe:{tag}", name)
            elif name == "bindingType" and value == "versionTag":
                _report(findings, node, "binding to a version tag", name)
            elif name == "propagateAllParentVariables" and value == "true":
                _report(findings, node, "handing all variables to the called process", name)


def _report(findings: Findings, node: Node, detail: str, name: str) -> None:
    hint = _HINTS.get(name, "Remove it.")
    findings.add("unsupported_attribute", node.file, node.id, node.name, detail=detail, hint=hint)
