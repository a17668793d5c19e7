"""Evaluating decisions over their requirements, business knowledge models and decision services."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.decisions import model as m
from engine.decisions.errors import DecisionError, TableError
from engine.decisions.items import conform, result_of
from engine.decisions.program import Program
from engine.decisions.table import TableRecord
from engine.decisions.trace import Trace, trace_of
from engine.feel.codec import from_python
from engine.feel.compile import charge_result
from engine.feel.environment import Environment
from engine.feel.errors import FeelBudgetError
from engine.feel.external import external_function
from engine.feel.frame import Frame
from engine.feel.types import Type
from engine.feel.values import Function

Path = tuple[str, ...]
Key = tuple[Path, str, str]


class Session:
    """One evaluation: values of elements met so far, by the import names that lead to them, namespace and id.

    `lenient` gives null where a table has no lawful result, as the standard has it, instead of raising.
    """

    def __init__(self, env: Environment, variables: Mapping[str, Any], lenient: bool = False) -> None:
        self.env = env
        self.variables = variables
        self.lenient = lenient
        self.values: dict[Key, Any] = {}
        self.running: list[Key] = []
        self.traces: list[Trace] = []

    def within_budget(self, label: str, run: Callable[[], Any]) -> Any:
        """What `run` answers, within the budget of the environment; `label` names it if the budget ends it."""
        owner = not self.env.active
        if owner:
            self.env.active = True
            self.env.begin()
        try:
            value = run()
            charge_result(value, self.env)
            return value
        except RecursionError:
            raise FeelBudgetError("depth", label) from None
        except FeelBudgetError as error:
            raise FeelBudgetError(error.resource, error.text or label) from None
        finally:
            if owner:
                self.env.active = False

    def value(self, program: Program, element_id: str, path: Path = ()) -> Any:
        """The value of an element: data, a decision, or a function. `path`: names of the imports that led here."""
        key = (path, program.model.namespace, element_id)
        if key not in self.values:
            if key in self.running:
                raise DecisionError(element_id, element_id, "cycle")
            self.running.append(key)
            self.values[key] = self._evaluate(program, program.model.elements[element_id], path)
            self.running.pop()
        return self.values[key]

    def _evaluate(self, program: Program, element: m.Element, path: Path) -> Any:
        if isinstance(element, m.InputData):
            return self.given(element, path)
        if isinstance(element, m.Decision):
            return self._decide(program, element, path)
        if isinstance(element, m.Knowledge):
            return self._knowledge(program, element, path)
        return ServiceFunction(self, program, element) if isinstance(element, m.Service) else None

    def given(self, element: m.Element, path: Path = ()) -> Any:
        """What the caller gave for input data (or an input decision), checked against its type.

        Data of an imported model is looked for in a context of the import's name first.
        """
        found: Any = self.variables
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        inside = isinstance(found, Mapping) and element.name in found
        value = from_python(found[element.name] if inside else self.variables.get(element.name))
        return None if value is None else _conform(value, element, self.env)

    def scope(self, program: Program, element: m.Element, path: Path) -> dict[str, Any]:
        """The required elements by name; those of an imported model inside a context of the import's name."""
        found: dict[str, Any] = {}
        for href in element.requires:
            target = program.resolve(href)
            if target is None:
                continue
            owner, element_id, import_name = target
            inner = path if import_name is None else (*path, import_name)
            name, value = owner.model.elements[element_id].name, self.value(owner, element_id, inner)
            (found if import_name is None else found.setdefault(import_name, {}))[name] = value
        return found

    def _decide(self, program: Program, element: m.Decision, path: Path) -> Any:
        logic = program.logic.get(element.id)
        if logic is None:
            self.env.warn(f"{element.name}: the decision has no logic")
            return None
        frame = Frame(self.scope(program, element, path), self.env, Frame(self._undeclared(program), self.env))
        outer = self.env.trace
        records: list[TableRecord] = []
        self.env.trace = records
        try:
            value = _conform(logic(frame), element, self.env)
        except TableError as problem:
            if not self.lenient:
                detail = (problem.reason, problem.rules, problem.detail)
                raise DecisionError(element.id, element.name, *detail) from None
            self.env.warn(f"{element.name}: {problem}")
            value = None
        finally:
            self.env.trace = outer
        self._trace(element, records, value)
        return value

    def _undeclared(self, program: Program) -> Mapping[str, Any]:
        """The caller's variables that the model does not declare: a decision sees declared ones only if it asks."""
        names = program.declared
        if names.isdisjoint(self.variables):
            return self.variables
        return {name: value for name, value in self.variables.items() if name not in names}

    def _trace(self, element: m.Decision, records: list[TableRecord], value: Any) -> None:
        self.traces.append(trace_of(element, records, value))

    def _knowledge(self, program: Program, element: m.Knowledge, path: Path) -> Function | None:
        logic = program.logic.get(element.id)
        scope: dict[str, Any] = {}
        frame = Frame(scope, self.env)
        if element.external and logic is not None:
            return external_function([each.name for each in element.params], {"java": logic(frame)}, self.env)
        made = KnowledgeFunction(element, logic, frame)
        scope[element.name] = made  # it may call itself
        scope |= self.scope(program, element, path)
        return made


def _conform(value: Any, element: m.Element, env: Environment) -> Any:
    wanted = element.type
    if wanted is None or wanted.resolved is None:
        return value
    if isinstance(value, Function) or not isinstance(wanted.resolved, Type):
        return value
    called = isinstance(element, m.Knowledge | m.Service)
    kind = result_of(wanted.resolved) if called else wanted.resolved
    return value if kind is None else conform(value, kind, env, element.name)


def _arguments(
    params: Sequence[tuple[str, m.Element | m.Parameter]], args: Sequence[Any], env: Environment
) -> dict[str, Any] | None:
    """The arguments by name, converted to the parameters' types; None when one does not fit."""
    bound: dict[str, Any] = {}
    for (name, param), value in zip(params, args, strict=True):
        wanted = param.type.resolved if param.type is not None else None
        converted = value if wanted is None or value is None else conform(value, wanted, env, name)
        if converted is None and value is not None:
            return None
        bound[name] = converted
    return bound


class KnowledgeFunction(Function):
    """A business knowledge model as a function."""

    __slots__ = ("element", "frame", "logic")

    def __init__(self, element: m.Knowledge, logic: Any, frame: Frame) -> None:
        super().__init__(element.name, [each.name for each in element.params])
        self.element, self.logic, self.frame = element, logic, frame

    def call(self, env: Environment, args: Sequence[Any]) -> Any:
        """Bind and run; null when the arguments do not fit."""
        if len(args) != len(self.params) or self.logic is None:
            env.warn(f"{self.name}: wrong number of arguments")
            return None
        bound = _arguments([(each.name, each) for each in self.element.params], args, env)
        if bound is None:
            return None
        return self._run(env, bound)

    def call_named(self, env: Environment, args: Mapping[str, Any]) -> Any:
        """By name; a model that names no parameters takes whatever an invocation binds."""
        return super().call_named(env, args) if self.params or self.logic is None else self._run(env, dict(args))

    def _run(self, env: Environment, bound: dict[str, Any]) -> Any:
        with env.call():
            return _conform(self.logic(Frame(bound, env, self.frame)), self.element, env)


class ServiceFunction(Function):
    """A decision service as a function of its input data and input decisions."""

    __slots__ = ("elements", "program", "service", "session")

    def __init__(self, session: Session, program: Program, service: m.Service) -> None:
        hrefs = [*service.input_data, *service.input_decisions]
        found = [target for href in hrefs if (target := program.resolve(href)) is not None]
        self.elements = [
            ((() if name is None else (name,), owner.model.namespace, element_id), owner.model.elements[element_id])
            for owner, element_id, name in found
        ]
        super().__init__(service.name, [element.name for _, element in self.elements])
        self.session, self.program, self.service = session, program, service

    def call(self, env: Environment, args: Sequence[Any]) -> Any:
        """The output decision's value, or a context of them when there are several."""
        if len(args) != len(self.params):
            env.warn(f"{self.name}: wrong number of arguments")
            return None
        bound = _arguments([(element.name, element) for _, element in self.elements], args, env)
        if bound is None:
            return None
        outputs = self.outputs(bound)
        value = next(iter(outputs.values())) if len(outputs) == 1 else outputs
        return _conform(value, self.service, env)

    def outputs(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All output decisions by name, for inputs by name; nothing of the caller's own values is seen."""
        inner = Session(self.session.env, given, self.session.lenient)
        inner.traces = self.session.traces
        for key, element in self.elements:
            inner.values[key] = inner.given(element)
        found: dict[str, Any] = {}
        with self.session.env.call():
            for href in self.service.outputs:
                target = self.program.resolve(href)
                if target is not None:
                    owner, element_id, _ = target
                    found[owner.model.elements[element_id].name] = inner.value(owner, element_id)
        return found
