"""Closures for `for`, `some`, `every` and function definitions."""

from __future__ import annotations

from collections.abc import Iterator as Yields
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engine.feel.emit import emit, emits
from engine.feel.environment import Environment
from engine.feel.external import external_function
from engine.feel.frame import Frame, Run
from engine.feel.nodes import Call, Filter, For, FunctionDefinition, Iterator, Name, Node, Quantified, TypeNode
from engine.feel.numbers import integer
from engine.feel.temporal import Date
from engine.feel.types import coerce, resolve
from engine.feel.values import Function, Range
from engine.feel.walk import walk

_ASKING = frozenset(("count", "sum", "min", "max", "mean", "product", "list contains"))  # what keeps no list
Source = tuple[str, Run, Run | None]


def _sources(iterators: list[Iterator]) -> list[Source]:
    return [(each.name, emit(each.source), emit(each.end) if each.end else None) for each in iterators]


def domain(start: Any, end: Any, ranged: bool, env: Environment) -> Sequence[Any] | None:
    """The values an iterator runs over; None when it has none."""
    if ranged:
        return _span(start, end, True, True, env)
    if isinstance(start, Range):
        if start.op is not None:
            return None
        return _span(start.start, start.end, start.start_included, start.end_included, env)
    if start is None or isinstance(start, list):
        return start
    return [start]


def _span(start: Any, end: Any, first: bool, last: bool, env: Environment) -> list[Any] | None:
    """Whole numbers or days from `start` to `end`, up or down."""
    if isinstance(start, Date) and isinstance(end, Date):
        return [Date.of_days(day) for day in _steps(start.days, end.days, first, last, env)]
    one, other = integer(start), integer(end)
    if one is None or other is None:
        return None
    return [Decimal(each) for each in _steps(one, other, first, last, env)]


def _steps(start: int, end: int, first: bool, last: bool, env: Environment) -> range:
    step = 1 if end >= start else -1
    found = range(start if first else start + step, end + step if last else end, step)
    env.check_size(abs(end - start))
    return found


def _frames(sources: list[Source], frame: Frame, extra: dict[str, Any]) -> Yields[Frame | None]:
    """One frame per combination, the last iterator fastest; None when an iterator has no values."""
    name, start, end = sources[0]
    values = domain(start(frame), end(frame) if end else None, end is not None, frame.env)
    if values is None:
        frame.env.warn(f"{name}: there is nothing to iterate over")
        yield None
        return
    for value in values:
        frame.env.charge()
        inner = Frame({name: value, **extra}, frame.env, frame)
        if len(sources) == 1:
            yield inner
        else:
            yield from _frames(sources[1:], inner, extra)


@emits(For)
def for_loop(node: For) -> Run:
    """The list of the body's values; `partial` is the list so far."""
    sources, body, kept = _sources(node.iterators), emit(node.body), _keeps_partial(node.body)

    def run(frame: Frame) -> list[Any] | None:
        results: list[Any] = []
        for inner in _frames(sources, frame, {"partial": results}):
            if inner is None:
                return None
            results.append(body(_with_partial(results, inner) if kept else inner))
            frame.env.check_size(len(results))
        return results

    return run


def _with_partial(results: list[Any], inner: Frame) -> Frame:
    inner.env.grow(len(results))
    return Frame({"partial": results[:]}, inner.env, inner)


def _keeps_partial(body: Node) -> bool:
    """Whether the body does more with `partial` than look into it: then each round needs a list of its own."""
    nodes = list(walk(body))
    looked = [node.base for node in nodes if isinstance(node, Filter)]
    for node in nodes:
        if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in _ASKING:
            looked += node.args
    return sum(map(_is_partial, nodes)) > sum(map(_is_partial, looked))


def _is_partial(node: Node) -> bool:
    return isinstance(node, Name) and node.name == "partial"


@emits(Quantified)
def quantified(node: Quantified) -> Run:
    """`some` is an `or` over all combinations, `every` an `and`."""
    sources, condition, deciding = _sources(node.iterators), emit(node.condition), not node.every

    def run(frame: Frame) -> bool | None:
        result: bool | None = not deciding
        for inner in _frames(sources, frame, {}):
            value = None if inner is None else condition(inner)
            if value is deciding:
                return bool(deciding)
            if not isinstance(value, bool):
                result = None
        return result

    return run


class Lambda(Function):
    """A function defined in FEEL, with the scope it was defined in."""

    __slots__ = ("body", "scope", "types")

    def __init__(self, params: Sequence[str], types: Sequence[TypeNode | None], body: Run, scope: Frame) -> None:
        super().__init__("function", params)
        self.types, self.body, self.scope = types, body, scope

    def call(self, env: Environment, args: Sequence[Any]) -> Any:
        """Bind the arguments (converted to the parameters' types) and run the body."""
        if len(args) != len(self.params):
            env.warn("function: wrong number of arguments")
            return None
        bound = []
        for value, wanted in zip(args, self.types, strict=True):
            fits, converted = _fit(value, wanted, env)
            if not fits:
                return None
            bound.append(converted)
        return self._run(env, dict(zip(self.params, bound, strict=True)))

    def _run(self, env: Environment, variables: dict[str, Any]) -> Any:
        with env.call():
            return self.body(Frame(variables, env, self.scope))


def _fit(value: Any, wanted: TypeNode | None, env: Environment) -> tuple[bool, Any]:
    """Whether the argument conforms, and the value it becomes."""
    found = resolve(wanted, env) if wanted is not None else None
    if found is None or value is None:
        return True, value
    converted = coerce(value, found)
    if converted is None:
        env.warn("function: an argument is not of the parameter's type")
        return False, None
    return True, converted


@emits(FunctionDefinition)
def function_definition(node: FunctionDefinition) -> Run:
    """A function value that remembers its scope."""
    names, types = [name for name, _ in node.params], [wanted for _, wanted in node.params]
    body = emit(node.body)
    if node.external:
        return lambda frame: external_function(names, body(frame), frame.env)
    return lambda frame: Lambda(names, types, body, frame)
