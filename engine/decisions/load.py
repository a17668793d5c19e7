"""From XML to a decision model: `parse` reads a file with what it imports and follows its references."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from engine.decisions import model as m
from engine.decisions.decision_model import DecisionModel
from engine.decisions.program import Program
from engine.decisions.read import Imported, ModelReader, read_model
from engine.decisions.xml import children
from engine.errors import InvalidDefinition


def parse(xml: bytes, library: Sequence[bytes] = (), *, strict: bool = True) -> DecisionModel:
    """The model of a DMN file; `library` holds files it may import.

    Raises InvalidDefinition for what is no DMN, and, when `strict`, for expressions that do not parse, unknown types,
    requirements that lead nowhere or in a circle. Otherwise these become null when met, and `problems` names them.
    """
    loader = Loader(library)
    program = loader.load(xml)
    program.model.problems.extend(_broken_links(program))
    if strict and program.model.problems:
        raise InvalidDefinition(program.model.problems)
    return DecisionModel(program)


class Loader:
    """Compiles a file and, first, the files it imports."""

    def __init__(self, library: Sequence[bytes]) -> None:
        self.files: dict[str, bytes] = {}
        for data in library:
            with suppress(InvalidDefinition):  # a neighbour that is no model is missed only by who imports it
                self.files.setdefault(read_model(data).get("namespace", ""), data)
        self.done: dict[str, tuple[ModelReader, Program]] = {}

    def load(self, xml: bytes) -> Program:
        """The program of a file."""
        return self._load(xml, ())[1]

    def _load(self, xml: bytes, path: tuple[str, ...]) -> tuple[ModelReader, Program]:
        root = read_model(xml)
        namespace = root.get("namespace", "")
        if namespace in self.done:
            return self.done[namespace]
        imported = Imported()
        programs: dict[str, Program] = {}
        problems: list[str] = []
        for each in children(root, "import"):
            wanted, name = each.get("namespace", ""), each.get("name", "")
            if "DMN" not in each.get("importType", "DMN").upper():
                continue
            if wanted not in self.files or wanted in (*path, namespace):
                problems.append(f"The import {name} ({wanted}) is missing or leads in a circle.")
                continue
            reader, programs[wanted] = self._load(self.files[wanted], (*path, namespace))
            imported.add(name, wanted, reader)
        reader = ModelReader(root, imported)
        model = reader.read()
        model.problems.extend(problems)
        self.done[namespace] = (reader, Program(model, programs))
        return self.done[namespace]


def _broken_links(program: Program) -> list[str]:
    """Requirements that lead nowhere, and circles of them."""
    problems = []
    elements = program.model.elements
    for element in elements.values():
        links = element.requires + (element.outputs if isinstance(element, m.Service) else [])
        problems += [
            f"{element.name} ({element.id}): {href} leads nowhere." for href in links if not program.resolve(href)
        ]
    finished: set[str] = set()
    for start in elements:
        trail = _circle(elements, start, finished)
        if trail:
            problems.append("Requirements lead in a circle: " + " → ".join(elements[each].name for each in trail))
    return problems


def _circle(elements: Mapping[str, m.Element], start: str, finished: set[str]) -> list[str]:
    """The first circle of required decisions met from `start`."""
    trail: list[str] = []
    pending: list[tuple[str, bool]] = [(start, True)]
    while pending:
        current, entering = pending.pop()
        if not entering:
            trail.pop()
            finished.add(current)
            continue
        if current in trail:
            return [*trail[trail.index(current) :], current]
        if current in finished or not isinstance(elements.get(current), m.Decision):
            continue
        trail.append(current)
        pending.append((current, False))
        pending += [(href.rpartition("#")[2], True) for href in elements[current].requires if href.startswith("#")]
    return []
