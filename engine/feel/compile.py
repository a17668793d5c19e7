"""FEEL text to something that runs: the cached `compile` and `compile_unary`, and `Expression`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from engine.feel import builtins as functions
from engine.feel import compile_data, compile_loops, compile_operators, compile_tests
from engine.feel.cursor import Cursor, index_names
from engine.feel.emit import emit
from engine.feel.environment import Environment
from engine.feel.errors import FeelBudgetError
from engine.feel.frame import Frame, Run
from engine.feel.nodes import Node, UnaryTests
from engine.feel.parser import parse, parse_unary

# Functions that the caller may add with `Environment.functions` and whose names hold spaces.
PILAR_FUNCTIONS = frozenset(
    {"add working days", "working days between", "is working day", "age", "deadline", "setting", "decide"}
)
Cursor.builtin_names = index_names([*functions.BUILTINS, *PILAR_FUNCTIONS])
LONG = 1_000
EMITTERS = (compile_operators, compile_data, compile_loops, compile_tests)


class Expression:
    """A compiled expression; immutable, shared between threads."""

    __slots__ = ("is_cell", "node", "run", "text")

    def __init__(self, text: str, node: Node) -> None:
        self.text = text
        self.node = node
        self.is_cell = isinstance(node, UnaryTests)
        self.run: Run = emit(node)

    def evaluate(self, variables: Mapping[str, Any], env: Environment, input: Any = None) -> Any:
        """The value for these variables. `input` is `?` in a table cell. Raises only FeelBudgetError."""
        frame = Frame(variables, env)
        if self.is_cell or input is not None:
            frame = Frame({"?": input}, env, frame)
        if env.active:
            return self.run(frame)
        return self._outermost(frame, env)

    def _outermost(self, frame: Frame, env: Environment) -> Any:
        """The expression that owns the budget; those it calls share it."""
        env.active = True
        env.begin()
        try:
            value = self.run(frame)
            kind = value.__class__
            if kind is list or kind is dict:
                charge_result(value, env)
            return value
        except FeelBudgetError as error:
            raise FeelBudgetError(error.resource, error.text or self.text) from None
        except RecursionError:
            raise FeelBudgetError("depth", self.text) from None
        finally:
            env.active = False

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def charge_result(value: Any, env: Environment) -> None:
    """Count a nested result once per mention, so that a small value that unfolds endlessly is refused."""
    pending = [value]
    while pending:
        found = pending.pop()
        env.charge()
        if found.__class__ is list:
            pending.extend(found)
        elif found.__class__ is dict:
            pending.extend(found.values())


def _special(names: Iterable[str]) -> frozenset[str]:
    """Only names that are not one word change how a text is read."""
    return frozenset(name for name in names if not name.isidentifier())


def _compiled(text: str, names: frozenset[str], unary: bool) -> Expression:
    return (_short if len(text) <= LONG else _long)(text, names, unary)


def _fresh(text: str, names: frozenset[str], unary: bool) -> Expression:
    node = parse_unary(text, names) if unary else parse(text, names)
    return Expression(text, node)


# Two caches, so that a few enormous texts cannot fill the memory that thousands of usual ones need.
_short = lru_cache(maxsize=10_000)(_fresh)
_long = lru_cache(maxsize=100)(_fresh)


def compile(text: str, names: Iterable[str] = ()) -> Expression:
    """The compiled expression, from the cache if it was met before. Raises FeelSyntaxError."""
    return _compiled(text, _special(names), False)


def compile_unary(text: str, names: Iterable[str] = ()) -> Expression:
    """The compiled table cell: evaluates to true, false or null for `input`. Raises FeelSyntaxError."""
    return _compiled(text, _special(names), True)
