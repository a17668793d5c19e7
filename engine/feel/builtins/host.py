"""Functions of the caller (`Environment.functions`) as FEEL functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from engine.feel.codec import from_python
from engine.feel.environment import Environment
from engine.feel.errors import NullResult
from engine.feel.values import Function


class HostFunction(Function):
    """A Python callable: FEEL values in, a FEEL or plain Python value out. `birth_date` is named “birth date”."""

    __slots__ = ("required", "run")

    def __init__(self, name: str, run: Callable[..., Any]) -> None:
        params, self.required = _parameters(run)
        super().__init__(name, params)
        self.run = run

    def call(self, env: Environment, args: Sequence[Any]) -> Any:
        """By position; a wrong number gives null, and so does NullResult from the function."""
        env.charge()
        if not self.required <= len(args) <= len(self.params):
            env.warn(f"{self.name}: wrong number of arguments")
            return None
        try:
            return from_python(self.run(*args))
        except NullResult as problem:
            env.warn(f"{self.name}: {problem}")
            return None

    def call_named(self, env: Environment, args: Mapping[str, Any]) -> Any:
        """By name; trailing optional parameters may be left out."""
        wanted = self.params[: max((self.params.index(name) + 1 for name in args if name in self.params), default=0)]
        if set(args) - set(wanted) or set(self.params[: self.required]) - set(args):
            env.warn(f"{self.name}: wrong parameter names")
            return None
        return self.call(env, [args.get(name) for name in wanted])


@lru_cache(maxsize=500)
def _parameters(run: Callable[..., Any]) -> tuple[tuple[str, ...], int]:
    found = inspect.signature(run).parameters.values()
    required = sum(each.default is inspect.Parameter.empty for each in found)
    return tuple(each.name.rstrip("_").replace("_", " ") for each in found), required


def host_function(name: str, run: Any) -> Function:
    """The FEEL function of a callable; a FEEL function stays itself."""
    return run if isinstance(run, Function) else HostFunction(name, run)
