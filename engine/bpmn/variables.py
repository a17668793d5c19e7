"""Variables that an expression reads although nothing sets them before: a misspelt name, a fact that no form asks."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine import decisions
from engine.bpmn.findings import Findings
from engine.bpmn.nodes import Container, Node
from engine.bpmn.operations import RESULTS
from engine.bpmn.order import Order, event_driven
from engine.bpmn.reader import Reader
from engine.bpmn.uses import CAUGHT, THROWS, Use, base, loop_names, names_of_decision, sets_of, uses_of

EVERYTHING = "*"  # set by what may set any variable
KNOWN = frozenset(
    {"case_id", "case_no", "region", "village_code", "opened_on", "has_nik", "client_age"}
)  # every case has them
_OF_OPERATIONS = frozenset[str]().union(*RESULTS.values())
_MAYBE = {"receiveTask", "intermediateCatchEvent", "boundaryEvent", "startEvent"}


class Variables:
    """What the processes of a bundle read and set."""

    def __init__(
        self,
        processes: Mapping[str, Container],
        models: Mapping[str, decisions.DecisionModel],
        forms: Mapping[str, set[str]],
        known: Iterable[str],
        callers: Iterable[Container] = (),
    ) -> None:
        self.processes = processes
        self.models = models
        self.forms = forms
        self.known = set(known)
        self.given: dict[str, set[str]] = defaultdict(set)  # process -> what calls hand in
        self.sent: dict[str, set[str]] = defaultdict(set)  # message -> what throwing elements hand on
        self.thrown: set[str] = set()
        for node in _nodes([*processes.values(), *callers]):
            called = node.zeebe.get("calledElement", {}).get("processId", "")
            if called:
                self.given[called] |= {base(target) for _, target in node.inputs} | loop_names(node)
            if node.tag in THROWS:
                handed = {base(target) for _, target in node.inputs}
                self.thrown |= handed
                for event in node.events:
                    self.sent[event.name] |= handed

    def check(self, process: Container, findings: Findings) -> None:
        """Report each element and name once."""
        order, setters = Order(process), self._setters(process)
        start = self.given.get(process.id, set()) | (self.known if process.id not in self.given else set())
        for container in process.walk():
            around = self._around(container)
            for node in container.nodes.values():
                self._check_node(node, start | around | self._beside(container, node), order, setters, findings)

    def _check_node(
        self, node: Node, there: set[str], order: Order, setters: Mapping[str, set[str]], findings: Findings
    ) -> None:
        results = self._results(node)
        told: set[str] = set()
        for use in (*uses_of(node), *self._decision_uses(node)):
            if {use.name, EVERYTHING} & there or use.name in told or (use.after and ({use.name, EVERYTHING} & results)):
                continue
            writers = setters.get(use.name, set()) | setters.get(EVERYTHING, set())
            if not (writers if use.optional else order.may_come_before(writers, node.id)):
                told.add(use.name)
                findings.add("never_set", node.file, node.id, node.name, detail=use.name, what=use.what)

    # -- what is set --------------------------------------------------------------------------------------------------

    def _setters(self, process: Container) -> dict[str, set[str]]:
        """Variable -> the elements that may set it."""
        found: dict[str, set[str]] = defaultdict(set)
        for container in process.walk():
            for node in container.nodes.values():
                own = node.tag == "startEvent" and event_driven(container)
                for name in sets_of(node, () if own else self._results(node)):
                    found[name].add(node.id)
        return found

    def _results(self, node: Node) -> set[str]:
        """What comes into an element from outside."""
        form = node.zeebe.get("formDefinition", {}).get("formId")
        if node.tag == "userTask":
            return self.forms.get(form or "", set())
        if node.zeebe.get("calledElement") is not None:
            hands_on = node.zeebe["calledElement"].get("propagateAllChildVariables") == "true"
            return {EVERYTHING} if hands_on or node.outputs else set()
        if "taskDefinition" in node.zeebe:
            known = RESULTS.get(node.zeebe["taskDefinition"].get("type", ""))
            return {EVERYTHING} if known is None else set(known)
        made = node.zeebe.get("script", node.zeebe.get("calledDecision", {})).get("resultVariable")
        if made:
            return {made}
        if node.tag not in _MAYBE or not node.events:
            return set()
        if node.event == "message":
            name = node.events[0].name
            return self.forms.get(name, set()) | self.sent.get(name, set()) or {EVERYTHING}
        return CAUGHT | _OF_OPERATIONS | self.thrown if node.event in {"error", "escalation"} else set()

    def _around(self, container: Container) -> set[str]:
        """Names that the subprocesses around own: mappings, multi-instance, the content of what started them."""
        found: set[str] = set()
        while container.parent is not None:
            owner = container.parent.nodes.get(container.id)
            if owner is not None:
                found |= {base(target) for _, target in owner.inputs} | loop_names(owner)
            if event_driven(container):
                starts = (node for node in container.nodes.values() if node.tag == "startEvent")
                found = found.union(*map(self._results, starts))
            container = container.parent
        return found

    def _beside(self, container: Container, node: Node) -> set[str]:
        """A boundary event sees what its activity owns; an instance of many sees its own results."""
        host = container.nodes.get(node.attributes.get("attachedToRef", ""))
        if host is None:
            return set()
        return {base(target) for _, target in host.inputs} | loop_names(host) | self._results(host) - {EVERYTHING}

    def _decision_uses(self, node: Node) -> Iterator[Use]:
        called = node.zeebe.get("calledDecision")
        model = self.models.get((called or {}).get("decisionId", ""))
        if called is None or model is None:
            return
        mapped = {base(target) for _, target in node.inputs} | loop_names(node)
        for name in sorted(names_of_decision(model.program.model, called["decisionId"]) - mapped):
            yield Use(name, "decision")


def callers_in(files: Mapping[str, bytes]) -> list[Container]:
    """The processes of other diagrams; what is wrong with them is not told here."""
    diagrams = {name: body for name, body in files.items() if name.endswith(".bpmn")}
    return [process for name, body in diagrams.items() for process in Reader(name, Findings()).read(body)]


def facts_of(body: bytes) -> tuple[str, set[str]]:
    """The id of a form and the keys that it makes variables."""
    try:
        form = json.loads(body)
        return str(form["id"]), set(_facts(form))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "", set()


def _facts(component: Mapping[str, Any]) -> Iterator[str]:
    inside = [key for inner in component.get("components") or () for key in _facts(inner)]
    is_list = component.get("type") == "dynamiclist"
    if (component.get("properties") or {}).get("fact") == "true" or (is_list and inside):
        yield str(component.get("key", ""))
    if not is_list:
        yield from inside


def _nodes(processes: Iterable[Container]) -> Iterator[Node]:
    for process in processes:
        for container in process.walk():
            yield from container.nodes.values()
