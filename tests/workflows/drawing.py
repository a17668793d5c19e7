"""Reads the picture of a diagram and says what is ugly in it: overlaps, trespassing lines, covered labels."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import Path

from lxml import etree

MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
OD = "{http://www.omg.org/spec/DD/20100524/DI}"
NODES = (
    "Task", "Gateway", "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
    "callActivity", "subProcess",
)  # fmt: skip
LINES = ("sequenceFlow", "association")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the picture."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: "Box", by: float = 1) -> bool:
        """Whether more than an edge is shared."""
        return (
            self.x + by < other.x + other.width
            and other.x + by < self.x + self.width
            and self.y + by < other.y + other.height
            and other.y + by < self.y + self.height
        )

    def holds(self, other: "Box") -> bool:
        """Whether the other lies inside."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def is_hit(self, start: Point, end: Point, margin: float = 1) -> bool:
        """Whether an upright or level line runs through the inside."""
        left, right = sorted((start[0], end[0]))
        upper, lower = sorted((start[1], end[1]))
        inside = Box(self.x + margin, self.y + margin, self.width - 2 * margin, self.height - 2 * margin)
        return (
            left < inside.x + inside.width
            and right > inside.x
            and upper < inside.y + inside.height
            and lower > inside.y
        )


@dataclass
class Drawing:
    """The model's nodes and flows with the boxes and lines that draw them."""

    kinds: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    ends: dict[str, tuple[str, str]] = field(default_factory=dict)
    lanes: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)

    @property
    def nodes(self) -> list[str]:
        """What is drawn with a shape, without pools and lanes."""
        return [one for one, kind in self.kinds.items() if kind.endswith(NODES)]

    def around(self, node: str) -> set[str]:
        """The subprocesses that hold a node."""
        found = set()
        while node in self.parents:
            node = self.parents[node]
            found.add(node)
        return found


def read(path: Path) -> Drawing:
    """A diagram's file."""
    drawing, root = Drawing(), etree.parse(path).getroot()
    for element in root.iter(f"{MODEL}*"):
        name, kind = element.get("id"), etree.QName(element).localname
        if name is None or not (kind.endswith(NODES) or kind in (*LINES, "lane", "participant")):
            continue
        drawing.kinds[name] = kind
        parent = element.getparent()
        if parent is not None and etree.QName(parent).localname == "subProcess":
            drawing.parents[name] = parent.get("id", "")
        if kind == "boundaryEvent":
            drawing.hosts[name] = element.get("attachedToRef", "")
        if kind in LINES:
            drawing.ends[name] = (element.get("sourceRef", ""), element.get("targetRef", ""))
        for reference in element.iterfind(f"{MODEL}flowNodeRef"):
            drawing.lanes[str(reference.text)] = name
    _read_picture(drawing, root)
    return drawing


def _read_picture(drawing: Drawing, root: etree._Element) -> None:
    for shape in root.iter(f"{DI}BPMNShape"):
        drawing.boxes[shape.get("bpmnElement", "")] = _box(shape.find(f"{DC}Bounds"))
    for edge in root.iter(f"{DI}BPMNEdge"):
        points = [(float(one.get("x", 0)), float(one.get("y", 0))) for one in edge.iterfind(f"{OD}waypoint")]
        drawing.lines[edge.get("bpmnElement", "")] = points
    for label in root.iter(f"{DI}BPMNLabel"):
        owner, bounds = label.getparent(), label.find(f"{DC}Bounds")
        if owner is not None and bounds is not None:
            drawing.labels[owner.get("bpmnElement", "")] = _box(bounds)


def _box(bounds: etree._Element | None) -> Box:
    if bounds is None:
        return Box(0, 0, 0, 0)
    return Box(*(float(bounds.get(name, 0)) for name in ("x", "y", "width", "height")))


def missing(drawing: Drawing) -> Iterator[str]:
    """Elements that are not in the picture, and nodes that are outside of their lane or subprocess."""
    for name, kind in drawing.kinds.items():
        if name not in (drawing.lines if kind in LINES else drawing.boxes):
            yield f"{name} is not drawn"
    for name in drawing.nodes:
        home = drawing.parents.get(name) or drawing.lanes.get(name)
        inside = home is None or drawing.boxes[home].holds(drawing.boxes[name])
        if not inside and name not in drawing.hosts and drawing.kinds[name] != "subProcess":
            yield f"{name} stands outside of {home}"


def overlaps(drawing: Drawing) -> Iterator[str]:
    """Shapes on top of each other: only a boundary event may touch its host, and a subprocess holds its content."""
    for one, other in combinations(drawing.nodes, 2):
        related = other in drawing.around(one) or one in drawing.around(other)
        attached = drawing.hosts.get(one) == other or drawing.hosts.get(other) == one
        inherited = {drawing.hosts.get(one), drawing.hosts.get(other)} & (drawing.around(one) | drawing.around(other))
        if related or attached or inherited:
            continue
        if drawing.boxes[one].overlaps(drawing.boxes[other]):
            yield f"{one} overlaps {other}"


def trespasses(drawing: Drawing) -> Iterator[str]:
    """Lines through shapes that they do not belong to."""
    for name, points in drawing.lines.items():
        own = {part for end in drawing.ends[name] for part in (end, drawing.hosts.get(end, end), *drawing.around(end))}
        for node in drawing.nodes:
            box = drawing.boxes[node]
            if node not in own and any(box.is_hit(start, end) for start, end in pairwise(points)):
                yield f"{name} runs through {node}"


def crossings(drawing: Drawing) -> Iterator[str]:
    """Lines that cross each other."""
    for one, other in combinations(drawing.lines, 2):
        parts = ((a, b) for a in pairwise(drawing.lines[one]) for b in pairwise(drawing.lines[other]))
        if any(_crosses(*a, *b) for a, b in parts):
            yield f"{one} crosses {other}"


def _crosses(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether a level and an upright line cross, each within its length."""
    if (a[1] == b[1]) == (c[1] == d[1]):
        return False
    (left, right), (upper, lower) = ((a, b), (c, d)) if a[1] == b[1] else ((c, d), (a, b))
    return min(left[0], right[0]) < upper[0] < max(left[0], right[0]) and min(upper[1], lower[1]) < left[1] < max(
        upper[1], lower[1]
    )


def covered(drawing: Drawing) -> Iterator[str]:
    """Labels that lie on each other, on another's shape or under a line."""
    for one, other in combinations(drawing.labels, 2):
        if drawing.labels[one].overlaps(drawing.labels[other]):
            yield f"the labels of {one} and {other} overlap"
    shapes = [node for node in drawing.nodes if drawing.kinds[node] != "subProcess"]
    for name, box in drawing.labels.items():
        hidden = (one for one in shapes if one != name and box.overlaps(drawing.boxes[one]))
        yield from (f"the label of {name} lies on {one}" for one in hidden)
        for line, points in drawing.lines.items():
            if any(box.is_hit(start, end, 2) for start, end in pairwise(points)):
                yield f"{line} runs through the label of {name}"
