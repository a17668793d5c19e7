"""The net behind a drawn process: where tokens lie, and every way in which a marking can go on."""

from itertools import chain, combinations

from engine.bpmn.nodes import Container, FlowNode, Node
from engine.bpmn.ways import closure, in_order, turned, ways_of

Place = tuple[int, str]  # (how far the element lies from the start, element or, before a join, flow)
Marking = tuple[Place, ...]  # sorted; a place that holds two tokens is there twice
Move = tuple[str, Marking, set[str]]  # who moved, the marking then, the elements that got a token

_JOINING = {"parallelGateway", "inclusiveGateway"}
_CHOOSING = {"exclusiveGateway", "eventBasedGateway"}
_CHOICES = 5  # conditions of one element of which every combination is tried; of more: each, each pair, all


class Net:
    """Elements as transitions, and before each join one place for each way in."""

    def __init__(self, container: Container) -> None:
        self.nodes = container.nodes
        self.flows = container.flows
        self.ways = ways_of(container)
        self.ranks = {id_: rank for rank, id_ in enumerate(in_order(self.ways))}
        self.additions = [node.id for node in self.nodes.values() if _adds(node)]
        self.starts = [node.id for node in self.nodes.values() if node.tag == "startEvent"]
        self.reached = closure([*self.starts, *self.additions], self.ways)
        self.joins = {id_: node.incoming for id_, node in self.nodes.items() if _joins(node)}
        self._catching = self._interrupting()
        self._back = turned(self.ways)
        self._feeding: dict[str, dict[str, set[str]]] = {}
        self._ends_all = _caught_outside(container)

    # -- places -------------------------------------------------------------------------------------------------------

    def place_in(self, id_: str) -> Place:
        """Where a token in the element lies."""
        return self.ranks[id_], id_

    def element_of(self, place: Place) -> str:
        """The element that a token lies in or waits before."""
        return place[1] if place[1] in self.nodes else self.flows[place[1]].target

    def works(self, id_: str) -> bool:
        """Whether something happens in the element, so that twice is not the same as once."""
        return not self.nodes[id_].tag.endswith("Gateway") or self.splits(id_)

    def splits(self, id_: str) -> bool:
        """Whether one token can become several here."""
        node = self.nodes[id_]
        return len(node.outgoing) > 1 and node.tag not in _CHOOSING

    def _interrupting(self) -> dict[str, list[str]]:
        """For each activity the events that may end it."""
        found: dict[str, list[str]] = {id_: [] for id_ in self.nodes}
        for node in self.nodes.values():
            host = node.attributes.get("attachedToRef", "")
            if node.tag == "boundaryEvent" and host in found and not _adds(node) and node.event != "compensation":
                found[host].append(node.id)
        return found

    def _feeds(self, join: str) -> dict[str, set[str]]:
        """For each element the ways into `join` that a token in it can reach without passing the join."""
        if join not in self._feeding:
            found = self._feeding[join] = {}
            for flow in self.joins[join]:
                for id_ in closure([flow.source], self._back, avoid=join):
                    found.setdefault(id_, set()).add(flow.id)
        return self._feeding[join]

    def _is_patient(self, join: str) -> bool:
        """Whether the join waits only for what may still come."""
        return self.nodes[join].tag == "inclusiveGateway"

    # -- moves --------------------------------------------------------------------------------------------------------

    def moves(self, marking: Marking) -> list[Move]:
        """Every way on of the token that has come least far; empty when none can move."""
        late: Place | None = None
        patient: Place | None = None
        for place in marking:
            id_ = self.element_of(place)
            if id_ in self.joins:
                if self._ready(id_, marking):
                    return self._join(id_, marking)
                if self._is_patient(id_):
                    patient = patient or place
            elif self._clears(id_):
                late = late or place
            else:
                return self._leave(place, marking)
        if patient is not None:
            return self._join(self.element_of(patient), marking)
        return [(late[1], (), set())] if late is not None else []

    def _ready(self, id_: str, marking: Marking) -> bool:
        held = {flow.id for flow in self.joins[id_] if (self.ranks[id_], flow.id) in marking}
        if not self._is_patient(id_):
            return len(held) == len(self.joins[id_])
        feeding = self._feeds(id_)
        for place in marking:
            coming = feeding.get(self.element_of(place), set()) if self.element_of(place) != id_ else set()
            if coming - held and not coming & held:
                return False
        return True

    def _join(self, id_: str, marking: Marking) -> list[Move]:
        left = list(marking)
        for flow in self.joins[id_]:
            place = (self.ranks[id_], flow.id)
            if place in left:
                left.remove(place)
        return [self._move(id_, left, taken) for taken in self._ways_out(self.nodes[id_])]

    def _leave(self, place: Place, marking: Marking) -> list[Move]:
        left = list(marking)
        left.remove(place)
        node = self.nodes[place[1]]
        if node.event == "link" and node.tag == "intermediateThrowEvent":
            return [self._arrive(node.id, left, self.ways[node.id])]
        found = [self._move(node.id, left, taken) for taken in self._ways_out(node)]
        return found + [self._arrive(node.id, left, [caught]) for caught in self._catching[node.id]]

    def _move(self, id_: str, left: list[Place], taken: tuple[FlowNode, ...]) -> Move:
        places = [(self.ranks[flow.target], flow.id) for flow in taken if flow.target in self.joins]
        entered = [flow.target for flow in taken]
        element, marking, seen = self._arrive(id_, left + places, [to for to in entered if to not in self.joins])
        return element, marking, seen | set(entered)

    def _arrive(self, id_: str, left: list[Place], entered: list[str]) -> Move:
        """Tokens come into these elements; what nothing leaves, and what ends no more than itself, is over at once."""
        staying = [to for to in entered if self.nodes[to].outgoing or self.ways[to] or self._clears(to)]
        marking = sorted(left + [self.place_in(to) for to in staying])
        return id_, tuple(_at_most_two(marking)), set(entered)

    def _clears(self, id_: str) -> bool:
        """Whether a token here takes all others away."""
        node = self.nodes[id_]
        if node.tag != "endEvent":
            return False
        return node.event in {"error", "terminate"} or (node.event == "escalation" and self._ends_all)

    def _ways_out(self, node: Node) -> list[tuple[FlowNode, ...]]:
        """The sets of flows of which one is taken."""
        if node.tag in _CHOOSING:
            return [(flow,) for flow in node.outgoing]
        default = node.attributes.get("default")
        chosen = [flow for flow in node.outgoing if flow.condition is not None and flow.id != default]
        always = tuple(flow for flow in node.outgoing if flow.condition is None and flow.id != default)
        otherwise = tuple(flow for flow in node.outgoing if flow.id == default)
        if not chosen:
            return [always + otherwise]
        sizes = range(1, len(chosen) + 1) if len(chosen) <= _CHOICES else (1, 2, len(chosen))
        some = [always + taken for taken in chain.from_iterable(combinations(chosen, size) for size in sizes)]
        return some + ([always + otherwise] if always or otherwise else [])


def _at_most_two(marking: list[Place]) -> list[Place]:
    """Two tokens in a place stand for any number of them."""
    return [place for place, same in zip(marking, [None, None, *marking], strict=False) if place != same]


def _adds(node: Node) -> bool:
    """An event that lets its activity go on and adds a token."""
    return node.tag == "boundaryEvent" and node.event not in {"error", "compensation"} and not node.flag(
        "cancelActivity", default=True
    )  # fmt: skip


def _joins(node: Node) -> bool:
    return node.tag in _JOINING and len(node.incoming) > 1


def _caught_outside(container: Container) -> bool:
    """Whether an escalation that leaves the container, or is heard in it, may end everything inside."""
    heard = container.parent.boundaries(container.id) if container.parent is not None else []
    inside = [
        start
        for node in container.nodes.values()
        if node.body is not None and node.flag("triggeredByEvent")
        for start in node.body.nodes.values()
    ]
    return any(not _adds(node) for node in heard if node.event == "escalation") or any(
        start.event == "escalation" and start.flag("isInterrupting", default=True) for start in inside
    )
