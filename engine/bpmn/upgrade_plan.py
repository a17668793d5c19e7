"""How two versions of a bundle correspond: elements of the same id and kind, or what a plan says by hand."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.definition import Definition
from engine.bpmn.dialect.base import Element
from engine.bpmn.dialect.multi_instance import MultiInstance
from engine.bpmn.spec import ProcessSpec

Place = tuple[str, str]  # process id, id of an element or sequence flow


@dataclass(frozen=True, slots=True)
class Plan:
    """What a migration is told by hand. An id that two processes share is written `process/id`.

    `rename`: old -> new id of elements and sequence flows; `remove`: what the new version no longer has: its wait ends;
    `processes`: old -> new id of processes.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    remove: frozenset[str] = frozenset()
    processes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why something cannot be migrated. `code` is stable; `detail` names ids and codes only."""

    code: str
    process_id: str
    element_id: str
    detail: str = ""


class InTheWay(Exception):
    """Raised inside this package where an obstacle is met."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.code)
        self.obstacle = obstacle


class Correspondence:
    """Which element, flow and process of `new` stands for one of `old`. `obstacles`: what is wrong with the plan."""

    def __init__(self, old: Definition, new: Definition, plan: Plan) -> None:
        self.old, self.new, self.plan = old, new, plan
        self._ids = {process: _ids(old, process) for process in old.processes}
        self._new_ids = {process: _ids(new, process) for process in new.processes}
        self._renamed: dict[Place, str] = {}
        self._removed: set[Place] = set()
        self.obstacles = tuple(self._read())

    # -- the plan -----------------------------------------------------------------------------------------------------

    def _read(self) -> Iterator[Obstacle]:
        for known, unknown in self.plan.processes.items():
            if known not in self.old.processes:
                yield Obstacle("unknown_process", known, "")
            if unknown not in self.new.processes:
                yield Obstacle("process_missing", known, "", unknown)
        for written, target in self.plan.rename.items():
            for place in self._places(written):
                self._renamed[place] = target
            yield from self._unknown(written)
        for written in sorted(self.plan.remove):
            self._removed.update(self._places(written))
            yield from self._unknown(written)
        yield from self._renames()
        for place in sorted(self._removed):
            if place in self._renamed or place[1] in self._new_ids.get(self.process(place[0]), ()):
                yield Obstacle("still_there", *place)

    def _places(self, written: str) -> list[Place]:
        process, _, id_ = written.rpartition("/")
        return [(one, id_) for one, ids in self._ids.items() if id_ in ids and process in ("", one)]

    def _unknown(self, written: str) -> Iterator[Obstacle]:
        places = self._places(written)
        process, _, id_ = written.rpartition("/")
        if not places:
            yield Obstacle("unknown_element", process, id_)
        elif len(places) > 1:
            yield Obstacle("ambiguous", "", id_, ", ".join(process for process, _ in places))

    def _renames(self) -> Iterator[Obstacle]:
        """A new name must be new: onto another element of the old version would be a jump, and so change history."""
        sources: dict[Place, list[str]] = defaultdict(list)
        for (process, id_), target in self._renamed.items():
            sources[self.process(process), target].append(id_)
            if target not in self._new_ids.get(self.process(process), ()):
                yield Obstacle("element_missing", process, id_, target)
            elif target != id_ and target in self._ids[process] and (process, target) not in self._renamed:
                yield Obstacle("jump", process, id_, target)
        for (process, target), ids in sources.items():
            if len(ids) > 1:
                yield Obstacle("jump", process, ", ".join(sorted(ids)), target)

    # -- what stands for what -----------------------------------------------------------------------------------------

    def process(self, process_id: str) -> str:
        """The new id of a process."""
        return self.plan.processes.get(process_id, process_id)

    def id_of(self, process_id: str, id_: str) -> str:
        """The new id of an element or flow."""
        return self._renamed.get((process_id, id_), id_)

    def back(self) -> dict[Place, str]:
        """Where each renamed element or flow came from: its new place -> its old id."""
        return {(self.process(process), new): old for (process, old), new in self._renamed.items()}

    def removes(self, process_id: str, id_: str) -> bool:
        """Whether the plan lets go of this element."""
        return (process_id, id_) in self._removed

    def has(self, process_id: str, id_: str) -> bool:
        """Whether the new version has what stands for this element or flow."""
        return self.id_of(process_id, id_) in self._new_ids.get(self.process(process_id), ())

    def spec(self, spec: ProcessSpec) -> ProcessSpec:
        """The process or subprocess that stands for `spec`. Raises InTheWay."""
        process, container = self.process(spec.process_id), spec.container_id
        if process not in self.new.specs:
            raise InTheWay(Obstacle("process_missing", spec.process_id, ""))
        name = process if container == spec.process_id else f"{process}/{self.id_of(spec.process_id, container)}"
        if name not in self.new.specs:
            raise InTheWay(Obstacle("element_missing", spec.process_id, container))
        return self.new.specs[name]

    def element(self, element: Element) -> Element:
        """The element that stands for `element`. Raises InTheWay."""
        process, id_ = element.process_id, element.element_id
        found = self.find(element)
        if found is None:
            code = "scope_changed" if self.has(process, id_) else "element_missing"
            raise InTheWay(Obstacle(code, process, id_))
        if kind(found) != kind(element):
            raise InTheWay(Obstacle("kind_changed", process, id_, f"{kind(element)} > {kind(found)}"))
        return found

    def find(self, element: Element) -> Element | None:
        """The element of that id in the same scope, whatever its kind; None if there is none. Raises InTheWay."""
        id_ = element.element_id
        suffix = element.name.removeprefix(id_)  # one instance of a multi-instance activity is called `id#`
        found: Element | None = self.spec(element._wf_spec).task_specs.get(self.id_of(element.process_id, id_) + suffix)
        return found

    def flow(self, join: Element, new_join: Element, flow_id: str) -> str:
        """The way into `new_join` that stands for one into `join`: by id, else by the element it comes from.

        Raises InTheWay.
        """
        ways = {flow.id for flow in new_join.arriving}
        wanted = self.id_of(join.process_id, flow_id)
        if wanted in ways or len(ways) <= 1:
            return wanted
        sources = [flow.source for flow in join.arriving if flow.id == flow_id]
        names = {self.id_of(source.process_id, source.element_id) for source in sources}
        alike = [flow.id for flow in new_join.arriving if flow.source.element_id in names]
        if len(alike) != 1:
            raise InTheWay(Obstacle("flow_missing", join.process_id, join.element_id, flow_id))
        return alike[0]


def kind(element: Element) -> str:
    """What must stay the same when a token moves from one version to another."""
    parts = [type(element).__name__]
    trigger: Any = getattr(element, "trigger", None)
    if trigger is not None:
        parts.append(trigger.kind)
        parts += ["cycle"] if getattr(trigger, "form", "") == "timeCycle" else []
    if isinstance(element, MultiInstance):
        parts += ["sequential" if element.sequential else "parallel", kind(element.inner)]
    return " ".join(filter(None, parts))


def _ids(definition: Definition, process_id: str) -> frozenset[str]:
    elements = {element.id for element in definition.elements(process_id)}
    return frozenset(elements.union(definition.flow_ids(process_id)))
