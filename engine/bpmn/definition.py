"""A deployed bundle: diagrams, decision tables and forms that belong together, compiled once and cached by content."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from engine import decisions, feel
from engine.bpmn.build import Build, Known
from engine.bpmn.dialect.base import Element
from engine.bpmn.dialect.timer import Timer
from engine.bpmn.errors import Fault, ProcessNotFound
from engine.bpmn.findings import Finding, Findings
from engine.bpmn.nodes import Container, Node
from engine.bpmn.reader import Reader
from engine.bpmn.references import check_calls
from engine.bpmn.spec import ProcessSpec
from engine.bpmn.starts import TimerStart
from engine.bpmn.uses import names_of_decision
from engine.errors import EngineError, InvalidDefinition

if TYPE_CHECKING:
    from engine.bpmn.turn import Turn

DIALECT = b"1"  # changes when the same files would mean something else
_KEPT = 64


@dataclass(frozen=True, slots=True)
class ElementInfo:
    """An element as lists and diagrams show it. `type` is the BPMN tag, `event` the kind of its event definition."""

    id: str
    type: str
    name: str
    name_en: str
    lane: str
    event: str = ""
    documentation: str = ""
    parent: str = ""  # the subprocess around it
    properties: Mapping[str, str] | None = None
    decision: str = ""  # what a business rule task asks for


@dataclass(slots=True)
class Bundle:
    """What was read from a set of files, and everything that was found wrong with it."""

    processes: dict[str, Container]
    models: dict[str, decisions.DecisionModel]
    forms: set[str]
    findings: Findings
    build: Build


def read_bundle(files: Mapping[str, bytes]) -> Bundle:
    """Read, build and find fault; raises nothing."""
    findings = Findings()
    processes: dict[str, Container] = {}
    models: dict[str, decisions.DecisionModel] = {}
    forms: set[str] = set()
    for file, data in sorted(files.items()):
        if file.endswith(".dmn"):
            _read_decisions(file, data, models, findings)
        elif file.endswith(".form"):
            _read_form(file, data, forms, findings)
        elif file.endswith(".bpmn"):
            for process in Reader(file, findings).read(data):
                if process.id in processes:
                    findings.add("duplicate_process", file, process.id, process.name, detail=process.id)
                processes[process.id] = process
    check_calls(processes, findings)
    build = Build(processes, Known(forms, set(models)), findings)
    build.run()
    return Bundle(processes, models, forms, findings, build)


@lru_cache(maxsize=64)
def _decisions_of(data: bytes) -> decisions.DecisionModel:
    """A file that versions of a family share is read once; a model holds nothing that changes."""
    return decisions.parse(data)


def _read_decisions(file: str, data: bytes, models: dict[str, decisions.DecisionModel], findings: Findings) -> None:
    try:
        model = _decisions_of(data)
    except EngineError as error:
        findings.add("bad_decision_file", file, detail=str(error)[:300])
        return
    for decision_id in model.decisions:
        if decision_id in models:
            findings.add("duplicate_decision", file, decision_id, detail=decision_id)
        models[decision_id] = model


def _read_form(file: str, data: bytes, forms: set[str], findings: Findings) -> None:
    try:
        form = json.loads(data)
        forms.add(str(form["id"]))
        for key in _personal_facts(form):
            findings.add("personal_fact", file, str(form["id"]), detail=key)
    except (ValueError, RecursionError) as error:
        detail = "no JSON" if isinstance(error, ValueError) else "nested too deep"
        findings.add("bad_form_file", file, detail=detail)
    except (KeyError, TypeError, AttributeError):
        findings.add("bad_form_file", file, detail="no id, or components that are none")


def _personal_facts(component: Mapping[str, Any]) -> Iterator[str]:
    """Keys of fields that would put something personal into the process."""
    properties = component.get("properties") or {}
    if properties.get("fact") == "true" and properties.get("personal") == "true":
        yield str(component.get("key", ""))
    for inner in component.get("components") or ():
        yield from _personal_facts(inner)


class Definition:
    """Immutable and shared by all instances and threads."""

    _cache: ClassVar[OrderedDict[str, "Definition"]] = OrderedDict()

    def __init__(self, hash_: str, bundle: Bundle) -> None:
        self.hash = hash_
        self.specs: dict[str, ProcessSpec] = bundle.build.specs
        self.processes: tuple[str, ...] = tuple(bundle.processes)
        self.problems: tuple[Finding, ...] = tuple(bundle.findings)
        self.forms: frozenset[str] = frozenset(bundle.build.forms)
        self.operations: frozenset[str] = frozenset(bundle.build.operations)
        self.message_starts: dict[str, str] = {
            message: process_id for process_id in self.processes for message in self.specs[process_id].message_starts
        }
        self._elements: dict[str, list[ElementInfo]] = {}
        self.timer_starts: tuple[TimerStart, ...] = tuple(self._timer_starts())
        self.signal_starts: tuple[tuple[str, str, str], ...] = tuple(
            (element.trigger.name, process_id, id_)
            for process_id in self.processes
            for id_, element in self.specs[process_id].other_starts.items()
            if element.trigger.kind == "signal"
        )
        self._containers = bundle.processes
        self._models = bundle.models

    @classmethod
    def compile(cls, files: Mapping[str, bytes]) -> "Definition":
        """The definition of these files (name -> content), or InvalidDefinition with a sentence for each problem."""
        key = content_hash(files)
        known = cls._cache.get(key)
        if known is not None:
            cls._cache.move_to_end(key)
            return known
        bundle = read_bundle(files)
        errors = bundle.findings.errors()
        if errors:
            raise InvalidDefinition([str(finding) for finding in errors])
        definition = cls._cache[key] = cls(key, bundle)
        while len(cls._cache) > _KEPT:
            cls._cache.popitem(last=False)
        return definition

    # -- what the diagrams say ----------------------------------------------------------------------------------------

    def name(self, process_id: str) -> tuple[str, str]:
        """The name of the process and its English name."""
        container = self._container(process_id)
        return container.name, container.properties.get("label:en", "")

    def file_of(self, process_id: str) -> str:
        """The file that draws the process."""
        return self._container(process_id).file

    def version_tag(self, process_id: str) -> str:
        """The version tag that the analyst gave the process."""
        return self._container(process_id).version_tag

    def elements(self, process_id: str) -> list[ElementInfo]:
        """All flow elements of the process, also those inside its subprocesses."""
        if process_id not in self._elements:
            self._elements[process_id] = [
                _info(node, part.id if part.parent else "")
                for part in self._container(process_id).walk()
                for node in part.nodes.values()
            ]
        return list(self._elements[process_id])

    def flow_ids(self, process_id: str) -> list[str]:
        """All sequence flows of the process, also those inside its subprocesses (for coverage)."""
        return [flow for part in self._container(process_id).walk() for flow in part.flows]

    def source_of(self, process_id: str, flow_id: str) -> tuple[str, tuple[str, str]]:
        """The element that a sequence flow leaves, and what the flow is called, also in English; empty for a flow that
        is not there."""
        for part in self._container(process_id).walk():
            if flow_id in part.flows:
                flow = part.flows[flow_id]
                return flow.source, (flow.name, flow.name_en)
        return "", ("", "")

    def around(self, process_id: str, element_id: str) -> tuple[list[ElementInfo], list[ElementInfo]]:
        """The elements from which sequence flows lead to an element, and those to which they lead from it."""
        for part in self._container(process_id).walk():
            if node := part.nodes.get(element_id):
                parent = part.id if part.parent else ""
                before = [_info(part.nodes[flow.source], parent) for flow in node.incoming]
                return before, [_info(part.nodes[flow.target], parent) for flow in node.outgoing]
        return [], []

    def _container(self, process_id: str) -> Container:
        try:
            return self._containers[process_id]
        except KeyError:
            raise ProcessNotFound(f"There is no process {process_id!r}.") from None

    def _timer_starts(self) -> Iterator[TimerStart]:
        for process_id in self.processes:
            for id_, element in self.specs[process_id].other_starts.items():
                if isinstance(element.trigger, Timer):
                    yield TimerStart(process_id, id_, element.properties.get("region", ""), element.trigger.rule)

    # -- what runs ----------------------------------------------------------------------------------------------------

    def start_of(self, process_id: str, message: str | None, event: str | None) -> tuple[ProcessSpec, Element]:
        """The specification and start event for a start by a message, by the timer or signal `event`, or by hand."""
        spec = self.specs.get(process_id)
        if spec is None or process_id not in self.processes:
            raise ProcessNotFound(f"There is no process {process_id!r}.")
        start: Element | None = spec.none_start
        if message is not None:
            start = spec.message_starts.get(message)
        elif event is not None:
            start = spec.other_starts.get(event)
        if start is None:
            raise ProcessNotFound(f"Process {process_id!r} does not start with {message or event or 'no message'!r}.")
        return spec, start

    def decide(self, decision_id: str, variables: Mapping[str, Any], turn: "Turn", element: Element | None) -> Any:
        """Evaluate a bundled decision and record why it came out as it did."""
        model = self._models.get(decision_id)
        if model is None:
            raise Fault("decision_missing", f"There is no decision {decision_id!r}.")
        evaluation = model.evaluate(decision_id, variables, turn.env)
        if element is not None:
            traces = [trace.as_json() for trace in evaluation.traces]
            detail = {"decision": decision_id, "value": feel.to_plain(evaluation.value), "traces": traces}
            if not any(trace["tables"] for trace in traces):  # a table tells its inputs itself
                names = sorted(names_of_decision(model.program.model, decision_id))
                detail["values"] = {name: feel.to_plain(variables[name]) for name in names if name in variables}
            turn.step("decided", element, detail)
        return evaluation.value


def _info(node: Node, parent: str) -> ElementInfo:
    decision = node.zeebe.get("calledDecision", {}).get("decisionId", "")
    about = (node.name, node.name_en, node.lane, node.event, node.documentation, parent, node.properties, decision)
    return ElementInfo(node.id, node.tag, *about)


def content_hash(files: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> str:
    """The name of this content: same files, same dialect, same hash."""
    digest = hashlib.sha256(DIALECT)
    for name, data in sorted(dict(files).items()):
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()
