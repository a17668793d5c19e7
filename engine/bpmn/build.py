"""From nodes to running specifications: which class each element becomes, and everything that refuses a diagram."""

import re
from collections.abc import Mapping

from engine import feel
from engine.bpmn.dialect import element_for, trigger_for
from engine.bpmn.dialect.activity import Activity
from engine.bpmn.dialect.base import Element, Flow
from engine.bpmn.dialect.boundary_event import BoundaryEvent
from engine.bpmn.dialect.compensation import UndoInside
from engine.bpmn.dialect.event_sub_process import EventSubProcess, Listener
from engine.bpmn.dialect.joins import Join
from engine.bpmn.dialect.start_event import StartEvent
from engine.bpmn.dialect.sub_process import SubProcess
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.expressions import Value
from engine.bpmn.extensions import check_extensions
from engine.bpmn.findings import Findings
from engine.bpmn.nodes import Container, FlowNode, Node
from engine.bpmn.spec import ProcessSpec, spec_name
from engine.bpmn.structure import check_structure

_DECIDE = re.compile(r"\bdecide\s*\(\s*\"([^\"]+)\"")


class Build:
    """Builds the specifications of all processes of a bundle; what is wrong goes to `findings`."""

    def __init__(self, processes: Mapping[str, Container], known: "Known", findings: Findings) -> None:
        self.processes = processes
        self.known = known
        self.findings = findings
        self.specs: dict[str, ProcessSpec] = {}
        self.forms: set[str] = set()
        self.operations: set[str] = set()
        self.called: list[tuple[Node, str]] = []

    def run(self) -> dict[str, ProcessSpec]:
        """All specifications by name: processes by id, subprocesses by `process/subprocess`."""
        for process in self.processes.values():
            for container in reversed(list(process.walk())):
                check_structure(container, self.findings)
                self.specs[spec_name(container)] = self._spec(container)
        self._check_starts()
        return self.specs

    def _check_starts(self) -> None:
        """Called processes can be called, and a message starts one process."""
        for node, process_id in self.called:
            if process_id in self.processes and self.specs[process_id].none_start is None:
                self.report("called_start", node, detail=process_id)
        taken: dict[str, str] = {}
        for process in self.processes.values():
            for message, start in self.specs[process.id].message_starts.items():
                if message and taken.setdefault(message, process.id) != process.id:
                    self.report("duplicate_message_start", process.nodes[start.name], detail=message)

    # -- what the elements ask ----------------------------------------------------------------------------------------

    def report(self, code: str, node: Node, **params: str) -> None:
        """Something is wrong with `node`."""
        self.findings.add(code, node.file, node.id, node.name, **params)

    def value(self, node: Node, what: str, text: str, *, always: bool = False) -> Value:
        """A literal or expression; one that does not parse is reported and replaced by nothing."""
        for decision_id in _DECIDE.findall(text if text.startswith("=") else ""):
            self.decision(node, decision_id)
        try:
            return Value(text, always=always)
        except feel.FeelSyntaxError as error:
            self.report("bad_expression", node, what=what, detail=str(error)[:200])
            return Value("")

    def required(self, node: Node, what: str, text: str | None) -> Value:
        """As `value`; absent is reported."""
        if not (text or "").strip():
            self.report("missing", node, what=what)
        return self.value(node, what, (text or "").strip())

    def optional(self, node: Node, what: str, text: str | None) -> Value | None:
        """As `value`; absent is None."""
        return self.value(node, what, text.strip()) if text and text.strip() else None

    def expression(self, node: Node, what: str, text: str, *, required: bool = False) -> Value | None:
        """An expression, which must begin with "=" ."""
        text = text.strip()
        if not text:
            if required:
                self.report("missing", node, what=what)
                return Value("null", always=True)
            return None
        if not text.startswith("="):
            self.report("not_an_expression", node, what=what)
            return None
        return self.value(node, what, text)

    def form(self, node: Node, form_id: str) -> None:
        """The element shows this form."""
        self.forms.add(form_id)
        if form_id not in self.known.forms:
            self.report("form_missing", node, detail=form_id)

    def operation(self, name: str) -> None:
        """An element asks for this operation."""
        self.operations.add(name)

    def decision(self, node: Node, decision_id: str) -> None:
        """The element calls this decision."""
        if decision_id not in self.known.decisions:
            self.report("decision_missing", node, detail=decision_id)

    def process(self, node: Node, process_id: str) -> None:
        """The element calls this process."""
        self.called.append((node, process_id))
        if process_id not in self.processes:
            self.report("process_missing", node, detail=process_id)

    def starts_process(self, node: Node) -> bool:
        """Whether `node` starts a whole process: it needs no correlation key."""
        return node.tag == "startEvent" and any(node.id in process.nodes for process in self.processes.values())

    # -- specifications -----------------------------------------------------------------------------------------------

    def _spec(self, container: Container) -> ProcessSpec:
        spec = ProcessSpec(container)
        for node in container.nodes.values():
            check_extensions(node, self.findings)
            self._element(spec, container, node)
        for flow in container.flows.values():
            self._flow(spec, container, flow)
        for node in container.nodes.values():
            if node.tag == "boundaryEvent":
                self._attach(spec, container, node)
            elif node.event == "link":
                self._link(spec, container, node)
            elif node.event == "compensation":
                self._compensated(spec, node)
        spec.undo = UndoInside.of(spec, self)
        for element in spec.elements.values():
            if isinstance(element, Join):
                element.register(spec)
        return spec

    def _element(self, spec: ProcessSpec, container: Container, node: Node) -> None:
        trigger = self._trigger(node)
        if node.body is not None and node.flag("triggeredByEvent"):
            self._event_sub_process(spec, node)
            return
        element = element_for(spec, node, self, trigger)
        if element is None:
            return
        spec.elements[node.id] = element
        if node.body is not None:
            self._inside(element).inner = self.specs[spec_name(node.body)]
        if node.tag == "startEvent":
            if not node.events:
                spec.none_start = element
            elif trigger is not None and container.parent is None and trigger.kind == "message":
                spec.message_starts[trigger.name] = element
            elif container.parent is None and isinstance(element, StartEvent):
                spec.other_starts[node.id] = element
            else:
                spec.none_start = element  # of an event subprocess: where its body begins

    @staticmethod
    def _inside(element: Element) -> SubProcess:
        inner = getattr(element, "inner", None)
        found = inner if isinstance(inner, SubProcess) else element
        assert isinstance(found, SubProcess)  # noqa: S101 - a node with a body is one
        return found

    def _trigger(self, node: Node) -> Trigger | None:
        if len(node.events) > 1:
            self.report("unsupported_attribute", node, detail="more than one event definition", hint="Keep one.")
        return trigger_for(node, self)

    def _event_sub_process(self, spec: ProcessSpec, node: Node) -> None:
        assert node.body is not None  # noqa: S101 - asked before
        element = EventSubProcess(spec, node, self)
        element.inner = self.specs[spec_name(node.body)]
        spec.elements[node.id] = element
        starts = [inner for inner in node.body.nodes.values() if inner.tag == "startEvent" and inner.events]
        for start in starts[:1]:
            trigger = trigger_for(start, self)
            if trigger is None:
                continue
            listener = Listener(spec, start, self, trigger)
            listener.target = element
            (spec.listeners if trigger.waits else spec.handlers).append(listener)

    def _flow(self, spec: ProcessSpec, container: Container, node: FlowNode) -> None:
        source, target = spec.elements.get(node.source), spec.elements.get(node.target)
        if source is None or target is None:
            return
        condition = None
        if node.condition is not None:
            where = container.nodes[node.source]
            condition = self.expression(where, f"the condition of {node.id}", node.condition, required=True)
        flow = Flow(node.id, node.name, source, target, condition)
        flow.default = container.nodes[node.source].attributes.get("default") == node.id
        source.leaving.append(flow)
        target.arriving.append(flow)
        source.connect(target)
        spec.flows[flow.id] = flow

    def _link(self, spec: ProcessSpec, container: Container, node: Node) -> None:
        """A throwing link leads to the one catching link of its name."""
        name = node.events[0].name
        others = [other for other in container.nodes.values() if other.event == "link" and other.events[0].name == name]
        catching = [other for other in others if other.tag == "intermediateCatchEvent"]
        if node.tag == "intermediateCatchEvent":
            if len(catching) == len(others):
                self.report("link_source", node, detail=name)
            return
        if len(catching) != 1 or node.outgoing or catching[0].incoming:
            self.report("link_target", node, detail=name)
            return
        source, target = spec.elements.get(node.id), spec.elements.get(catching[0].id)
        if source is not None and target is not None:
            flow = Flow(f"{node.id}/link", "", source, target, None)
            flow.drawn = False
            source.leaving.append(flow)
            target.arriving.append(flow)

    def _attach(self, spec: ProcessSpec, container: Container, node: Node) -> None:
        boundary, host = spec.elements.get(node.id), spec.elements.get(node.attributes.get("attachedToRef", ""))
        if isinstance(boundary, BoundaryEvent) and isinstance(host, Activity):
            boundary.host = host
            host.boundaries.append(boundary)
            if node.event == "compensation":
                host.compensation = self._handler(spec, container, node)

    def _handler(self, spec: ProcessSpec, container: Container, node: Node) -> Element | None:
        """The activity that a compensation boundary event is associated with."""
        ends = {end for pair in container.associations if node.id in pair for end in pair} - {node.id}
        found = [spec.elements[id_] for id_ in ends if id_ in spec.elements]
        handlers = [one for one in found if container.nodes[one.element_id].flag("isForCompensation")]
        if len(handlers) != 1 or handlers[0].leaving or handlers[0].arriving or node.outgoing:
            self.report("compensation_handler", node)
            return None
        return handlers[0]

    def _compensated(self, spec: ProcessSpec, node: Node) -> None:
        """The activity that a throwing event names must be one of the same scope."""
        wanted = node.events[0].activity
        if wanted and wanted not in spec.elements:
            self.report("bad_value", node, what="the activity to compensate", detail=wanted)


class Known:
    """What else the bundle holds."""

    def __init__(self, forms: set[str], decisions: set[str]) -> None:
        self.forms = forms
        self.decisions = decisions
