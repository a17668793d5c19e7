"""Can a process get stuck, or do a task twice? Decided by walking through all markings of the drawn net, within bounds.

A marking says where tokens are. Only the token that has come least far moves, in every way it can: so one order stands
for all, and tokens that may meet do meet. What timers, people and data decide is open: each choice is tried.
"""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from engine.bpmn.findings import Finding, Findings
from engine.bpmn.net import Marking, Net, Place
from engine.bpmn.nodes import Container
from engine.bpmn.ways import closure

MOST_MARKINGS = 50_000
LONGEST_S = 1.0
_TOLD = 24  # elements of a counter-example that the sentence names

Trail = dict[Marking, tuple[Marking, str] | None]


@dataclass(slots=True)
class Budget:
    """What is left for the diagrams of one check together; time is the processor's, whatever else it does."""

    markings: int = field(default_factory=lambda: MOST_MARKINGS)
    until: float = field(default_factory=lambda: time.thread_time() + LONGEST_S)

    def spend(self) -> bool:
        """Whether one more marking may be looked at."""
        self.markings -= 1
        return self.markings >= 0 and time.thread_time() < self.until


def check_soundness(containers: Iterable[Container], findings: Findings) -> None:
    """Report joins that wait for ever and elements that are reached twice or never."""
    budget = Budget()
    for container in containers:
        if not _Search(container, findings, budget).run():
            findings.add("soundness_unknown", container.file, container.id, container.name)


class _Search:
    """The markings of one process or subprocess."""

    def __init__(self, container: Container, findings: Findings, budget: Budget) -> None:
        self.container = container
        self.findings = findings
        self.budget = budget
        self.net = Net(container)
        self.crowded = False
        self.told: set[str] = set()
        self.seen: set[str] = set()  # elements that a token came to

    def run(self) -> bool:
        """Look from every start and from every event that adds a token; False if the bounds were met."""
        for start in self.net.starts:
            if not self._explore(start, set(self.net.joins)):
                return False
        for event in self.net.additions:
            reached = closure([event], self.net.ways)
            own = {join for join, flows in self.net.joins.items() if all(flow.source in reached for flow in flows)}
            if not self._explore(event, own):
                return False
        if not self.crowded:
            self._never()
        return True

    def _explore(self, start: str, judged: set[str]) -> bool:
        """Walk from one token in `start`. Only the joins in `judged` get all they wait for from there."""
        first: Marking = (self.net.place_in(start),)
        self.seen.add(start)
        trail: Trail = {first: None}
        todo = deque([first])
        while todo:
            marking = todo.popleft()
            if not self.budget.spend():
                return False
            moves = self.net.moves(marking)
            if not moves:
                self._stuck(marking, trail, judged)
            for element, following, entered in moves:
                self.seen.update(entered)
                if following in trail:
                    continue
                trail[following] = (marking, element)
                if not self._crowded(following, trail):
                    todo.append(following)
        return True

    def _stuck(self, marking: Marking, trail: Trail, judged: set[str]) -> None:
        for place in marking:
            join = self.net.element_of(place)
            if join in judged:
                self._tell("deadlock_join", join, marking, trail)

    def _crowded(self, marking: Marking, trail: Trail) -> bool:
        """Whether an element holds two tokens: what happens then is not looked at."""
        crowded = [place for place in _twice(marking) if self.net.works(self.net.element_of(place))]
        for place in crowded:
            self.crowded = True
            if not self._again(marking, trail):
                self._tell("double_token", self.net.element_of(place), marking, trail)
        return bool(crowded)

    def _again(self, marking: Marking, trail: Trail) -> bool:
        """Whether a split ran twice to come here: a loop that leaves something to be done beside it is meant so."""
        splits = [id_ for id_ in _path(marking, trail) if self.net.splits(id_)]
        return len(set(splits)) < len(splits)

    def _never(self) -> None:
        """Elements that no marking reaches although something leads to them; the first ones only."""
        nodes = self.container.nodes
        for id_ in self.net.reached - self.seen:
            before = [flow.source for flow in nodes[id_].incoming if flow.source in self.seen]
            if before:
                node = nodes[id_]
                names = ", ".join(dict.fromkeys(self._named(source) for source in before))
                self.findings.add("never_reached", node.file, node.id, node.name, detail=names)

    def _tell(self, code: str, element: str, marking: Marking, trail: Trail) -> None:
        if element in self.told:
            return
        self.told.add(element)
        path = _path(marking, trail)
        names = [self._named(id_) for id_ in path]
        text = " → ".join(names if len(names) <= _TOLD else ["…", *names[-_TOLD:]])
        node = self.container.nodes[element]
        self.findings.add(code, node.file, node.id, node.name, detail=text, path=" ".join(path))

    def _named(self, id_: str) -> str:
        return self.container.nodes[id_].name or id_


def _twice(marking: Marking) -> list[Place]:
    return [place for place, following in pairwise(marking) if place == following]


def _path(marking: Marking, trail: Trail) -> list[str]:
    """The elements that led to a marking, in order."""
    found: list[str] = []
    step = trail[marking]
    while step is not None:
        found.append(step[1])
        step = trail[step[0]]
    return found[::-1]


def sound(findings: Iterable[Finding]) -> bool:
    """Whether nothing was found that this module looks for."""
    return not {one.code for one in findings} & {"deadlock_join", "double_token", "never_reached", "soundness_unknown"}
