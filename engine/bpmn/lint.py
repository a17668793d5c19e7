"""What runs but is probably not meant: unreachable elements, dead ends, idle loops, tasks for nobody."""

from collections.abc import Callable

from engine.bpmn.findings import Findings
from engine.bpmn.nodes import Container, Node
from engine.bpmn.ways import Ways, closure, components, part, turned, ways_of

_WAITING = {"userTask", "serviceTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway", "callActivity"}
_REPLIES = {"receiveTask", "intermediateCatchEvent"}


def lint(container: Container, findings: Findings) -> None:
    """Report the warnings and notes of one process or subprocess."""
    ways = ways_of(container)
    _reachable(container, ways, findings)
    _ends(container, ways, findings)
    _loops(container, ways, findings)
    for node in container.nodes.values():
        _tasks(container, node, findings)
        _gateways(node, findings)
        if not node.tag.endswith("Gateway") and len([flow for flow in node.outgoing if flow.condition is None]) > 1:
            findings.add("implicit_split", node.file, node.id, node.name)


def _say(findings: Findings) -> Callable[..., None]:
    def report(code: str, node: Node, **params: str) -> None:
        findings.add(code, node.file, node.id, node.name, **params)

    return report


def _compensates(node: Node) -> bool:
    return node.flag("isForCompensation")


def _reachable(container: Container, ways: Ways, findings: Findings) -> None:
    report = _say(findings)
    starts = [node.id for node in container.nodes.values() if node.tag == "startEvent" or node.flag("triggeredByEvent")]
    seen = closure(starts, ways)
    for node in container.nodes.values():
        if starts and node.id not in seen and node.incoming:
            report("unreachable", node)


def _ends(container: Container, ways: Ways, findings: Findings) -> None:
    report = _say(findings)
    ends = set()
    for node in container.nodes.values():
        own = [target for target in ways[node.id] if container.nodes[target].tag != "boundaryEvent"]
        if own:
            continue
        ends.add(node.id)
        quiet = node.tag == "endEvent" or node.flag("triggeredByEvent") or _compensates(node)
        if not quiet and node.event != "compensation":
            report("dead_end", node)
    finishing = closure(ends, turned(ways))
    for node in container.nodes.values():
        if node.id not in finishing:
            report("no_path_to_end", node)


def _loops(container: Container, ways: Ways, findings: Findings) -> None:
    """A cycle through elements none of which waits."""
    report = _say(findings)
    quick = part(ways, [id_ for id_ in ways if not _waits(container.nodes[id_])])
    places = {id_: place for place, id_ in enumerate(container.nodes)}
    for ring in components(quick):
        if len(ring) > 1 or ring[0] in quick[ring[0]]:
            first = min(ring, key=places.__getitem__)
            report("loop_without_wait", container.nodes[first], detail=", ".join(sorted(ring)[:10]))
    for echo in _echoes(container, quick):
        report("loop_without_wait", echo, detail=container.id)


def _echoes(container: Container, quick: Ways) -> list[Node]:
    """Where a non-interrupting event subprocess sends, without a wait, the very signal that begins it."""
    starts = [node for node in container.nodes.values() if node.tag == "startEvent" and node.event == "signal"]
    beside = [node for node in starts if container.parent is not None and not node.flag("isInterrupting", default=True)]
    names = {node.events[0].name for node in beside}
    reached = [container.nodes[id_] for id_ in closure([node.id for node in beside], quick)]
    sent = [node for node in reached if node.tag != "startEvent" and node.event == "signal"]
    return [node for node in sent if node.events[0].name in names]


def _waits(node: Node) -> bool:
    if node.tag == "subProcess" and node.body is not None:
        return any(_waits(inner) for inner in node.body.nodes.values())
    return node.tag in _WAITING or "taskDefinition" in node.zeebe


def _tasks(container: Container, node: Node, findings: Findings) -> None:
    report = _say(findings)
    people = node.zeebe.get("assignmentDefinition", {})
    if node.tag == "userTask":
        if not (people.get("candidateGroups") or people.get("assignee")):
            report("no_group", node)
        if not node.zeebe.get("formDefinition", {}).get("formId"):
            report("no_form", node)
        if node.properties.get("phase") == "persetujuan" and "fourEyes" not in node.properties:
            report("approval_alone", node)
    elif node.tag in {"task", "manualTask"}:
        report("manual_task", node)
    elif node.tag in _REPLIES and node.event == "message" and not _timed(container, node):
        report("reply_without_timer", node)


def _timed(container: Container, node: Node) -> bool:
    """Whether a timer limits the waiting: at the element, beside it behind an event gateway, or around it."""
    if any(boundary.event == "timer" for boundary in container.boundaries(node.id)):
        return True
    for flow in node.incoming:
        source = container.nodes[flow.source]
        if source.tag == "eventBasedGateway":
            return any(container.nodes[other.target].event == "timer" for other in source.outgoing)
    parent = container.parent
    return parent is not None and _timed_around(parent, container.id)


def _timed_around(parent: Container, id_: str) -> bool:
    if any(boundary.event == "timer" for boundary in parent.boundaries(id_)):
        return True
    return parent.parent is not None and _timed_around(parent.parent, parent.id)


def _gateways(node: Node, findings: Findings) -> None:
    report = _say(findings)
    if node.tag not in {"exclusiveGateway", "inclusiveGateway"} or len(node.outgoing) < 2:
        return
    is_certain = any((flow.condition or "").replace(" ", "") == "=true" for flow in node.outgoing)
    if not node.attributes.get("default") and not is_certain:
        report("no_default", node)
    if not node.name:
        report("gateway_unnamed", node)
