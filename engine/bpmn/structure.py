"""What is wrong with how a diagram is drawn: starts, ends, gateways, boundary events, flows."""

from engine.bpmn.findings import Findings
from engine.bpmn.nodes import Container, Node

_DECIDING = {"exclusiveGateway", "inclusiveGateway"}
_UNCONDITIONAL = {"parallelGateway", "eventBasedGateway", "startEvent"}


def check_structure(container: Container, findings: Findings) -> None:
    """Report every error of structure in one process or subprocess."""

    def report(code: str, node: Node, **params: str) -> None:
        findings.add(code, node.file, node.id, node.name, **params)

    _starts(container, findings)
    for node in container.nodes.values():
        if node.tag == "startEvent" and node.incoming:
            report("start_incoming", node)
        if node.tag == "endEvent" and node.outgoing:
            report("end_outgoing", node)
        if _left_alone(container, node):
            report("no_incoming", node)
        if node.tag == "boundaryEvent":
            _boundary(container, node, findings)
        if node.tag == "eventBasedGateway":
            _event_gateway(container, node, findings)
        if node.body is not None and node.flag("triggeredByEvent") and (node.incoming or node.outgoing):
            report("event_sub_flow", node)
        _conditions(node, findings)


def _starts(container: Container, findings: Findings) -> None:
    starts = [node for node in container.nodes.values() if node.tag == "startEvent"]
    plain = [node for node in starts if not node.events]
    owner = container.parent.nodes.get(container.id) if container.parent else None
    if owner is None:
        if not starts:
            findings.add("no_start", container.file, container.id, container.name)
        if len(plain) > 1:
            findings.add("many_starts", container.file, container.id, container.name)
        for node in starts:
            if node.event not in {"", "message", "timer", "signal"}:
                hint = "A process starts by hand, by a message, a timer or a signal, or by being called."
                findings.add("unsupported_event", node.file, node.id, node.name, kind=node.event, hint=hint)
    elif owner.flag("triggeredByEvent"):
        if len(starts) != 1 or plain:
            findings.add("event_sub_start", container.file, container.id, container.name)
    elif len(starts) != 1 or not plain:
        findings.add("sub_start", container.file, container.id, container.name)


def _left_alone(container: Container, node: Node) -> bool:
    """Whether a way would have to begin here, which only a drawing without any start event may mean."""
    begins = node.tag in {"startEvent", "boundaryEvent"} or node.flag("triggeredByEvent") or node.event == "link"
    aside = begins or node.flag("isForCompensation") or node.id in container.loose
    return not node.incoming and not aside and any(one.tag == "startEvent" for one in container.nodes.values())


def _boundary(container: Container, node: Node, findings: Findings) -> None:
    host = container.nodes.get(node.attributes.get("attachedToRef", ""))
    if host is None or host.tag.endswith(("Event", "Gateway")):
        findings.add("boundary_host", node.file, node.id, node.name)
    if node.incoming:
        findings.add("boundary_incoming", node.file, node.id, node.name)


def _event_gateway(container: Container, node: Node, findings: Findings) -> None:
    targets = [container.nodes[flow.target] for flow in node.outgoing]
    for target in targets:
        waits = target.tag == "receiveTask" or (target.tag == "intermediateCatchEvent" and target.event != "link")
        if not waits or target.loop is not None:
            findings.add("event_gateway_targets", node.file, node.id, node.name)
        elif len(target.incoming) > 1:
            findings.add("event_gateway_incoming", target.file, target.id, target.name)
    if not targets:
        findings.add("event_gateway_targets", node.file, node.id, node.name)


def _conditions(node: Node, findings: Findings) -> None:
    default = node.attributes.get("default", "")
    if default and default not in {flow.id for flow in node.outgoing}:
        findings.add("default_missing", node.file, node.id, node.name, detail=default)
    for flow in node.outgoing:
        if flow.condition is not None and node.tag in _UNCONDITIONAL:
            findings.add("condition_not_allowed", node.file, node.id, node.name, detail=flow.id)
        elif flow.condition is not None and flow.id == default:
            findings.add("condition_on_default", node.file, node.id, node.name, detail=flow.id)
        elif flow.condition is None and node.tag in _DECIDING and flow.id != default and len(node.outgoing) > 1:
            findings.add("condition_missing", node.file, node.id, node.name, detail=flow.id)
