"""What runs but is probably not meant: unreachable elements, dead ends, joins that cannot fire, tasks for nobody."""

from collections.abc import Callable, Iterable

from engine.bpmn.findings import Findings
from engine.bpmn.nodes import Container, Node

_WAITING = {"userTask", "serviceTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway", "callActivity"}
_REPLIES = {"receiveTask", "intermediateCatchEvent"}

_EFFORT = 500_000  # a diagram with hundreds of joins is not searched whole; a join that is stuck is an incident anyway

Ways = dict[str, list[str]]


def lint(container: Container, findings: Findings) -> None:
    """Report the warnings and notes of one process or subprocess."""
    ways = _ways(container)
    _reachable(container, ways, findings)
    _ends(container, ways, findings)
    _joins(container, ways, findings)
    _loops(container, ways, findings)
    for node in container.nodes.values():
        _tasks(container, node, findings)
        _gateways(node, findings)


def _ways(container: Container) -> Ways:
    """Where a token in each element may go next: along flows, out of boundary events, through links."""
    ways: Ways = {node.id: [flow.target for flow in node.outgoing] for node in container.nodes.values()}
    for node in container.nodes.values():
        host = node.attributes.get("attachedToRef", "")
        if node.tag == "boundaryEvent" and host in ways:
            ways[host].append(node.id)
        if node.event == "link" and node.tag == "intermediateThrowEvent":
            ways[node.id] += [
                other.id
                for other in container.nodes.values()
                if other.tag == "intermediateCatchEvent" and other.event == "link" and other.events == node.events
            ]
    return ways


def _closure(starts: Iterable[str], ways: Ways, avoid: str = "", within: set[str] | None = None) -> set[str]:
    seen: set[str] = set()
    todo = list(starts)
    while todo:
        id_ = todo.pop()
        if id_ not in seen and id_ != avoid and (within is None or id_ in within):
            seen.add(id_)
            todo += ways.get(id_, ())
    return seen


def _turned(ways: Ways) -> Ways:
    """The same ways, walked backwards."""
    back: Ways = {id_: [] for id_ in ways}
    for source, targets in ways.items():
        for target in targets:
            back[target].append(source)
    return back


def _say(findings: Findings) -> Callable[..., None]:
    def report(code: str, node: Node, **params: str) -> None:
        findings.add(code, node.file, node.id, node.name, **params)

    return report


def _compensates(node: Node) -> bool:
    return node.flag("isForCompensation")


def _reachable(container: Container, ways: Ways, findings: Findings) -> None:
    report = _say(findings)
    starts = [node.id for node in container.nodes.values() if node.tag == "startEvent" or node.flag("triggeredByEvent")]
    seen = _closure(starts, ways)
    for node in container.nodes.values():
        if node.id not in seen and not _compensates(node):
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
    finishing = _closure(ends, _turned(ways))
    for node in container.nodes.values():
        if node.id not in finishing:
            report("no_path_to_end", node)


def _joins(container: Container, ways: Ways, findings: Findings) -> None:
    """A parallel join behind an exclusive choice whose ways reach different incoming flows of it."""
    report, back = _say(findings), _turned(ways)
    choices = [
        node
        for node in container.nodes.values()
        if node.tag in {"exclusiveGateway", "eventBasedGateway"} and len(node.outgoing) > 1
    ]
    effort = _EFFORT
    for join in container.nodes.values():
        if join.tag != "parallelGateway" or len(join.incoming) < 2 or not choices or effort <= 0:
            continue
        leading = {flow.id: _closure([flow.source], back, avoid=join.id) for flow in join.incoming}
        effort -= sum(map(len, leading.values())) + len(choices)
        for choice in choices:
            arriving = [
                {id_ for id_, before in leading.items() if flow.target in before or id_ == flow.id}
                for flow in choice.outgoing
            ]
            reached = [flows for flows in arriving if flows]
            if any(flows != reached[0] for flows in reached):
                report("deadlock_join", join, detail=choice.name or choice.id)
                break


def _loops(container: Container, ways: Ways, findings: Findings) -> None:
    """A cycle through elements none of which waits."""
    report = _say(findings)
    running = {id_ for id_ in ways if not _waits(container.nodes[id_])}
    quick = {id_: [target for target in ways[id_] if target in running] for id_ in running}
    back, left = _turned(quick), set(running)
    for id_ in _finished_last(quick):
        if id_ not in left:
            continue
        ring = _closure([id_], back, within=left)
        left -= ring
        if len(ring) > 1 or id_ in quick[id_]:
            first = next(key for key in container.nodes if key in ring)
            report("loop_without_wait", container.nodes[first], detail=", ".join(sorted(ring)[:10]))


def _finished_last(ways: Ways) -> list[str]:
    """Depth-first, the element that is left last comes first (for Kosaraju's components)."""
    order: list[str] = []
    seen: set[str] = set()
    for start in ways:
        todo = [(start, False)]
        while todo:
            id_, leaving = todo.pop()
            if leaving:
                order.append(id_)
            elif id_ not in seen:
                seen.add(id_)
                todo.append((id_, True))
                todo += [(target, False) for target in ways[id_]]
    return order[::-1]


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
        if node.properties.get("phase") == "persetujuan" and node.properties.get("fourEyes") != "true":
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
