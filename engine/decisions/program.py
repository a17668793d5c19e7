"""A decision model ready to run: `parse`, `DecisionModel.evaluate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine.decisions import emitters  # noqa: F401 — registers the closures of DMN's own nodes
from engine.decisions import model as m
from engine.decisions.evaluate import ServiceFunction, Session
from engine.decisions.read import Imported, ModelReader, read_model
from engine.decisions.trace import Trace
from engine.decisions.xml import children
from engine.errors import InvalidDefinition, NotFound
from engine.feel.emit import emit
from engine.feel.environment import Environment
from engine.feel.frame import Run
from engine.feel.values import Function

Target = tuple["Program", str, str | None]


class Program:
    """One file, compiled, and the programs it imports by namespace."""

    def __init__(self, model: m.Model, imported: Mapping[str, Program]) -> None:
        self.model = model
        self.imported = imported
        self.logic: dict[str, Run] = {}
        self.declared = frozenset(each.name for each in model.elements.values())
        for element in model.elements.values():
            if isinstance(element, m.Decision | m.Knowledge) and element.logic is not None:
                self.logic[element.id] = emit(element.logic)

    def resolve(self, href: str) -> Target | None:
        """Where an href leads: the program, the id, and the name of the import (None inside the file)."""
        namespace, _, element_id = href.rpartition("#")
        if not namespace or namespace == self.model.namespace:
            return (self, element_id, None) if element_id in self.model.elements else None
        other = self.imported.get(namespace)
        if other is None or element_id not in other.model.elements:
            return None
        name = next((each.name for each in self.model.imports if each.namespace == namespace), "")
        return other, element_id, name or None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A result and why: the traces of all decisions that ran, in order."""

    value: Any
    traces: list[Trace]


class DecisionModel:
    """A DMN file that can be asked."""

    def __init__(self, program: Program) -> None:
        self.program = program
        elements = program.model.elements.values()
        self.id, self.name = program.model.id, program.model.name
        self.decisions = [each.id for each in elements if isinstance(each, m.Decision)]
        self.services = [each.id for each in elements if isinstance(each, m.Service)]
        self.problems = list(program.model.problems)

    def find(self, reference: str) -> m.Element:
        """An element by id, else by name. Raises NotFound."""
        elements = self.program.model.elements
        if reference in elements:
            return elements[reference]
        for element in elements.values():
            if element.name == reference:
                return element
        raise NotFound(f"There is no decision {reference}.")

    def tables(self) -> list[m.Table]:
        """All decision tables that are the logic of a decision or of a business knowledge model."""
        return [table for element in self.program.model.elements.values() for table in _tables(element)]

    def evaluate(
        self, decision_id: str, variables: Mapping[str, Any], env: Environment, *, lenient: bool = False
    ) -> Evaluation:
        """The value of a decision, decision service or knowledge model (by id or name) for inputs by name.

        Raises DecisionError where a table has no lawful result (`lenient`: null and a warning instead),
        FeelBudgetError, and NotFound for an unknown decision.
        """
        element = self.find(decision_id)
        session = Session(env, variables, lenient)
        if isinstance(element, m.Service):
            function = ServiceFunction(session, self.program, element)
            outputs = session.within_budget(element.id, lambda: function.outputs(variables))
            value = next(iter(outputs.values())) if len(outputs) == 1 else outputs
            return Evaluation(value, session.traces)
        value = session.within_budget(element.id, lambda: _asked(session, self.program, element, variables))
        return Evaluation(value, session.traces)

    def evaluate_service(
        self, reference: str, variables: Mapping[str, Any], env: Environment, *, lenient: bool = False
    ) -> dict[str, Any]:
        """All outputs of a decision service by name."""
        element = self.find(reference)
        if not isinstance(element, m.Service):
            raise NotFound(f"There is no decision service {reference}.")
        session = Session(env, variables, lenient)
        function = ServiceFunction(session, self.program, element)
        return dict(session.within_budget(element.id, lambda: function.outputs(variables)))


def _asked(session: Session, program: Program, element: m.Element, variables: Mapping[str, Any]) -> Any:
    """The value of an element; a knowledge model is called with the variables that are its parameters."""
    value = session.value(program, element.id)
    if isinstance(element, m.Knowledge) and isinstance(value, Function):
        return value.call_named(session.env, {name: variables[name] for name in value.params if name in variables})
    return value


def _tables(element: m.Element) -> list[m.Table]:
    logic = element.logic if isinstance(element, m.Decision | m.Knowledge) else None
    while isinstance(logic, m.Typed):
        logic = logic.value
    return [logic] if isinstance(logic, m.Table) else []


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
