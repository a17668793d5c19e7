"""Whether what a diagram names is there: operations, the groups of tasks and lanes, and calls that come to an end."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from engine.actors import Role
from engine.bpmn.findings import Findings
from engine.bpmn.nodes import Container, Node
from engine.bpmn.ways import components

GROUPS: Collection[str] = frozenset(role.value for role in Role)
_UNIT = re.compile(r"[a-z_]+")


def check_operations(containers: Iterable[Container], operations: Collection[str], findings: Findings) -> None:
    """Service tasks whose operation nobody can do."""
    for container in containers:
        for node in container.nodes.values():
            name = node.zeebe.get("taskDefinition", {}).get("type", "").strip()
            if name and not name.startswith("=") and name not in operations:
                findings.add("operation_missing", node.file, node.id, node.name, detail=name)


def check_people(containers: Iterable[Container], groups: Collection[str], findings: Findings) -> None:
    """Tasks for groups that do not exist, and lanes in which no task says who does it."""
    lanes: dict[str, list[Node]] = defaultdict(list)
    for container in containers:
        for node in container.nodes.values():
            if node.tag != "userTask":
                continue
            if node.lane:
                lanes[node.lane].append(node)
            for group in _literal_groups(node):
                role, _, unit = group.partition(":")
                if role not in groups or (":" in group and not _UNIT.fullmatch(unit)):
                    findings.add("group_missing", node.file, node.id, node.name, detail=group)
    for lane, nodes in lanes.items():
        if not any(_people(node).get("candidateGroups") or _people(node).get("assignee") for node in nodes):
            findings.add("lane_without_group", nodes[0].file, nodes[0].id, nodes[0].name, detail=lane)


def _people(node: Node) -> dict[str, str]:
    return node.zeebe.get("assignmentDefinition", {})


def _literal_groups(node: Node) -> list[str]:
    text = _people(node).get("candidateGroups", "").strip()
    return [] if text.startswith("=") else [group.strip() for group in text.split(",") if group.strip()]


def check_calls(processes: Mapping[str, Container], findings: Findings) -> None:
    """Processes that call themselves, by way of others or not; what an expression calls is seen when it runs."""
    calls: dict[str, list[Node]] = {id_: _calls(process) for id_, process in processes.items()}
    ways = {id_: [target for node in nodes if (target := _called(node)) in processes] for id_, nodes in calls.items()}
    for ring in components(ways):
        inside = set(ring)
        for id_ in sorted(ring):
            for node in calls[id_]:
                if _called(node) in inside and (len(ring) > 1 or _called(node) == id_):
                    findings.add("call_cycle", node.file, node.id, node.name, detail=f"{id_} → {_called(node)}")


def _calls(process: Container) -> list[Node]:
    parts = process.walk()
    return [node for part in parts for node in part.nodes.values() if node.tag == "callActivity"]


def _called(node: Node) -> str:
    return node.zeebe.get("calledElement", {}).get("processId", "").strip()
