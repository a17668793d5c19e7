"""Where a token may go in a drawn process: the ways between elements, what they reach, and the order to look in."""

from collections.abc import Collection, Iterable

from engine.bpmn.nodes import Container

Ways = dict[str, list[str]]

_ROUNDS = 50  # how deep loops within loops are put in order; deeper ones are looked at in any order


def ways_of(container: Container) -> Ways:
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


def closure(starts: Iterable[str], ways: Ways, avoid: str = "", within: set[str] | None = None) -> set[str]:
    """Everything that can be reached from `starts`, they included."""
    seen: set[str] = set()
    todo = list(starts)
    while todo:
        id_ = todo.pop()
        if id_ not in seen and id_ != avoid and (within is None or id_ in within):
            seen.add(id_)
            todo += ways.get(id_, ())
    return seen


def turned(ways: Ways) -> Ways:
    """The same ways, walked backwards."""
    back: Ways = {id_: [] for id_ in ways}
    for source, targets in ways.items():
        for target in targets:
            back[target].append(source)
    return back


def components(ways: Ways) -> list[list[str]]:
    """Elements that lie on one loop together, or alone; what leads to another component comes before it."""
    back, left, found = turned(ways), set(ways), []
    for id_ in _finished_last(ways):
        if id_ in left:
            ring = closure([id_], back, within=left)
            left -= ring
            found.append([id_, *(ring - {id_})])
    return found


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


def part(ways: Ways, within: Collection[str]) -> Ways:
    """Only the ways between these elements."""
    inside = set(within)
    return {id_: [target for target in ways[id_] if target in inside] for id_ in within}


def in_order(ways: Ways) -> list[str]:
    """Every element before what it leads to; a loop begins at its head and stays together (Bourdoncle's order)."""
    order: list[str] = []
    entered = {target for targets in ways.values() for target in targets}
    todo = [(sorted(ways, key=entered.__contains__), 0)]
    while todo:
        ids, depth = todo.pop()
        if len(ids) == 1 or depth > _ROUNDS:
            order += ids
            continue
        for ring in reversed(components(part(ways, dict.fromkeys(ids)))):
            if len(ring) > 1:
                next_ones = set(ways[ring[0]])
                todo.append((sorted(ring[1:], key=lambda id_: (id_ not in next_ones, id_)), depth + 1))
            todo.append((ring[:1], depth + 1))
    return order
