"""A diagram as it was read: processes, elements, flows and their zeebe: extensions; no behaviour yet."""

from collections.abc import Iterator
from dataclasses import dataclass, field

Mapping = tuple[str, str]  # (source expression, target variable)


@dataclass(slots=True)
class EventNode:
    """An event definition: kind is message, timer, conditional, error, escalation, signal, terminate, ..."""

    kind: str
    name: str = ""  # of the message, signal or link
    code: str | None = None  # of the error or escalation
    correlation: str = ""  # the message's subscription correlation key
    timer: Mapping | None = None  # (timeDate | timeDuration | timeCycle, text)
    condition: str = ""
    activity: str | None = None  # compensation: the activity to compensate
    resolved: bool = True  # whether the reference named something that exists


@dataclass(slots=True)
class LoopNode:
    """Multi-instance characteristics."""

    sequential: bool
    collection: str = ""
    element: str = ""
    output_collection: str = ""
    output_element: str = ""
    completion: str = ""
    zeebe: bool = True


@dataclass(slots=True)
class FlowNode:
    """A sequence flow."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None = None
    name_en: str = ""


@dataclass(slots=True)
class Node:
    """A flow element. `zeebe` holds the attributes of its simple extension elements by their local name."""

    id: str
    tag: str
    name: str
    file: str
    attributes: dict[str, str]
    documentation: str = ""
    lane: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    zeebe: dict[str, dict[str, str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    inputs: list[Mapping] = field(default_factory=list)
    outputs: list[Mapping] = field(default_factory=list)
    events: list[EventNode] = field(default_factory=list)
    loop: LoopNode | None = None
    standard_loop: bool = False
    script: bool = False
    incoming: list[FlowNode] = field(default_factory=list)
    outgoing: list[FlowNode] = field(default_factory=list)
    body: "Container | None" = None  # of a subprocess

    @property
    def event(self) -> str:
        """The kind of its one event definition, or ""."""
        return self.events[0].kind if self.events else ""

    @property
    def name_en(self) -> str:
        """The English name (property `label:en`)."""
        return self.properties.get("label:en", "")

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean attribute."""
        return self.attributes.get(name, str(default).lower()) == "true"


@dataclass(slots=True)
class Container:
    """A process or the inside of a subprocess."""

    id: str
    name: str
    process_id: str
    file: str
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, FlowNode] = field(default_factory=dict)
    associations: list[tuple[str, str]] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    version_tag: str = ""
    documentation: str = ""
    parent: "Container | None" = None
    loose: set[str] = field(default_factory=set)  # where flows lead that could not be kept

    def walk(self) -> Iterator["Container"]:
        """This container and those inside it."""
        todo = [self]
        while todo:
            container = todo.pop(0)
            yield container
            todo[0:0] = [node.body for node in container.nodes.values() if node.body]

    def boundaries(self, host: str) -> list[Node]:
        """The boundary events attached to `host`."""
        return [
            node
            for node in self.nodes.values()
            if node.tag == "boundaryEvent" and node.attributes.get("attachedToRef") == host
        ]
