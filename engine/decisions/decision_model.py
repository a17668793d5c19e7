"""A decision model ready to be asked: `DecisionModel.evaluate`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.decisions import model as m
from engine.decisions.evaluate import ServiceFunction, Session
from engine.decisions.program import Program
from engine.decisions.trace import Trace
from engine.errors import NotFound
from engine.feel.environment import Environment
from engine.feel.values import Function


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

    def within(self, namespace: str) -> "DecisionModel":
        """The imported model of this namespace, or this one when there is none."""
        other = self.program.imported.get(namespace)
        return self if other is None else DecisionModel(other)

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
