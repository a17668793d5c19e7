"""From BPMN XML to nodes.py. SpiffWorkflow's own parser is not used: it recurses along the flows and drops what it
does not know; here everything that could change the meaning is either read or reported."""

import re
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.findings import Findings
from engine.bpmn.leftovers import tell_leftovers, tell_roots
from engine.bpmn.nodes import Container, EventNode, FlowNode, LoopNode, Node
from engine.bpmn.parts import BPMN, ZEEBE, attributes_of, documentation_of, lanes_of, local_id, properties_of
from engine.bpmn.xml import UnreadableXml, as_boolean, read_xml, split_name

MAX_ELEMENTS = 6_000
MAX_FLOWS = 12_000
_RESERVED = re.compile(r"[#/\s]")  # names of the engine's own have them

EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
ACTIVITIES = {
    "task", "manualTask", "userTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask",
    "callActivity", "subProcess",
}  # fmt: skip
GATEWAYS = {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"}
REFUSED = {
    "complexGateway": "Use exclusive, inclusive or parallel gateways.",
    "adHocSubProcess": "Draw the possible orders, or open the tasks in parallel.",
    "transaction": "Use a subprocess with error and compensation events.",
    "callChoreography": "Draw a process.",
    "choreographyTask": "Draw a process.",
    "subChoreography": "Draw a process.",
}
_PASSIVE = {
    "incoming", "outgoing", "documentation", "extensionElements", "laneSet", "textAnnotation", "association",
    "group", "category", "monitoring", "auditing", "ioSpecification", "supports", "property", "sequenceFlow",
    "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "script", "resourceRole", "potentialOwner",
    "humanPerformer", "performer", "correlationSubscription", "rendering",
}  # fmt: skip
_QUIET = {BPMN + tag for tag in _PASSIVE}
_DATA = {"dataObject", "dataObjectReference", "dataStoreReference", "dataInputAssociation", "dataOutputAssociation",
         "dataInput", "dataOutput", "inputSet", "outputSet"}  # fmt: skip


def local(element: etree._Element) -> str:
    """The tag without its namespace."""
    return split_name(element.tag)[1]


class Reader:
    """Reads one file; what it finds wrong goes to `findings`."""

    def __init__(self, file: str, findings: Findings) -> None:
        self.file = file
        self.findings = findings
        self.roots: dict[str, etree._Element] = {}
        self.ids: set[str] = set()

    def read(self, data: bytes) -> list[Container]:
        """The executable processes of the file."""
        try:
            root = read_xml(data)
        except UnreadableXml as error:
            self.findings.add(error.args[0], self.file, detail=error.args[1])
            return []
        if root.tag != BPMN + "definitions":
            self.findings.add("not_bpmn", self.file)
            return []
        for child in root:
            if child.get("id"):
                self.roots[str(child.get("id"))] = child
        tell_roots(root, self.file, self.findings)
        processes = [child for child in root if child.tag == BPMN + "process"]
        executable = [child for child in processes if as_boolean(child.get("isExecutable") or "") != "false"]
        found = [self._process(child) for child in executable if self._is_small(child)]
        for child in processes:
            if child not in executable:
                self.findings.add("not_executable", self.file, child.get("id") or "", child.get("name") or "")
        if not executable:
            self.findings.add("no_process", self.file)
        return found

    def _is_small(self, element: etree._Element) -> bool:
        """Whether the process is within the limits; counted before anything is made of it."""
        id_, name = element.get("id") or "", element.get("name") or ""
        elements = sum(1 for _ in element.iter(*(BPMN + tag for tag in (*EVENTS, *ACTIVITIES, *GATEWAYS))))
        flows = sum(1 for _ in element.iter(BPMN + "sequenceFlow"))
        if elements > MAX_ELEMENTS:
            self.findings.add("too_many_elements", self.file, id_, name, detail=str(MAX_ELEMENTS))
        if flows > MAX_FLOWS:
            self.findings.add("too_many_flows", self.file, id_, name, detail=str(MAX_FLOWS))
        return elements <= MAX_ELEMENTS and flows <= MAX_FLOWS

    def _process(self, element: etree._Element) -> Container:
        process_id = element.get("id") or ""
        if not process_id:
            self.findings.add("missing_id", self.file, tag="process")
        elif _RESERVED.search(process_id):
            self.findings.add("bad_id", self.file, process_id, element.get("name") or "")
        tell_leftovers(element, self.file, self.findings)
        container = self._container(element, process_id, element.get("name") or "", process_id)
        tag = element.find(f"{BPMN}extensionElements/{ZEEBE}versionTag")
        container.version_tag = (tag.get("value") or "") if tag is not None else ""
        container.properties = properties_of(element)
        return container

    def _container(self, element: etree._Element, id_: str, name: str, process_id: str) -> Container:
        container = Container(id_, name, process_id, self.file, documentation=documentation_of(element))
        lanes = lanes_of(element)
        for child in element:
            tag = local(child) if child.tag.startswith(BPMN) else ""
            if tag in EVENTS or tag in ACTIVITIES or tag in GATEWAYS:
                node = self._node(child, tag, process_id)
                if node is not None:
                    node.lane = lanes.get(node.id, "")
                    if node.body:
                        node.body.parent = container
                    container.nodes[node.id] = node
            elif tag == "association":
                container.associations.append((child.get("sourceRef") or "", child.get("targetRef") or ""))
            elif tag in REFUSED:
                self.findings.add("unsupported_element", self.file, child.get("id") or "", child.get("name") or "",
                                  tag=tag, hint=REFUSED[tag])  # fmt: skip
            elif tag in _DATA:
                self.findings.add("data_ignored", self.file, child.get("id") or "", child.get("name") or "")
            elif tag and tag not in _PASSIVE:
                self.findings.add("unsupported_element", self.file, child.get("id") or "", child.get("name") or "",
                                  tag=tag, hint="Remove it.")  # fmt: skip
        for child in element.iterchildren(BPMN + "sequenceFlow"):
            self._flow(child, container)
        return container

    def _flow(self, element: etree._Element, container: Container) -> None:
        id_ = self._id(element, "sequenceFlow")
        if not id_:
            return
        tell_leftovers(element, self.file, self.findings)
        condition = element.find(BPMN + "conditionExpression")
        flow = FlowNode(
            id_,
            element.get("name") or "",
            element.get("sourceRef") or "",
            element.get("targetRef") or "",
            (condition.text or "").strip() if condition is not None else None,
            properties_of(element).get("label:en", ""),
        )
        source, target = container.nodes.get(flow.source), container.nodes.get(flow.target)
        if source is None or target is None:
            code = "flow_crosses" if {flow.source, flow.target} <= self.ids else "flow_end_missing"
            self.findings.add(code, self.file, id_, flow.name)
            container.loose.add(flow.target)
            return
        container.flows[id_] = flow
        source.outgoing.append(flow)
        target.incoming.append(flow)

    def _id(self, element: etree._Element, tag: str) -> str:
        id_ = element.get("id") or ""
        if not id_:
            self.findings.add("missing_id", self.file, "", element.get("name") or "", tag=tag)
        elif _RESERVED.search(id_):
            self.findings.add("bad_id", self.file, id_, element.get("name") or "")
            return ""
        elif id_ in self.ids:
            self.findings.add("duplicate_id", self.file, id_)
            return ""
        self.ids.add(id_)
        return id_

    def _node(self, element: etree._Element, tag: str, process_id: str) -> Node | None:
        id_ = self._id(element, tag)
        if not id_:
            return None
        tell_leftovers(element, self.file, self.findings)
        node = Node(
            id_,
            tag,
            " ".join((element.get("name") or "").split()),
            self.file,
            attributes_of(element),
            documentation=documentation_of(element),
            properties=properties_of(element),
            script=element.find(BPMN + "script") is not None,
        )
        self._extensions(element, node)
        self._loop(element, node)
        definitions = [child for child in element if child.tag.endswith("EventDefinition")]
        node.events = [event for child in definitions for event in self._event(child)]
        reference = node.attributes.get("messageRef")
        if reference and tag in {"receiveTask", "sendTask"}:
            node.events.append(self._message(reference))
        if tag == "subProcess":
            node.body = self._container(element, id_, node.name, process_id)
        else:
            self._passive(element, node)
        return node

    def _passive(self, element: etree._Element, node: Node) -> None:
        for child in element:
            if child.tag in _QUIET or not child.tag.startswith(BPMN):
                continue
            tag = local(child)
            if tag in _DATA:
                self.findings.add("data_ignored", self.file, node.id, node.name)
            elif not tag.endswith(("EventDefinition", "eventDefinitionRef")):
                self.findings.add("unsupported_element", self.file, node.id, node.name, tag=tag, hint="Remove it.")

    def _extensions(self, element: etree._Element, node: Node) -> None:
        extensions = element.find(BPMN + "extensionElements")
        for child in extensions if extensions is not None else ():
            if not child.tag.startswith(ZEEBE):
                continue
            tag = local(child)
            if tag == "ioMapping":
                for part in child:
                    pair = (part.get("source") or "", part.get("target") or "")
                    (node.inputs if local(part) == "input" else node.outputs).append(pair)
            elif tag == "taskHeaders":
                node.headers = {part.get("key") or "": part.get("value") or "" for part in child}
            elif tag != "properties":
                node.zeebe[tag] = {str(key): str(value) for key, value in child.attrib.items()}

    def _loop(self, element: etree._Element, node: Node) -> None:
        node.standard_loop = element.find(BPMN + "standardLoopCharacteristics") is not None
        loop = element.find(BPMN + "multiInstanceLoopCharacteristics")
        if loop is None:
            return
        zeebe = loop.find(f"{BPMN}extensionElements/{ZEEBE}loopCharacteristics")
        attributes = {str(key): str(value) for key, value in zeebe.attrib.items()} if zeebe is not None else {}
        completion = loop.find(BPMN + "completionCondition")
        node.loop = LoopNode(
            as_boolean(loop.get("isSequential") or "") == "true",
            str(attributes.get("inputCollection", "")),
            str(attributes.get("inputElement", "")),
            str(attributes.get("outputCollection", "")),
            str(attributes.get("outputElement", "")),
            (completion.text or "").strip() if completion is not None else "",
            zeebe is not None,
        )

    def _event(self, element: etree._Element) -> Iterator[EventNode]:
        tag = local(element) if element.tag.startswith(BPMN) else ""
        if not tag.endswith("EventDefinition"):
            return
        kind = {"compensateEventDefinition": "compensation"}.get(tag, tag.removesuffix("EventDefinition"))
        event = EventNode(kind)
        if kind == "message":
            event = self._message(element.get("messageRef") or "")
        elif kind in {"error", "escalation", "signal"}:
            reference = element.get(kind + "Ref") or ""
            found = self._root(reference, kind)
            event.resolved = found is not None or not reference
            if found is not None:
                event.name = found.get("name") or ""
                event.code = found.get(f"{kind}Code") if kind != "signal" else None
        elif kind == "timer":
            timers = [(local(part), (part.text or "").strip()) for part in element if _is_timer(part)]
            event.timer = timers[0] if len(timers) == 1 else None
        elif kind == "conditional":
            condition = element.find(BPMN + "condition")
            event.condition = (condition.text or "").strip() if condition is not None else ""
        elif kind == "link":
            event.name = element.get("name") or ""
        elif kind == "compensation":
            event.activity = local_id(element.get("activityRef") or "") or None
        yield event

    def _root(self, reference: str, kind: str) -> etree._Element | None:
        """The message, error, escalation or signal that a reference names."""
        found = self.roots.get(local_id(reference))
        return found if found is not None and found.tag == BPMN + kind else None

    def _message(self, reference: str) -> EventNode:
        found = self._root(reference, "message")
        if found is None:
            return EventNode("message", resolved=False)
        subscription = found.find(f"{BPMN}extensionElements/{ZEEBE}subscription")
        key = subscription.get("correlationKey") if subscription is not None else ""
        return EventNode("message", found.get("name") or "", correlation=key or "")


def _is_timer(element: etree._Element) -> bool:
    return local(element) in {"timeDate", "timeDuration", "timeCycle"}
