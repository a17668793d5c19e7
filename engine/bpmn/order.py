"""What may happen before what in a whole process, its subprocesses opened."""

from engine.bpmn.nodes import Container, Node
from engine.bpmn.ways import Ways, closure, components, ways_of

_EFFORT = 3_000_000  # steps; in a larger process the order of what is left over is not asked


class Order:
    """The ways of a process with its subprocesses opened: what happens inside is followed by what follows them."""

    def __init__(self, process: Container) -> None:
        self.ways: Ways = {}
        for container in process.walk():
            self._open(container)
        self.effort = _EFFORT
        self._ring = {id_: number for number, ring in enumerate(components(self.ways)) for id_ in ring}
        self._behind: dict[str, set[str]] = {}

    def may_come_before(self, writers: set[str], user: str) -> bool:
        """Whether some writer is not strictly behind the user. What runs beside it may come first."""
        if not writers or self.effort < 0:
            return bool(writers)
        if user not in self._behind:
            self._behind[user] = closure(self.ways.get(user, ()), self.ways)
            self.effort -= len(self._behind[user])
        behind, ring = self._behind[user], self._ring.get(user)
        return any(writer not in behind or self._ring[writer] == ring for writer in writers - {user}) or (
            user in writers & behind
        )

    def _open(self, container: Container) -> None:
        for id_, targets in ways_of(container).items():
            self.ways.setdefault(id_, []).extend(targets)
        for node in container.nodes.values():
            if node.flag("isForCompensation"):
                self._from_everywhere(container, node.id, f"{container.id}#undo")
            if node.body is not None:
                self._open_body(container, node, node.body)

    def _open_body(self, container: Container, node: Node, body: Container) -> None:
        """Whatever is inside may be the last: it leads to what follows, of an event subprocess to everything."""
        out = f"{node.id}#out"
        if node.flag("triggeredByEvent"):
            self._from_everywhere(container, node.id, f"{container.id}#event")
            self.ways[out] = list(container.nodes)
        else:
            self.ways[out] = list(self.ways[node.id])
        self.ways[node.id] += [id_ for id_, inner in body.nodes.items() if inner.tag == "startEvent"]
        for id_ in body.nodes:
            self.ways.setdefault(id_, []).append(out)

    def _from_everywhere(self, container: Container, id_: str, hub: str) -> None:
        """Anything in the container may come before this."""
        if hub not in self.ways:
            self.ways[hub] = []
            for other in container.nodes:
                self.ways.setdefault(other, []).append(hub)
        self.ways[hub].append(id_)


def event_driven(container: Container) -> bool:
    """Whether this is the inside of an event subprocess."""
    owner = container.parent.nodes.get(container.id) if container.parent is not None else None
    return owner is not None and owner.flag("triggeredByEvent")
